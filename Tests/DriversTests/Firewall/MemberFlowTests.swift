import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import Drivers

/// Flows from the members of one object to those of another, which an engine keeps apart on networks of their own.
@Suite(
    "Flows between objects", .enabled(if: NetworkLab.isPossible, "network namespaces need root and nft"), .serialized)
struct MemberFlowTests {
    private typealias Row = TruthTableTests.Row

    /// As Docker does it: what comes from one bridge does not get to another, whatever connection it is of.
    private static let separation = """
        for i in iptables ip6tables; do
            $i -N DOCKER-USER; $i -A DOCKER-USER -j RETURN; $i -A FORWARD -j DOCKER-USER
            $i -A FORWARD -i \(NetworkLab.bridge) -o \(NetworkLab.otherBridge) -j DROP
            $i -A FORWARD -i \(NetworkLab.otherBridge) -o \(NetworkLab.bridge) -j DROP
        done
        """

    private static func rules(_ ports: [String]) throws -> NetworkPolicy.Rules {
        var peer = NetworkPolicy.Peer()
        peer.selector = LabelSelector(matchLabels: ["app": "other"])
        return NetworkPolicy.Rules(allow: [
            NetworkPolicy.Rule(peer: peer, ports: try ports.map { try PortRange.parse($0) })
        ])
    }

    private static func policy(
        _ bridge: String, selecting other: String, _ change: (inout NetworkPolicy) throws -> Void
    ) throws -> BridgePolicy {
        var spec = NetworkPolicy()
        try change(&spec)
        return BridgePolicy(saying: spec, object: ResourceID(.workload, bridge), bridge: bridge) { _ in [bridge, other]
        }
    }

    private func expect(_ rows: [Row], _ lab: NetworkLab, _ name: String) async throws {
        try await TruthTableTests().expect(rows, in: lab, name)
    }

    @Test(
        "a selector opens its ports to the members of another object, and nothing else",
        arguments: FirewallDriver.Choice.backends)
    func leaving(backend: FirewallDriver.Choice) async throws {
        let policy = try Self.policy(NetworkLab.bridge, selecting: NetworkLab.otherBridge) {
            $0.egress = try Self.rules(["5432/tcp", "50-60/tcp"])
        }
        let rows = [
            Row("10.224.4.2", 5432, true), Row("10.224.4.2", 80, false), Row("fd00:bb::2", 5432, true),
            Row("10.224.4.2", 52, true), Row("10.224.4.2", 53, false), Row("10.224.0.3", 5432, false),
            Row("10.224.4.1", 5432, false), Row("192.175.48.10", 5432, false),
            Row("10.224.0.2", 5432, from: .other, false), Row("10.224.0.2", 80, from: .internet, true),
        ]
        try await NetworkLab.run { lab in
            try await lab.run(Self.separation)
            try await expect([Row("10.224.4.2", 5432, false)], lab, "kept apart by the engine")
            let driver = FirewallDriver(lab.firewall, choice: backend)
            let intent = FirewallIntent(owner: "default", [policy])
            _ = try await driver.apply(intent)
            try await expect(rows, lab, "\(backend)")
            #expect(await driver.facts(for: intent).isInForce(policy))

            try await lab.run("iptables -F DOCKER-USER")
            try await expect([Row("10.224.4.2", 5432, false)], lab, "without the engine's leave")
            #expect(await !driver.facts(for: intent).isInForce(policy))
            _ = try await driver.apply(intent)
            try await expect(rows, lab, "repaired")

            _ = try await driver.apply(FirewallIntent(owner: "default"))
            let left = try await lab.run("iptables-save | grep 0x20000000 || true")
            #expect(left.isEmpty, "\(left)")
        }
    }

    @Test("who may come in is said on the other side", arguments: FirewallDriver.Choice.backends)
    func entering(backend: FirewallDriver.Choice) async throws {
        let policy = try Self.policy(NetworkLab.otherBridge, selecting: NetworkLab.bridge) {
            $0.ingress = try Self.rules(["80/tcp"])
        }
        try await NetworkLab.run { lab in
            try await lab.run(Self.separation)
            let driver = FirewallDriver(lab.firewall, choice: backend)
            _ = try await driver.apply(FirewallIntent(owner: "default", [policy]))
            try await expect(
                [
                    Row("10.224.4.2", 80, true), Row("10.224.4.2", 81, false), Row("fd00:bb::2", 80, true),
                    Row("10.224.4.2", 80, from: .internet, false), Row("10.224.0.2", 80, from: .other, false),
                ], lab, "\(backend)")
        }
    }

    @Test("a side that refuses has the last word", arguments: FirewallDriver.Choice.backends)
    func both(backend: FirewallDriver.Choice) async throws {
        let leaving = try Self.policy(NetworkLab.bridge, selecting: NetworkLab.otherBridge) {
            $0.egress = try Self.rules([])
        }
        let entering = try Self.policy(NetworkLab.otherBridge, selecting: NetworkLab.bridge) {
            $0.ingress = try Self.rules(["80/tcp"])
        }
        try await NetworkLab.run { lab in
            try await lab.run(Self.separation)
            let driver = FirewallDriver(lab.firewall, choice: backend)
            _ = try await driver.apply(FirewallIntent(owner: "default", [leaving, entering]))
            try await expect(
                [Row("10.224.4.2", 80, true), Row("10.224.4.2", 443, false), Row("10.224.4.2", 25, false)], lab,
                "\(backend)")
        }
    }
}
