import Reconciler
import Specs

// S5 and S25: how many members of an object go on doing their work when one is taken away.

extension Checker {
    /// A stale member goes, and nothing takes its place yet.
    mutating func checkBudget(_ call: CallFacts, _ victim: ContainerFacts, _ object: ObjectFacts) {
        guard mirror.isReady(victim), let member = call.member else { return }
        noteTaken(member, of: object)
        if !object.isRecreated, !isOfDrain(victim) {
            let isBegun = isBegun(victim)
            let missing = object.membersWithinCapacity.filter { $0 == member && !isBegun || isMissing($0) }
            checkRolloutBounds(call, object, missing: missing)
        }
        if object.maxUnavailable != nil { return checkServing(call, victim, object) }
        guard object.isRecreated else { return }
        // A member at a time, unless git says otherwise.
        let missing = object.membersWithinCapacity.filter(takenAway.contains)
        if missing.count > 1 {
            let slots = missing.map(\.slot)
            violate(.budget, "\(words(call)) makes slots \(slots) of \(object.id) missing, and one may be at a time")
        }
    }

    /// One member less, for whatever reason: the budget says how many must go on doing their work, of all that there are.
    /// Those beyond the replicas do it as well until they go.
    ///
    /// What was begun is finished: what others have come to by themselves meanwhile does not count against it.
    mutating func checkServing(_ call: CallFacts, _ victim: ContainerFacts, _ object: ObjectFacts) {
        guard let most = object.maxUnavailable, let member = call.member, mirror.isReady(victim),
            isMissing(member, without: victim.id)
        else { return }
        noteTaken(member, of: object)
        let members = Set(mirror.known(of: object.id).compactMap(\.member))
        let serving = members.count { !isMissing($0, without: victim.id) }
        let excused = isBegun(victim) ? object.members.count { isMissing($0) && !takenAway.contains($0) } : 0
        let least = max(0, object.slots - most)
        if serving + excused < least {
            violate(.budget, "\(words(call)) leaves \(serving) members of \(object.id), and \(least) must stay")
        }
    }

    /// A declared member is missing by our doing from now on, until it is ready again.
    private mutating func noteTaken(_ member: MemberID, of object: ObjectFacts) {
        takenAway = takenAway.filter { isMissing($0) && ($0.object != object.id || $0.slot < object.slots) }
        if member.slot < object.slots { takenAway.insert(member) }
    }

    /// It was written down before now that it goes for good.
    func isBegun(_ victim: ContainerFacts) -> Bool {
        guard let member = victim.member else { return false }
        return retirements[MemberInstance(member, victim.incarnation)].map { $0.since < now } ?? false
    }

    /// It was written down to go when the host was to be emptied of it: what a drain has begun is finished after it, too.
    private func isOfDrain(_ victim: ContainerFacts) -> Bool {
        victim.member.flatMap { retirements[MemberInstance($0, victim.incarnation)] }?.isOfDrain ?? false
    }

    /// No container of it is ready, or the last one is being taken away, or may have been.
    ///
    /// - Parameter victim: the id of one that is about to be.
    private func isMissing(_ member: MemberID, without victim: String? = nil) -> Bool {
        !mirror.known(of: member).contains {
            mirror.isReady($0) && $0.id != victim && !isBeingTakenAway($0.id, of: member)
        }
    }

    private func isBeingTakenAway(_ container: String, of member: MemberID) -> Bool {
        if let doubt = unknown[.member(member)], doubt.isOfLoss, doubt.container == container { return true }
        return calls.values.contains {
            $0.facts.container == container && $0.facts.verb.isDisruptive && !$0.isGivenUp
        }
    }
}

extension ObjectFacts {
    fileprivate var members: [MemberID] { (0..<slots).map { MemberID(id, $0) } }

    fileprivate var membersWithinCapacity: [MemberID] { Array(members.prefix(slotsWithinCapacity)) }
}
