import Invariants
import ReconcileTesting
import Reconciler
import Specs

// What happens in the engine, and who hears of it.

extension World {
    /// Says what changed in the engine, and lets those hear of it who listen.
    mutating func reportChanges() {
        for change in engine.takeChanges() {
            switch change {
            case .container(let id):
                guard let container = engine.containers[id] else {
                    signatures[id] = nil
                    runs[id] = nil
                    claimFiles[id] = nil
                    emit(.containerGone(id, cause))
                    continue
                }
                emit(.container(facts(of: container), cause))
                if container.status == .running, container.health == .starting {
                    schedule(
                        .verdict(container: id, startedAt: container.startedAt), in: between(4_000, 12_000))
                }
                if container.status == .running, let run = runs[id] {
                    schedule(.exits(container: id, startedAt: container.startedAt), in: .seconds(run.seconds))
                }
            case .network(let name):
                guard let network = engine.networks[name] else {
                    emit(.networkGone(name, cause))
                    continue
                }
                let object = network.mark?.owner == host.owner ? network.mark?.object : nil
                emit(.network(NetworkFacts(name: name, object: object), cause))
            case .image(let reference): emit(.image(reference: reference, id: engine.images[reference]?.id))
            case .volume: break
            }
        }
        for event in engine.takeEvents() where isStreamOpen && event.owner == host.owner {
            if chance(trouble.lostHint) { continue }
            schedule(.hint(run: run, event.hint), in: between(1, 30))
            if chance(trouble.doubledHint) { schedule(.hint(run: run, event.hint), in: between(1, 3_000)) }
        }
    }

    private func facts(of container: FakeContainer) -> ContainerFacts {
        let isOurs = container.mark?.owner == host.owner
        var facts = ContainerFacts(
            id: container.id, name: container.name, member: isOurs ? container.mark?.memberID : nil,
            incarnation: container.mark?.member?.incarnation ?? 0, signature: signatures[container.id] ?? 0,
            imageID: container.imageID, status: container.status, health: container.health,
            startedAt: container.startedAt, live: container.live, network: container.network)
        facts.exitCode = container.exitCode
        facts.address = container.address
        return facts
    }

    /// Somebody with root does something to the engine.
    mutating func byHand(_ change: (inout FakeEngine) -> Void) {
        cause = .person
        change(&engine)
        reportChanges()
        cause = .engine
    }

    /// The engine or a container does something by itself.
    mutating func byItself(_ change: (inout FakeEngine) -> Void) {
        change(&engine)
        reportChanges()
    }

    mutating func exit(_ id: String, _ startedAt: String) {
        guard let container = engine.containers[id], container.startedAt == startedAt, let run = runs[id] else {
            return
        }
        if container.status == .exited { return startAgain() }
        // Frozen processes end when they are thawed.
        if container.status == .paused { return schedule(.exits(container: id, startedAt: startedAt), in: .seconds(1)) }
        byItself { $0.stopByHand(id, exitCode: run.exitCode) }
        if bug == .repeatRun { schedule(.exits(container: id, startedAt: startedAt), in: .seconds(1)) }
    }

    mutating func giveVerdict(on id: String, _ startedAt: String) {
        guard let container = engine.containers[id], container.startedAt == startedAt,
            container.status == .running, container.health == .starting, !neverReady.contains(id)
        else { return }
        let isWell = trouble == .none || !chance(150)
        byItself { $0.setHealth(id, isWell ? .healthy : .unhealthy) }
    }
}

/// What the container of a run is told to do: `run 5 "1 0"` takes 5 seconds, fails the first time and succeeds then.
struct RunOrder {
    var seconds: Int
    var exitCode: Int

    init?(_ intent: MemberIntent) {
        let command = intent.container.template.command ?? []
        guard intent.mark.object.kind == .scheduledTask, command.count == 3, let seconds = Int(command[1]) else {
            return nil
        }
        let codes = command[2].split(separator: " ").compactMap { Int($0) }
        let attempt = intent.mark.member?.incarnation ?? 1
        guard let last = codes.last else { return nil }
        self.seconds = seconds
        exitCode = attempt <= codes.count ? codes[attempt - 1] : last
    }
}

extension CallFacts {
    init(_ step: Step) {
        func about(
            _ verb: Verb, _ reference: ContainerReference, live: LiveSettings? = nil, name: String? = nil
        ) -> CallFacts {
            CallFacts(
                verb, step: step.name, subject: step.subject, member: reference.member, container: reference.id,
                live: live, name: name)
        }
        self =
            switch step {
            case .pullImage: CallFacts(.pull, step: step.name, subject: step.subject)
            case .createNetwork: CallFacts(.createNetwork, step: step.name, subject: step.subject)
            case .removeNetwork: CallFacts(.removeNetwork, step: step.name, subject: step.subject)
            case .createVolume: CallFacts(.createVolume, step: step.name, subject: step.subject)
            case .createContainer(let intent):
                CallFacts(
                    .create, step: step.name, subject: step.subject, member: intent.mark.memberID,
                    incarnation: intent.mark.member?.incarnation, signature: Signature(of: intent.container))
            case .start(let reference): about(.start, reference)
            case .probe(let reference, _): about(.probe, reference)
            case .update(let reference, let live): about(.update, reference, live: live)
            case .pause(let reference): about(.pause, reference)
            case .unpause(let reference): about(.unpause, reference)
            case .rename(let reference, let name): about(.rename, reference, name: name)
            case .stop(let reference, _): about(.stop, reference)
            case .remove(let reference): about(.remove, reference)
            case .applyFirewall: CallFacts(.applyFirewall, step: step.name, subject: step.subject)
            }
        if case .applyFirewall(let intent) = step {
            addresses = intent.traffic.allAddresses
            for member in intent.traffic.routes.flatMap(\.members) {
                weights[member.address.description] = member.weight
            }
        }
    }
}
