import Logging
import Specs

extension ControlLoop {
    /// Begins the first step of an action, or asks what it must know before.
    ///
    /// - Returns: whether the turn goes on until an answer comes.
    mutating func pursue(_ action: Action) -> Bool {
        let key = action.key
        guard let step = action.steps.first else { return waitForDocker(key) }
        if let loop = repeatedRepair(step, of: action) {
            giveUp(key, loop)
            return false
        }
        if evictHolders(for: action) { return false }
        guard let reference = step.takesAway else { return begin(step, of: action) }
        // Before something is taken away the host is asked once more whether it is still as it was when we decided.
        // All of the slot: what takes over must still be running too.
        let slot = informer.observed.containers(of: reference.member.object, slot: reference.member.slot)
        ask(
            .look(newTicket(), containers: slot.map { $0.id }, owner: host.owner, preflight: true),
            for: .confirmation(key, step, began: informer.sequence))
        return true
    }

    /// Docker itself is at work on the container, so there is nothing to do but to look at it again soon.
    private mutating func waitForDocker(_ key: Key) -> Bool {
        guard case .member(let member) = key,
            let container = informer.observed.containers(of: member.object, slot: member.slot).last
        else {
            addAgain(key, at: now.uptime + settings.probeInterval)
            return false
        }
        look(at: container.id, turn: key)
        return true
    }

    mutating func confirmed(
        _ step: Step, of key: Key, began: UInt64, _ result: Result<[String: ObservedContainer?], DriverError>
    ) {
        switch result {
        case .failure(let error): failed(step, of: key, error)
        case .success(let containers):
            for (id, container) in containers.sorted(by: { $0.key < $1.key })
            where !informer.isOlder(began, than: id) {
                informer.record(.container(id: id, container), began: began)
            }
            if let object = key.object { noticed(object) }
            let next = nextAction(of: key)
            if !isStopping, let next, next.verdict == .go, next.steps.first == step, informer.isCurrent {
                if begin(step, of: next) { return }
            } else {
                addAgain(key)
            }
        }
        end(key)
    }

    // MARK: Begin

    /// Writes the intent down and asks for the step.
    ///
    /// - Returns: false when the store refuses: what cannot be written down is not done.
    private mutating func begin(_ step: Step, of action: Action) -> Bool {
        let key = action.key
        let intent = step.isRead ? nil : intent(of: step, key)
        var before: [StateChange] = intent.map { [.begin($0)] } ?? []
        let retiring = retirement(by: step, of: action)
        if let retiring { before.insert(.transition(retiring, from: .ready, to: .retiring), at: 0) }
        if !before.isEmpty {
            do throws(StateStoreError) {
                try writeDown(before, intent == nil ? nil : auditEntry(step, of: action))
            } catch {
                return couldNotWriteDown(key, error)
            }
        }
        if let retiring { phases[retiring] = .retiring }
        let ticket = newTicket()
        var flight = Flight(ticket: ticket, intent: intent?.id, action: action, step: step, begun: now.uptime)
        if let pool = step.creation?.member.object, pool.kind == .warmPool {
            flight.mostUnclaimed = view(of: pool)?.roster?.mostUnclaimed
            began(pool)
        }
        flights[key] = flight
        ask(.apply(ticket, step), for: .step(key))
        return true
    }

    private func auditEntry(_ step: Step, of action: Action) -> AuditEntry {
        AuditEntry(
            time: now.wall, actor: "reconcile", action: step.name, object: action.key.description,
            detail: "\(step.subject): \(action.reason)", revision: desired?.revision.id)
    }

    private mutating func couldNotWriteDown(_ key: Key, _ error: StateStoreError) -> Bool {
        complain(error)
        // Somebody else has the member.
        if error.code == .conflict { doubt(key) }
        let delay = limiter.delay(for: key, now: now.uptime)
        if !hasFailedTooOften(key, Stall(.refused, "state store: \(error)")) { addAgain(key, at: now.uptime + delay) }
        return false
    }

    private mutating func intent(of step: Step, _ key: Key) -> Intent {
        Intent(
            id: newIntentID(), key: key, step: step.name, subject: step.subject, incarnation: step.incarnation,
            revision: desired?.revision.id ?? "", observation: informer.sequence,
            engine: informer.observed.engine.start, begun: now.wall)
    }

