import Reconciler
import Specs

extension Checker {
    mutating func checkCreation(_ call: CallFacts) {
        guard let inForce, let member = call.member, let incarnation = call.incarnation else { return }
        // The same again is right as long as nobody has seen it come about.
        if incarnation <= mirror.incarnations[member] ?? 0 {
            violate(.timeTravel, "\(words(call)): incarnation \(incarnation) of \(member) was used before")
        }
        guard let object = inForce.objects[member.object] else {
            return violate(.storm, "\(words(call)), which is not declared")
        }
        if !object.isOurs { violate(.storm, "\(words(call)), which is for other hosts or held") }
        if !drains(of: object).isEmpty { violate(.storm, "\(words(call)), and the host is emptied of \(object.id)") }
        if let task = object.task {
            checkAttempt(call, member, incarnation, task)
        } else if object.isPool {
            checkPoolCreation(call, member, object)
        } else if member.slot >= min(object.slots, object.slotsWithinCapacity) {
            violate(.storm, "\(words(call)) is beyond what \(object.id) asks for or its pool holds")
        }
        if call.signature != object.signature {
            violate(.timeTravel, "\(words(call)) is not made as '\(inForce.id)' says")
        }
        if !lastLookIsComplete { violate(.storm, "\(words(call)), which may be there unseen") }
        if !object.isPool, object.task == nil {
            checkCompany(call, member, object)
            checkCanary(call, member, object)
            checkWindow(ofCreation: call, member, object)
        }
    }

    /// A member runs behind its rules or not at all.
    mutating func checkRestriction(_ call: CallFacts) {
        guard let object = call.member.flatMap({ inForce?.objects[$0.object] }), object.isRestricted,
            !ruled.contains(object.id)
        else { return }
        violate(.restriction, "\(words(call)) while the rules of \(object.id) are not known to be in force")
    }

    /// What there is of the slot already, and of the other slots.
    private mutating func checkCompany(_ call: CallFacts, _ member: MemberID, _ object: ObjectFacts) {
        let present = mirror.known(of: member).filter { $0.status != .removing }
        if let twin = present.first(where: { mirror.fitsAsKnown($0, object) && !mirror.mayBeRetired($0) }) {
            violate(.storm, "\(words(call)) beside '\(twin.name)', which is the same")
        }
        guard !present.isEmpty else { return }
        if object.isRecreated {
            violate(.storm, "\(words(call)) before '\(present[0].name)' is gone")
        }
        let doubled = (0..<object.slots).filter { slot in
            let other = MemberID(object.id, slot)
            guard other != member, !lateMembers.contains(other) else { return false }
            let known = mirror.known(of: other).filter { $0.status != .removing }
            let isBeingMade = calls.values.contains {
                !$0.isGivenUp && $0.facts.verb == .create && $0.facts.member == other
            }
            if isBeingMade { return !known.isEmpty }
            return known.count > 1 && known.contains { mirror.fitsAsKnown($0, object) }
        }
        if doubled.count + 1 > object.maxSurge, !lateMembers.contains(member) {
            let message = "\(words(call)) while slots \(doubled) of \(object.id) are doubled already"
            violate(.rolloutBounds, message + ", and \(object.maxSurge) may be")
        }
    }
}
