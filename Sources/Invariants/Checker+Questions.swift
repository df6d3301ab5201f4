import Reconciler
import Specs

// What whoever makes a trace may want to know, such as where a seeded bug would be seen.

extension Checker {
    /// A run that has looked, knows what git says, and has lost no answer.
    package var isReadyToAct: Bool {
        run != nil && hasObserved && hasRevision && lastLookIsComplete && unknown.isEmpty && storeFailsSince == nil
    }

    /// The container is as git says, ready as far as is known, and has nobody to take its place.
    package func isNeeded(_ id: String) -> Bool {
        guard let known = mirror.containers[id]?.known, let member = known.member, mirror.isReady(known),
            let object = inForce?.objects[member.object], object.isOurs, drains(of: object).isEmpty,
            member.slot < object.slots || object.isPool
        else { return false }
        if object.isPool {
            return !claims.wasGiven(id) && mirror.fitsAsKnown(known, object)
                && unclaimed(of: object.id).count { mirror.fitsAsKnown($0, object) } <= object.slots
        }
        return mirror.fitsAsKnown(known, object) && mirror.known(of: member).count == 1
    }

    /// The container is not as git says any more, and is to give way to another one: after it has gone, alone,
    /// or once that is ready.
    package func isStaleMemberToReplace(_ id: String) -> Bool {
        guard let known = mirror.containers[id]?.known, let member = known.member, mirror.isReady(known),
            let object = inForce?.objects[member.object], object.isOurs, !object.isPool,
            object.isRecreated || object.mayBeMissing == 0, drains(of: object).isEmpty, object.maxUnavailable ?? 1 <= 1
        else { return false }
        return member.slot < min(object.slots, object.slotsWithinCapacity) && !mirror.fitsAsKnown(known, object)
            && mirror.known(of: member).count == 1
    }

    /// Somebody has it by what is written down.
    package func isHeld(_ id: String) -> Bool { claims.holder(of: id)?.phase == .bound }

    /// Somebody has it, and it works as far as is known.
    package func isGoodForItsHolder(_ id: String) -> Bool {
        claims.holder(of: id)?.phase == .bound && mirror.containers[id]?.known.map(mirror.isReady) ?? false
    }

    /// Whatever git asks for is there, and nothing else of ours.
    package var isAtRest: Bool {
        var copy = self
        copy.violations = []
        copy.checkConvergence()
        copy.checkRest(openIntents: 0)
        return copy.violations.isEmpty
    }
}