    /// The member that the step takes away for good and that nobody has taken yet.
    private func retirement(by step: Step, of action: Action) -> MemberInstance? {
        guard action.verb == .replace || action.verb == .remove, let reference = step.takesAway,
            let container = informer.observed.containers[reference.id],
            phases[container.instance] != .retiring
        else { return nil }
        return container.instance
    }

    // MARK: End

    mutating func stepEnded(_ ticket: Ticket, _ result: Result<StepResult, DriverError>) {
        guard case .step(let key)? = errands.removeValue(forKey: ticket), let flight = flights.removeValue(forKey: key)
        else { return }
        switch result {
        case .success(let result):
            if case .start = flight.step { noteStart(flight, isFailure: false) }
            if case .image(let reference, let image) = result, informer.observed.images[reference] != image {
                noticeMovedTags([reference])
            }
            informer.record(result)
            finish(flight, .done)
            finished(flight, result)
        case .failure(let error):
            if case .start = flight.step { noteStart(flight, isFailure: error.disposition == .unknown) }
            finish(flight, outcome(of: flight.step, error))
            failed(flight.step, of: key, intent: flight.intent, error)
        }
        end(key)
        if let object = key.object { noticed(object) }
        for id in (hintsDuringSteps.removeValue(forKey: key) ?? []).sorted() { look(at: id, turn: nil) }
    }

    private mutating func noteStart(_ flight: Flight, isFailure: Bool) {
        concurrency.ended(
            begun: flight.begun, at: now.uptime, inFlight: flights.count + 1, isFailure: isFailure)
    }

    private mutating func finish(_ flight: Flight, _ outcome: StepOutcome) {
        guard let intent = flight.intent else { return }
        // What may have happened stays open until a look has settled it, or a crash would forget the doubt.
        if outcome.isKnown { note(.end(intent: intent, outcome)) }
        guard let message = outcome.message else { return }
        let entry = AuditEntry(
            time: now.wall, actor: "reconcile", action: flight.step.name + "-" + outcome.name,
            object: flight.action.key.description, detail: "\(flight.step.subject): \(message)")
        // That it was begun is in the log; how it ended is in the journal as well.
        do throws(StateStoreError) { try audit?.append([entry], isSynced: false) } catch { complain(error) }
    }

    private mutating func finished(_ flight: Flight, _ result: StepResult) {
        let (key, step) = (flight.action.key, flight.step)
        stalls[key] = nil
        if case .probe = step, case .container(_, let container) = result {
            guard let container, container.isReady else {
                return addAgain(key, at: now.uptime + pauseBetweenProbes(of: key))
            }
            informer.remember(probeOf: container)
            note(.probed(container: container.id, startedAt: container.startedAt))
        }
        if !step.isRead { stepsTaken += 1 }
        if case .start = step, case .stopped = flight.action.reason, let object = key.object, object.kind == .warmPool {
            pools[object, default: PoolWatch()].meter.crashed += 1
        }
        limiter.forget(key)
        remember(flight)
        addAgain(key)
        if case .applyFirewall = step { wakeAfterFirewall() }
        if let object = key.object {
            wakeHeldKeys(of: object)
            // A network that waits for its last member is looked at again when a member goes.
            if case .remove = step { add(.object(object), queue.lane(ofTurn: key) ?? .prune) }
            // What was kept for those who were on it is needed no more.
            if case .removeNetwork = step { add(.firewall, .prune) }
        }
        logger.info(
            "step done",
            metadata: [
                "event": "step.done", "object": "\(key)", "step": "\(step.name)", "reason": "\(flight.action.reason)",
                "duration_ms": .stringConvertible(Int((now.uptime - flight.begun) / .milliseconds(1))),
                "revision": "\(desired?.revision.id ?? "none")",
            ])
        if !step.isRead { note(event(.normal, key, step.eventReason, "\(step.subject): \(flight.action.reason)")) }
    }

    /// A tenth of the time since the start: what is slow to come up is asked less and less often, and is found ready
    /// hardly later for it.
    private func pauseBetweenProbes(of key: Key) -> Duration {
        guard case .member(let member) = key else { return settings.probeInterval }
        let age = now.uptime - (restarts.lastStart(of: member) ?? .zero)
        return max(settings.probeInterval, min(age / 10, settings.longestProbeInterval))
    }

