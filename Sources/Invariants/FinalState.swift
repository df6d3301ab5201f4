package import Reconciler
import Specs

/// What a host came to, without what may differ between two ways that lead there: ids, incarnations, times, and what is
/// left alone because it is held or for other hosts.
package struct FinalState: Hashable, Sendable, CustomStringConvertible {
    package struct Member: Hashable, Sendable {
        package var signature: Signature
        package var isReady: Bool
        package var live: LiveSettings

        init(_ container: ContainerFacts, _ mirror: EngineMirror) {
            signature = container.signature
            isReady = mirror.isReady(container)
            live = container.live
        }
    }

    /// Containers of ours by member; more than one where there are more.
    package private(set) var members: [MemberID: [Member]] = [:]
    /// Names of networks of ours.
    package private(set) var networks: Set<String> = []

    init(_ mirror: EngineMirror, _ inForce: RevisionFacts?) {
        var pools: [ResourceID: [Member]] = [:]
        for container in mirror.containers.values.compactMap(\.now) {
            guard let member = container.member else { continue }
            // When its runs came is a matter of the way.
            if member.object.kind == .scheduledTask { continue }
            if member.object.kind == .warmPool, let object = inForce?.objects[member.object] {
                guard object.isOurs, object.slotsWithinCapacity >= object.slots else { continue }
                pools[member.object, default: []].append(Member(container, mirror))
                continue
            }
            if let object = inForce?.objects[member.object] {
                let isLeftAlone = !object.isOurs || (object.slotsWithinCapacity..<object.slots).contains(member.slot)
                if isLeftAlone { continue }
            }
            members[member, default: []].append(Member(container, mirror))
        }
        // Which slots the members of a pool have is a matter of the way.
        for (pool, all) in pools { members[MemberID(pool, 0)] = all }
        for (member, all) in members { members[member] = all.sorted { $0.signature < $1.signature } }
        let ours = mirror.networks.values.compactMap(\.now).filter { network in
            network.object.map { inForce?.objects[$0]?.isOurs ?? true } ?? false
        }
        networks = Set(ours.map(\.name))
    }

    /// How another state differs, for a person; nil when it does not.
    package func difference(to other: FinalState) -> String? {
        if self == other { return nil }
        let keys = Set(members.keys).union(other.members.keys).sorted()
        let differing = keys.filter { members[$0] != other.members[$0] }.map { key in
            "\(key): \(members[key] ?? []) instead of \(other.members[key] ?? [])"
        }
        let networks = networks.symmetricDifference(other.networks).sorted()
        return (differing + networks.map { "network \($0)" }).joined(separator: "; ")
    }

    package var description: String {
        let lines = members.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
        return (lines + networks.sorted()).joined(separator: "\n")
    }
}

extension Checker {
    /// What the host has come to.
    package var finalState: FinalState { FinalState(mirror, inForce) }
}
