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
}

extension Checker {
    /// Never more than the pool asks for and one beyond, those included that may come up any moment.
    mutating func checkPoolCreation(_ call: CallFacts, _ member: MemberID, _ object: ObjectFacts) {
        let slots = Set(mirror.known(of: object.id).compactMap(\.member))
        if slots.contains(member) { violate(.storm, "\(words(call)) beside another container of its slot") }
        let coming = calls.values.compactMap { other -> MemberID? in
            guard !other.isGivenUp, other.facts.verb == .create, other.facts.member?.object == object.id else {
                return nil
            }
            return other.facts.member
        }
        let most = object.slots + object.maxSurge
        let there = slots.union(coming).subtracting([member]).subtracting(lateMembers)
        if there.count >= most {
            violate(
                .storm, "\(words(call)) as number \(there.count + 1) of \(object.id), which asks for \(object.slots)")
        }
        if there.count >= object.slotsWithinCapacity, object.slotsWithinCapacity < object.slots {
            violate(.storm, "\(words(call)) is beyond what the pool of \(object.id) holds")
        }
    }

    /// A member goes when there are too many, or when enough others are ready: one less where there is no room for a
    /// successor beside it.
    mutating func checkPoolLoss(_ call: CallFacts, _ victim: ContainerFacts, _ object: ObjectFacts) {
        guard call.verb == .stop, victim.status == .running else { return }
        let going = Set(
            calls.values.filter { $0.facts.verb.isDisruptive && !$0.isGivenUp }.compactMap(\.facts.container))
        let others = mirror.known(of: object.id).filter { $0.id != victim.id && !going.contains($0.id) }
        if mirror.fitsAsKnown(victim, object) {
            let kept = others.count { mirror.fitsAsKnown($0, object) }
            if kept >= object.slots { return }
            return violate(
                .justifiedDeletion, "\(words(call)), which is as git says, and only \(kept) others of \(object.id) are")
        }
        guard mirror.isReady(victim) else { return }
        let ready = others.count { mirror.isReady($0) }
        let room = others.count + 1 < object.slotsWithinCapacity + object.maxSurge
        let least = min(object.slots, object.slotsWithinCapacity) - (room ? 0 : 1)
        // What is not ready by itself is not this one's doing.
        let unready = others.count { mirror.fitsAsKnown($0, object) && !mirror.isReady($0) }
        if ready < least - (ready + unready < least ? 1 : 0) {
            violate(.budget, "\(words(call)) before its successor is ready")
        }
    }

    /// What a pool lacks when the world has been good for long enough.
    func lack(ofPool object: ObjectFacts) -> String? {
        let wanted = min(object.slots, object.slotsWithinCapacity)
        let fitting = mirror.present(of: object.id).filter { mirror.fits($0, object) }
        if fitting.count < wanted { return "\(object.id) has \(fitting.map(\.name)), and is to have \(wanted)" }
        if let idle = fitting.first(where: { !mirror.isReady($0) }) {
            return "'\(idle.name)' is \(idle.status.rawValue), health \(idle.health.rawValue)"
        }
        return fitting.first { $0.live != object.live }.map {
            "'\($0.name)' has limits \($0.live) instead of \(object.live)"
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