    private mutating func remember(_ flight: Flight) {
        let (key, step) = (flight.action.key, flight.step)
        switch step {
        case .createContainer(let intent):
            repairs.made(step, of: key, at: now.uptime)
            if case .member(let member) = key { restarts.forget(member) }
            guard let member = intent.mark.memberID, let incarnation = intent.mark.member?.incarnation,
                member.object.kind != .scheduledTask
            else { return }
            informer.setIncarnation(incarnation, of: member)
            note(.seen(MemberInstance(member, incarnation)))
            if member.object.kind == .warmPool {
                wasMade(MemberInstance(member, incarnation), most: flight.mostUnclaimed)
            }
        case .update, .rename: repairs.made(step, of: key, at: now.uptime)
        case .start(let reference): restarts.started(reference.member, at: now.uptime)
        case .pullImage(let reference): informer.setRefreshed(reference)
        default: break
        }
    }

    /// The same repair twice without a quiet plan in between means that the host does not keep what it is told.
    private func repeatedRepair(_ step: Step, of action: Action) -> Stall? {
        let isSingleRun = if case .untilSettled = mode { true } else { false }
        let outlook = repairs.objection(
            to: step, of: action.key, in: informer.observed, at: now.uptime, isLast: isSingleRun,
            isReplacement: action.verb == .replace
        ) { phases[$0.instance] == .retiring }
        guard let outlook else { return nil }
        return Stall(.notConverged, "still differs after a repair: \(action.reason)\(outlook)")
    }

    // MARK: Failure

    /// Looks at everything before the key has another turn: a conflict may come from something that carries no mark of
    /// ours.
    private mutating func doubt(_ key: Key, _ doubt: Doubt = Doubt()) {
        doubts[key] = doubt
        observe()
    }

    private func disposition(of step: Step, _ error: DriverError) -> DriverError.Disposition {
        // The image went away after we looked, so a look plans the pull.
        if error.code == .imageNotFound, case .createContainer = step { return .conflict }
        // It came to use more after we looked, so a look plans what becomes of the limit.
        if error.code == .memoryInUse, case .update = step { return .conflict }
        return error.disposition
    }

    private func outcome(of step: Step, _ error: DriverError) -> StepOutcome {
        switch disposition(of: step, error) {
        case .transient: .retry(error.description)
        case .conflict: .observeAgain(error.description)
        case .unknown: .unknown(error.description)
        case .terminal: .stalled(error.description)
        }
    }

    private mutating func failed(_ step: Step, of key: Key, intent: Int64? = nil, _ error: DriverError) {
        let retries = limiter.failures(of: key) + 1
        logger.warning(
            "step failed",
            metadata: [
                "event": "step.failed", "object": "\(key)", "step": "\(step.name)", "message": "\(error)",
                "code": "\(error.code.rawValue)", "disposition": "\(error.disposition.rawValue)",
                "failures": .stringConvertible(retries),
            ])
        // The first of a kind, and then fewer and fewer: a store of events is no log.
        if retries & (retries - 1) == 0 {
            note(event(.warning, key, "StepFailed", "\(step.name) \(step.subject): \(error)"))
        }
        if error.code == .taskExists, case .start(let container) = step {
            informer.giveUp(on: container.id)
            // Another in its place is no loop: that this one was made has held.
            repairs.forget(key)
        }
        let delay = limiter.delay(for: key, now: now.uptime)
        let disposition = disposition(of: step, error)
        switch disposition {
        case .terminal: markStalled(key, Stall(.refused, error.description))
        case .conflict: doubt(key)
        case .unknown:
            doubt(key, Doubt(step, of: key, intent: intent, outcome(of: step, error)))
            // If it has happened it was a repair like any other, and the next one alike is a loop.
            if step.creation != nil { repairs.made(step, of: key, at: now.uptime) }
        case .transient: break
        }
        if case .untilSettled = mode, disposition == .terminal { return }
        if hasFailedTooOften(key, Stall(.refused, error.description)) { return }
        let wait = disposition == .terminal ? max(delay, settings.resyncInterval) : delay
        addAgain(key, at: now.uptime + wait)
    }

    /// A single run gives up on a key that fails and fails; the daemon tries for ever.
    private mutating func hasFailedTooOften(_ key: Key, _ stall: Stall) -> Bool {
        guard case .untilSettled = mode, limiter.failures(of: key) >= settings.failuresBeforeStall else { return false }
        markStalled(key, stall)
        return true
    }
}
