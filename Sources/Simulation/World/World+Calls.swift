import Invariants
import ReconcileTesting
import Reconciler
import Specs

// Calls on their way to the engine and back.

extension World {
    /// How long the driver waits for an answer.
    static let deadline = Duration.seconds(30)

    mutating func send(_ effect: Effect) {
        switch effect {
        case .observe(let ticket, let interest):
            figures.reads += 1
            launch(WireCall(run: run, ticket: ticket, request: .observe(interest), fate: fate(isRead: true)))
        case .look(let ticket, let containers, let owner, let asksPreflight):
            figures.reads += 1
            launch(
                WireCall(
                    run: run, ticket: ticket,
                    request: .look(containers: containers, owner: owner, preflight: asksPreflight),
                    fate: fate(isRead: true)))
        case .apply(let ticket, let step):
            let step = sabotaged(rules: step)
            figures.steps += 1
            if !step.isRead { figures.changes += 1 }
            let facts = CallFacts(step)
            let isPoisoned = poisoned != nil && facts.member?.object.name == poisoned
            launch(
                WireCall(
                    run: run, ticket: ticket, request: .apply(step, facts),
                    fate: isPoisoned ? .hung : fate(isRead: false)))
            emit(.sent(run: run, call: lastCall, facts))
            forgeCompany(of: step)
        case .giveUp(let ticket): giveUp(ticket)
        case .bind(let ticket, let binding):
            launch(WireCall(run: run, ticket: ticket, request: .bind(binding), fate: fate(isRead: false)))
        case .run(let ticket, let hook, let container):
            launch(WireCall(run: run, ticket: ticket, request: .run(hook, container), fate: fate(isRead: false)))
        case .rewrite(_, let claim): rewrite(claim)
        case .answer(let ask, let result): reply(to: ask, result)
        case .measure(let ticket, let questions): measure(ticket, questions)
        case .order: break
        }
    }

    @discardableResult
    mutating func launch(_ call: WireCall) -> UInt64 {
        lastCall += 1
        calls[lastCall] = call
        let travel = between(1, 20)
        switch call.fate {
        case .hung: if bug != .neverAnswer || call.member == nil { fail(lastCall, .timedOut, in: Self.deadline) }
        case .late:
            fail(lastCall, .timedOut, in: Self.deadline)
            schedule(.arrives(lastCall), in: Self.deadline + between(0, 20_000))
        case .requestLost: fail(lastCall, .engineUnreachable, in: travel)
        default: schedule(.arrives(lastCall), in: travel + slowness(of: call))
        }
        return lastCall
    }

    private mutating func slowness(of call: WireCall) -> Duration {
        guard case .apply(let step, _) = call.request else {
            switch call.request {
            case .bind(let binding): return binding.hook == nil ? .zero : between(20, 2_000)
            case .run: return between(20, 2_000)
            default: return .zero
            }
        }
        return switch step {
        case .pullImage: between(100, 3_000)
        case .start: between(100, 300)
        case .stop: between(10, 1_500)
        default: .zero
        }
    }

    private mutating func fate(isRead: Bool) -> WireCall.Fate {
        guard chance(faults.contains(.badConnection) ? trouble.badCall : trouble.call) else { return .good }
        figures.faults += 1
        if isRead { return pick([.refused, .refused, .requestLost, .replyDoubled, .hung]) }
        return pick([.refused, .requestLost, .replyLost, .replyLost, .requestDoubled, .replyDoubled, .late, .hung])
    }

    /// The driver gives up; whatever happens to the request, nobody waits for it.
    mutating func fail(_ call: UInt64, _ code: DriverError.Code, in delay: Duration) {
        guard let request = calls[call]?.request else { return }
        let message = code == .timedOut ? "the engine did not answer in time" : "the connection broke"
        switch request {
        case .observe:
            let error = DriverError(.transient, code, message, at: "GET /containers/json")
            calls[call]?.answer = .observed(.failure(error), asOf: 0, made: now, unread: [])
        case .look:
            let error = DriverError(.transient, code, message, at: "GET /containers/json")
            calls[call]?.answer = .looked(.failure(error), asOf: 0, made: now, nil)
        case .apply:
            let error = DriverError(.unknown, code, message, at: "a step")
            calls[call]?.answer = .stepEnded(.failure(error), .failed(.unknown, message))
        case .bind: calls[call]?.answer = .bound(.failure(DriverError(.unknown, code, message, at: "a binding")))
        case .run: calls[call]?.answer = .ran(.failure(DriverError(.unknown, code, message, at: "a hook")))
        }
        schedule(.answered(call), in: delay)
    }

