package import Reconciler
package import Specs

/// A container of the in-memory engine, ours or foreign.
package struct FakeContainer: Hashable, Sendable {
    package var id: String
    package var name: String
    package var labels: [String: String]
    /// The reference that it was created with.
    package var image: String
    package var imageID: String
    package var network: String
    package var publish: [PublishedPort]
    package var hasHealthCheck: Bool
    package var status: ObservedContainer.Status = .created
    package var exitCode = 0
    package var health: ObservedContainer.Health = .none
    package var startedAt = ""
    package var live: LiveSettings
    /// Bytes; an update of the limit to less is refused, as on cgroup v1.
    package var memoryInUse: Int64 = 0

    /// Holds its network and ports, and cannot be removed.
    package var isActive: Bool { status == .running || status == .paused }

    /// What an inspect shows; nil without the whole mark of this owner.
    package func observed(by owner: String) -> ObservedContainer? {
        guard let mark = OwnershipMark(labels: labels), mark.owner == owner, let member = mark.member else {
            return nil
        }
        return ObservedContainer(
            id: id, name: name, mark: mark, member: member, image: image, imageID: imageID, status: status,
            exitCode: exitCode,
            health: health, startedAt: startedAt, live: live)
    }
}

/// A network of the in-memory engine, ours or foreign.
package struct FakeNetwork: Hashable, Sendable {
    package var id: String
    package var name: String
    package var labels: [String: String]
    package var bridge: String?
    package var subnets: [String]

    package func observed(by owner: String) -> ObservedNetwork {
        let mark = OwnershipMark(labels: labels)
        return ObservedNetwork(
            id: id, name: name, mark: mark?.owner == owner ? mark : nil, bridge: bridge, subnets: subnets)
    }
}
