import Reconciler
import Specs

extension Checker {
    /// A container is about to be stopped or removed.
    mutating func checkLoss(_ call: CallFacts) {
        guard let inForce, let id = call.container, let member = call.member else { return }
        guard let victim = mirror.containers[id]?.known else { return }
        if call.verb == .stop, isUnwell(victim, inForce) { return }
        if !lastLookIsComplete {
            violate(.justifiedDeletion, "\(words(call)) on the word of an observation that is not complete")
        }
        let object = inForce.objects[member.object]
        checkWindow(ofLoss: call, victim, object)
        guard let object else { return checkPruning(call, victim.name, inForce) }
        if !object.isOurs {
            return violate(.justifiedDeletion, "\(words(call)), and this host has no say about its object")
        }
        if let task = object.task { return checkEnd(call, victim, object, task) }
        if checkDraining(call, victim, object) { return }
        if object.isPool { return checkPoolLoss(call, victim, object) }
        if member.slot >= object.slots { return checkServing(call, victim, object) }
        let others = mirror.known(of: member).filter { $0.id != id }
        let successors = others.filter { mirror.fitsAsKnown($0, object) }
        if successors.contains(where: mirror.isReady) { return }
        if mirror.fitsAsKnown(victim, object) {
            // Two of a kind, and neither does any work yet.
            if !mirror.isReady(victim), !successors.isEmpty { return }
            return violate(.justifiedDeletion, "\(words(call)), which is as git says and has no successor")
        }
        // Of two of before one is in the way, and the other one goes on.
        if others.contains(where: mirror.isReady) { return checkSuperseded(call, victim, by: others) }
        checkBudget(call, victim, object)
    }

    /// What does the work is the newer one, or the one that did it before.
    private mutating func checkSuperseded(_ call: CallFacts, _ victim: ContainerFacts, by others: [ContainerFacts]) {
        guard led.contains(victim.address), !others.contains(where: { led.contains($0.address) }) else { return }
        violate(.budget, "\(words(call)), which is led to, and spares one that is not")
    }

    /// More than a tenth of all that is ours goes only with a person's word.
    private mutating func checkPruning(_ call: CallFacts, _ name: String, _ inForce: RevisionFacts) {
        let members = mirror.containers.values.compactMap { $0.known?.member }
        let undeclared = members.count { inForce.objects[$0.object] == nil }
        if undeclared > max(1, members.count / 10), approved[inForce.id]?.contains(name) != true {
            violate(
                .vanishedRevision,
                "\(words(call)): '\(inForce.id)' removes \(undeclared) of \(members.count) containers unasked")
        }
    }

    /// Stopped in order to be started again: it does no work anyway.
    private func isUnwell(_ victim: ContainerFacts, _ inForce: RevisionFacts) -> Bool {
        victim.status == .running && victim.health == .unhealthy
    }

    mutating func checkNetworkLoss(_ call: CallFacts) {
        guard let inForce, let known = mirror.networks[call.subject]?.known else { return }
        guard let object = known.object else {
            return violate(.foreign, "\(words(call)), which is not ours")
        }
        if !lastLookIsComplete {
            violate(.justifiedDeletion, "\(words(call)) on the word of an observation that is not complete")
        }
        if inForce.objects[object]?.network == call.subject {
            violate(.justifiedDeletion, "\(words(call)), which \(object) asks for")
        }
        if inForce.objects[object] == nil { checkWindow(ofNetworkLoss: call) }
        // Those of another object that has the same name do no work on it yet, and want one of their own.
        let users = mirror.containers.values.compactMap(\.known).filter { $0.network == call.subject }
        if let user = users.first(where: { $0.member?.object == object || $0.member != nil && $0.status == .running }) {
            violate(.justifiedDeletion, "\(words(call)) before '\(user.name)' is gone")
        }
    }
}
