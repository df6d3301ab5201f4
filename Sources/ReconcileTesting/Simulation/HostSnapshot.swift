import Reconciler

/// What is really on a host at one moment, to see that nothing foreign is touched.
///
/// All other rules need to know what the program knew; the simulator's checker has them.
package struct HostSnapshot: Sendable {
    private let containers: [String: FakeContainer]
    private let networks: [String: FakeNetwork]
    private let owner: String

    package init(_ engine: FakeDriver, owner: String) async {
        containers = await engine.containers
        networks = await engine.networks
        self.owner = owner
    }

    /// What happened to things that are not ours.
    package func foreignChanges(since earlier: HostSnapshot) -> [String] {
        var changes: [String] = []
        for (id, container) in earlier.containers where !isOurs(container) && containers[id] != container {
            changes.append("foreign container '\(container.name)' was changed")
        }
        for (name, network) in earlier.networks where !isOurs(network) && networks[name] != network {
            changes.append("foreign network '\(name)' was changed")
        }
        return changes
    }

    private func isOurs(_ container: FakeContainer) -> Bool { container.observed(by: owner) != nil }

    private func isOurs(_ network: FakeNetwork) -> Bool { network.observed(by: owner).mark != nil }
}