    private mutating func giveUp(_ ticket: Ticket) {
        guard let call = calls.first(where: { $0.value.ticket == ticket && $0.value.run == run })?.key else { return }
        emit(.gaveUp(call: call))
        fail(call, .timedOut, in: between(1, 5))
    }

    // MARK: At the engine

    mutating func arrive(_ id: UInt64) {
        guard let call = calls[id] else { return }
        switch call.request {
        case .observe(let interest): list(id, interest)
        case .look(let containers, let owner, _): look(id, at: containers, owner)
        case .apply(let step, _): carryOut(id, step)
        case .bind(let binding): bind(id, binding)
        case .run(let hook, let container): run(id, hook, in: container)
        }
    }

    private mutating func carryOut(_ id: UInt64, _ step: Step) {
        guard let call = calls[id] else { return }
        let isAwaited = call.fate != .late
        if call.fate == .refused || isSabotaged(step) {
            let error = DriverError(.transient, .serverError, "the engine is busy", at: "a step")
            return finish(id, .stepEnded(.failure(error), .failed(.transient, error.message)))
        }
        cause = .call(id)
        defer { cause = .engine }
        let result = apply(step)
        if call.fate == .requestDoubled { _ = apply(step) }
        guard isAwaited else {
            // The driver has given up, and has said so.
            calls[id] = nil
            return
        }
        if call.fate == .replyLost { return fail(id, .engineUnreachable, in: between(1, 20)) }
        finish(id, .stepEnded(result, reply(to: result)))
    }

    private mutating func apply(_ step: Step) -> Result<StepResult, DriverError> {
        let before = engine.containers.count
        let isRunning = step.takesAway.map { engine.containers[$0.id]?.status == .running } ?? false
        let result = Result { () throws(DriverError) in
            try engine.apply(
                step,
                probeSucceeds: isProbeOfNeverReady(step)
                    ? false : trouble == .none || Bool.random(using: &dice))
        }
        if isRunning, case .success = result { figures.disruptions += 1 }
        if bug == .leadToStopped, case .applyFirewall(let intent) = step {
            sabotage.keptAddresses.formUnion(intent.traffic.allAddresses)
        }
        if case .createContainer(let intent) = step, engine.containers.count > before,
            case .success(.container(let id, _)) = result
        {
            signatures[id] = Signature(of: intent.container)
            if intent.container.template.healthCheck?.command == ["false"] { neverReady.insert(id) }
            if let run = RunOrder(intent) { runs[id] = run }
        }
        reportChanges()
        return result
    }

    private func isProbeOfNeverReady(_ step: Step) -> Bool {
        if case .probe(let container, _) = step { neverReady.contains(container.id) } else { false }
    }

    private func reply(to result: Result<StepResult, DriverError>) -> TraceEvent.Reply {
        switch result {
        case .failure(let error): return .failed(error.disposition, error.message)
        case .success(.container(_, let container?)):
            return .done(asOf: checker.engineEvents, probed: container.probed)
        case .success: return .done(asOf: checker.engineEvents, probed: false)
        }
    }

    mutating func finish(_ id: UInt64, _ answer: WireCall.Answer) {
        calls[id]?.answer = answer
        schedule(.answered(id), in: between(1, 20))
    }

    // MARK: Looks

    /// The list is made first, and each container of it is inspected a moment later.
    private mutating func list(_ id: UInt64, _ interest: Interest) {
        guard engine.isUp, calls[id]?.fate != .refused else {
            return fail(id, .engineUnreachable, in: between(1, 20))
        }
        var listed = Set(engine.containers.keys).subtracting(sabotage.hidden)
        // A list may be behind.
        if chance(trouble.unlisted), let hidden = engine.containers.keys.sorted().randomElement(using: &dice) {
            listed.remove(hidden)
            figures.faults += 1
        }
        if chance(trouble.unreadable), let bad = engine.containers.keys.sorted().randomElement(using: &dice) {
            calls[id]?.unreadable = [bad]
            figures.faults += 1
        }
        calls[id]?.listed = listed
        schedule(.inspected(id), in: between(1, 10))
    }

    mutating func inspect(_ id: UInt64) {
        guard let call = calls[id], case .observe(let interest) = call.request, let listed = call.listed else { return }
        emit(.read)
        let unseen = Set(engine.containers.keys).subtracting(listed).subtracting(interest.known)
        do throws(DriverError) {
            let state = try engine.observe(interest, unlisted: unseen, unreadable: call.unreadable)
            finish(
                id,
                .observed(
                    .success(state), asOf: checker.engineEvents, made: now,
                    unread: (unseen.union(call.unreadable)).sorted()))
        } catch {
            fail(id, .engineUnreachable, in: between(1, 20))
        }
    }

