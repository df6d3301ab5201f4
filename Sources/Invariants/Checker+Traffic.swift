import Reconciler
import Specs

extension Checker {
    /// Whoever is to be led to must be known to do its work.
    mutating func checkTraffic(of call: CallFacts) {
        for address in call.addresses {
            let known = mirror.containers.values.compactMap(\.known).filter {
                $0.address == address && $0.member != nil
            }
            if !known.contains(where: mirror.isReady) {
                let who = known.first.map { "'\($0.name)', which is not known to be ready" } ?? "nobody"
                violate(.ledAreReady, "\(words(call)) leads ports to \(address), where there is \(who)")
            }
        }
    }

    /// By what the program was told is in force, and by what it has asked for and heard nothing of.
    mutating func checkTraffic(ofStopped call: CallFacts) {
        guard call.verb == .stop, let id = call.container, let victim = mirror.containers[id]?.known,
            !victim.address.isEmpty
        else { return }
        let coming = calls.values.contains {
            $0.facts.verb == .applyFirewall && !$0.isGivenUp && $0.facts.addresses.contains(victim.address)
        }
        if led.contains(victim.address) || coming {
            violate(.stoppedUnled, "\(words(call)), to which ports \(coming ? "are about to " : "")lead")
        }
    }

    mutating func noteLed(to addresses: [String]) {
        if addresses.isEmpty { return }
        for container in mirror.containers.values.compactMap(\.now) where addresses.contains(container.address) {
            everLed.insert(container.id)
        }
    }

    /// Who did the work before the switch is kept for a way back.
    mutating func checkHold(_ call: CallFacts) {
        guard call.verb == .stop, let id = call.container, everLed.contains(id),
            let victim = mirror.containers[id]?.known,
            let member = victim.member, let object = inForce?.objects[member.object], let hold = object.hold,
            pins[object.id] == nil, mirror.isReady(victim), member.slot < object.slots,
            !mirror.fitsAsKnown(victim, object)
        else { return }
        // Another template took the place of this one before git said yet another.
        let later = mirror.known(of: member).filter { $0.incarnation > victim.incarnation && everLed.contains($0.id) }
        if later.contains(where: { !mirror.fitsAsKnown($0, object) }) { return }
        guard let since = switches[object.id] else {
            return violate(.holdIsKept, "\(words(call)), which does the work: nothing has been switched")
        }
        // What is written down has whole seconds.
        if now - since < hold - .milliseconds(1_500) {
            violate(.holdIsKept, "\(words(call)) \(now - since) after the switch, and it is to be kept for \(hold)")
        }
    }

    /// In the end ports lead to whoever is ready, and to nobody else.
    mutating func checkTrafficAtRest(_ inForce: RevisionFacts) {
        let present = mirror.containers.values.compactMap(\.now)
        for address in led.sorted() where !present.contains(where: { $0.address == address && mirror.isReady($0) }) {
            violate(.convergence, "ports lead to \(address), where nobody is ready")
        }
        for container in present.sorted(by: { $0.name < $1.name }) where mirror.isReady(container) {
            guard let member = container.member, let object = inForce.objects[member.object], object.isLed,
                object.isOurs,
                !led.contains(container.address)
            else { continue }
            violate(.convergence, "no port leads to '\(container.name)'")
        }
    }
}
