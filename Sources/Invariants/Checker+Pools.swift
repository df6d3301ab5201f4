import Reconciler
import Specs

// A pool asks for so many members, and not for slots: which slot a member has is nobody's business.

extension ObjectFacts {
    var isPool: Bool { id.kind == .warmPool }
}

extension EngineMirror {
    /// All containers of an object as far as the program knows, in the order of their names.
    func known(of object: ResourceID) -> [ContainerFacts] {
        containers.values.compactMap { track in track.known.flatMap { $0.member?.object == object ? $0 : nil } }
            .sorted { $0.name < $1.name }
    }

    /// All that are there, in the order of their names.
    func present(of object: ResourceID) -> [ContainerFacts] {
        containers.values.compactMap { track in track.now.flatMap { $0.member?.object == object ? $0 : nil } }
            .sorted { $0.name < $1.name }
    }

    /// Ready, or frozen where unclaimed members wait so.
    func isClaimable(_ container: ContainerFacts, _ object: ObjectFacts) -> Bool {
        guard container.status == .paused, object.isIdlePaused else { return isReady(container) }
        var thawed = container
        thawed.status = .running
        return isReady(thawed)
    }
}

extension Checker {
    /// Members that nobody has or had, as far as the program knows.
    func unclaimed(of pool: ResourceID) -> [ContainerFacts] {
        mirror.known(of: pool).filter { !claims.wasGiven($0.id) }
    }

    /// Never more than the pool asks for, those who wait, and surge; what may come up any moment counts.
    mutating func checkPoolCreation(_ call: CallFacts, _ member: MemberID, _ object: ObjectFacts) {
        let all = Set(mirror.known(of: object.id).compactMap(\.member))
        if all.contains(member) { violate(.storm, "\(words(call)) beside another container of its slot") }
        let coming = coming(to: object.id).subtracting([member])
        let there = Set(unclaimed(of: object.id).compactMap(\.member)).union(coming).subtracting(lateMembers)
        let waiting = claims.waiting(for: object.id)
        if there.count >= object.slots + waiting + object.maxSurge {
            violate(
                .overCreation,
                "\(words(call)) as number \(there.count + 1) of \(object.id), which asks for \(object.slots), and "
                    + "\(waiting) wait")
        }
        let total = all.union(coming).subtracting(lateMembers).count - claims.lost(of: object.id, mirror)
        if let most = object.maxMembers, total >= most {
            violate(
                .overCreation, "\(words(call)) as number \(total + 1) of \(object.id), which may have \(most) in all")
        }
        if there.count >= object.slotsWithinCapacity, object.slotsWithinCapacity < object.slots {
            violate(.overCreation, "\(words(call)) is beyond what the pool of \(object.id) holds")
        }
    }

    /// Members whose creation has no answer yet.
    private func coming(to pool: ResourceID) -> Set<MemberID> {
        Set(
            calls.values.compactMap { call in
                guard !call.isGivenUp, call.facts.verb == .create, call.facts.member?.object == pool else { return nil }
                return call.facts.member
            })
    }

    /// A member goes when there are too many, or when enough others are ready: one less where there is no room for a
    /// successor beside it. What somebody had goes.
    mutating func checkPoolLoss(_ call: CallFacts, _ victim: ContainerFacts, _ object: ObjectFacts) {
        if claims.wasGiven(victim.id) { return }
        // What was begun is finished, whatever has become of the others meanwhile.
        guard call.verb == .stop, victim.status == .running, begunLosses.insert(victim.id).inserted else { return }
        let going = Set(
            calls.values.filter { $0.facts.verb.isDisruptive && !$0.isGivenUp }.compactMap(\.facts.container))
        let others = unclaimed(of: object.id).filter { $0.id != victim.id && !going.contains($0.id) }
        if claims.hasLostFolder(victim.id) { return }
        if mirror.fitsAsKnown(victim, object) {
            let kept = others.count { mirror.fitsAsKnown($0, object) }
            if kept >= object.slots { return }
            return violate(
                .justifiedDeletion, "\(words(call)), which is as git says, and only \(kept) others of \(object.id) are")
        }
        // It was on its way out before, and came up once more by a start that was late.
        if isBegun(victim) { return }
        guard mirror.isClaimable(victim, object) else { return }
        let ready = others.count { mirror.isClaimable($0, object) }
        let least = min(object.slots, object.slotsWithinCapacity) - (hasRoom(beside: others.count, object) ? 0 : 1)
        // What is not ready by itself is not this one's doing.
        let unready = others.count { mirror.fitsAsKnown($0, object) && !mirror.isClaimable($0, object) }
        if ready < least - (ready + unready < least ? 1 : 0) {
            violate(.budget, "\(words(call)) before its successor is ready")
        }
    }

    private func hasRoom(beside others: Int, _ object: ObjectFacts) -> Bool {
        if let most = object.maxMembers {
            let all = Set(mirror.known(of: object.id).compactMap(\.member)).union(coming(to: object.id))
            if all.count >= most { return false }
        }
        return others + 1 < object.slotsWithinCapacity + object.maxSurge
    }

    /// The world has been good for long enough: the pool has what it asks for.
    mutating func checkPoolConvergence(_ object: ObjectFacts) {
        let wanted = min(object.slots, object.slotsWithinCapacity)
        let fitting = mirror.present(of: object.id).filter {
            mirror.fits($0, object) && !claims.wasGiven($0.id) && !claims.hasLostFolder($0.id)
        }
        if fitting.count < wanted {
            violate(
                claims.hasGiven(of: object.id) ? .refill : .convergence,
                "\(object.id) has \(fitting.map(\.name)), and is to have \(wanted)")
        } else if let idle = fitting.first(where: { !mirror.isClaimable($0, object) }) {
            violate(.convergence, "'\(idle.name)' is \(idle.status.rawValue), health \(idle.health.rawValue)")
        } else if let other = fitting.first(where: { $0.live != object.live }) {
            violate(.convergence, "'\(other.name)' has limits \(other.live) instead of \(object.live)")
        }
    }

    /// What of a pool is left over after a long rest.
    mutating func checkPoolRest(_ object: ObjectFacts) {
        let present = mirror.present(of: object.id)
        for container in present where object.slotsWithinCapacity >= object.slots && !mirror.fits(container, object) {
            violate(.orphan, "'\(container.name)' is left over from another revision")
        }
        if present.count > object.slots {
            violate(.orphan, "\(object.id) has \(present.count) members, and is to have \(object.slots)")
        }
    }
}