    private mutating func look(_ id: UInt64, at containers: [String], _ owner: String) {
        guard calls[id]?.fate != .refused else { return fail(id, .engineUnreachable, in: between(1, 20)) }
        emit(.read)
        var found: [String: ObservedContainer?] = [:]
        do throws(DriverError) {
            for container in containers {
                found.updateValue(try engine.observe(container: container, owner: owner), forKey: container)
            }
            var facts: PreflightFacts?
            if case .look(_, _, true)? = calls[id]?.request { facts = engine.preflight }
            finish(id, .looked(.success(found), asOf: checker.engineEvents, made: now, facts))
        } catch {
            fail(id, .engineUnreachable, in: between(1, 20))
        }
    }

    // MARK: Back

    mutating func answer(_ id: UInt64) {
        guard let call = calls[id], let answer = call.answer else { return }
        calls[id] = call.fate == .late ? call.withoutAnswer : nil
        guard call.run == run, program != nil else { return }
        // After the answer, and before anything is made of it.
        if journal.reach() { return crash() }
        if call.fate == .replyDoubled, !call.isEcho {
            calls[id] = call
            calls[id]?.isEcho = true
            schedule(.answered(id), in: between(1, 500))
        }
        // An answer that was given before is news to nobody.
        if !call.isEcho { record(answer, to: id) }
        if call.isForged { return }
        if case .apply(let step, _) = call.request, case .stepEnded(let result, _) = answer {
            forgeEcho(of: step, result)
        }
        switch answer {
        case .observed(let result, _, _, _): tell(.observed(call.ticket, result.map { sabotaged($0) }))
        case .looked(let result, _, _, let facts):
            tell(.looked(call.ticket, result.map { sabotaged($0) }, preflight: facts))
        case .bound(let result): tell(.bound(call.ticket, result))
        case .ran(let result): tell(.ran(call.ticket, result))
        case .stepEnded(let result, _): tell(.stepEnded(call.ticket, result))
        }
    }

    private mutating func record(_ answer: WireCall.Answer, to id: UInt64) {
        switch answer {
        case .observed(.success(let state), let event, let made, let unread):
            emit(.rules(inForce: ruled(by: state.firewall), look: state.firewall.sequence))
            emit(.led(to: led(by: state.firewall), look: state.firewall.sequence))
            emit(.observed(asOf: event, made: made, isComplete: state.isComplete, unread: unread))
        case .looked(.success(let found), let event, let made, _):
            emit(.looked(asOf: event, made: made, containers: found.keys.sorted()))
        case .stepEnded(let result, let reply):
            if case .success(.firewall(let facts)) = result {
                emit(.rules(inForce: ruled(by: facts), look: facts.sequence))
                emit(.led(to: led(by: facts), look: facts.sequence))
            }
            emit(.replied(call: id, reply))
        case .observed, .looked, .bound, .ran: break
        }
    }

    /// Whose rules are in force by these facts. A seeded bug has them say so of rules that are not there.
    func ruled(by facts: FirewallFacts) -> [ResourceID] {
        guard bug != .trustTheFilter, let program else { return [] }
        // The question may have been about the revision in force, or about the one that is to be.
        let intents = [program.loop.desired?.firewall, program.loop.nextDesired?.firewall]
        let bridges = intents.compactMap { $0?.bridges }.joined()
        return Set(bridges.filter { facts.inForce[$0.bridge] != nil }.map(\.object)).sorted()
    }

    /// Somebody flushes the packet filter, and the kernel tells of it, or does not.
    mutating func flushFilter() {
        figures.faults += 1
        engine.filter.flush()
        guard !chance(trouble.lostHint), program?.loop.isRunning == true else { return }
        let facts = engine.filter.facts(for: program?.loop.desired?.firewall)
        emit(.rules(inForce: ruled(by: facts), look: facts.sequence))
        emit(.led(to: led(by: facts), look: facts.sequence))
        tell(.firewall(facts))
    }

    /// Where ports lead by these facts. A seeded bug has the filter keep what it should not, and the facts not say so.
    func led(by facts: FirewallFacts) -> [String] {
        let kept = bug == .leadToStopped ? sabotage.keptAddresses : []
        return kept.union(facts.traffic?.allAddresses ?? []).sorted()
    }
}

extension TrafficMap {
    /// Everybody whom some port leads to.
    var allAddresses: [String] { Set(routes.flatMap(\.members).map(\.address.description)).sorted() }
}
