import Reconciler
import Specs

// S6 and L3: replacements are begun when windows let them, and are made when they do.
//
// Only what is known to do its work and to be of another revision is looked at: whatever does none is repaired at any time,
// and fewer members of an autoscaler are no change that people plan for.

extension Checker {
    /// A member is about to be stopped or removed that another one is to take the place of.
    mutating func checkWindow(_ call: CallFacts, _ victim: ContainerFacts, _ object: ObjectFacts) {
        guard let freeze = object.freeze, let wall, let member = call.member, isInUse(victim, object) else { return }
        if isUnderWay(member, victim) {
            if !freeze.letsFinish, freeze.holds(at: wall) { violate(.window, words(call, freeze, wall)) }
        } else if freeze.holds(at: wall, lead: freeze.lead) {
            violate(.window, words(call, freeze, wall))
        }
    }

    /// A container is about to be made.
    mutating func checkWindow(ofCreation call: CallFacts, _ member: MemberID, _ object: ObjectFacts) {
        guard let freeze = object.freeze, let wall,
            let old = mirror.known(of: member).first(where: { isInUse($0, object) })
        else { return }
        if isUnderWay(member, old), freeze.letsFinish { return }
        if freeze.holds(at: wall) { violate(.window, words(call, freeze, wall)) }
    }

    /// It does the work of its slot, and is not as git says.
    private func isInUse(_ container: ContainerFacts, _ object: ObjectFacts) -> Bool {
        guard let member = container.member, !object.isPool, object.task == nil else { return false }
        return member.slot < min(object.slots, object.slotsWithinCapacity) && mirror.isReady(container)
            && !mirror.fitsAsKnown(container, object)
    }

    /// Another container stands beside it, or its removal was begun before.
    private func isUnderWay(_ member: MemberID, _ container: ContainerFacts) -> Bool {
        let retired = retiredSince[MemberInstance(member, container.incarnation)]
        return retired.map { $0 < now } ?? false || mirror.known(of: member).count > 1
    }

    /// What is there does its work still as an earlier revision says, although nothing has been in the way for long.
    func isHeldBeyondOpening(_ member: MemberID, _ object: ObjectFacts) -> Bool {
        guard let freeze = object.freeze, let wall, freeze.to <= wall else { return false }
        return mirror.present(of: member).contains { isInUse($0, object) }
    }

    private func words(_ call: CallFacts, _ freeze: FreezeFacts, _ wall: Instant) -> String {
        "\(words(call)) at \(wall), and no member may be replaced from \(freeze.from) to \(freeze.to)"
    }
}
