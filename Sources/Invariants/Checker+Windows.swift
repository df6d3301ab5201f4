import Reconciler
import Specs

// S6 and L3: replacements are begun when windows let them, and are made when they do.
//
// Only what is known to do its work and to be of another revision is looked at: whatever does none is repaired at any time,
// and fewer members of an autoscaler are no change that people plan for.

extension Checker {
    /// Something is about to be done to a member that another one is to take the place of, or to make that one.
    mutating func checkWindow(_ call: CallFacts, _ victim: ContainerFacts, _ object: ObjectFacts) {
        guard let freeze = object.freeze, let wall, let member = call.member, isInUse(victim, object) else { return }
        let isHeld =
            isUnderWay(member, victim)
            ? !freeze.letsFinish && freeze.holds(at: wall) : freeze.holds(at: wall, lead: freeze.lead)
        if isHeld {
            let time = "from \(freeze.from) to \(freeze.to)"
            violate(.window, "\(words(call)) at \(wall), and no member may be replaced \(time)")
        }
    }

    /// A container is about to be made.
    mutating func checkWindow(ofCreation call: CallFacts, _ member: MemberID, _ object: ObjectFacts) {
        let old = mirror.known(of: member).first { isInUse($0, object) }
        if let old { checkWindow(call, old, object) }
    }

    /// It does the work of its slot, and is not as git says.
    private func isInUse(_ container: ContainerFacts, _ object: ObjectFacts) -> Bool {
        guard let member = container.member, !object.isPool, object.task == nil else { return false }
        return member.slot < min(object.slots, object.slotsWithinCapacity) && mirror.isReady(container)
            && !mirror.fitsAsKnown(container, object)
    }

    /// A successor stands beside it, or its removal was begun before.
    private func isUnderWay(_ member: MemberID, _ container: ContainerFacts) -> Bool {
        if isBegun(container) { return true }
        return mirror.known(of: member).contains { $0.incarnation > container.incarnation }
    }

    /// What is there does its work still as an earlier revision says, although nothing has been in the way for long.
    func isHeldBeyondOpening(_ member: MemberID, _ object: ObjectFacts) -> Bool {
        guard let freeze = object.freeze, let wall, freeze.to <= wall else { return false }
        return mirror.present(of: member).contains { isInUse($0, object) }
    }
}
