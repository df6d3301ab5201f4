import FoundationEssentials
import NameFilter
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import Drivers

/// Names over iptables: sets of ipset that forget by themselves.
@Suite(
    "Names over iptables",
    .enabled(
        if: NetworkLab.isPossible && FileManager.default.isExecutableFile(atPath: "/usr/sbin/ipset"),
        "network namespaces need root and nft, and the sets ipset"), .serialized)
struct IPSetTests {
    private typealias Row = TruthTableTests.Row

    private func grant(_ address: String, _ seconds: Int) throws -> AddressGrant {
        AddressGrant(
            bridge: NetworkLab.bridge, address: try IPAddress.parse(address), ports: [PortRange(443...443, .tcp)],
            lifetime: .seconds(seconds))
    }

    @Test("what a name led to is open on the ports of its rule for its time, and for members that ask the filter")
    func names() async throws {
        let intent = try PolicyFixture(egress: .deny, names: [("pypi.org", "443/tcp")]).intent()
        let policy = try #require(intent.bridges.first)
        try await NetworkLab.run { lab in
            let driver = FirewallDriver(lab.firewall, choice: .iptables)
            let sets = IPSetAddressSets(lab.firewall) { bridge, _, isV6 in
                NFTNames.names(bridge, rule: 0, isV6: isV6)
            }
            func expect(_ isOpen: Bool, _ name: String) async throws {
                let rows = [
                    Row("192.175.48.10", 443, isOpen), Row("192.175.48.10", 80, false),
                    Row("2620:4f:8000::10", 443, isOpen),
                    Row("10.224.0.1", 53, true), Row("10.224.0.1", 22, false), Row("172.31.0.1", 53, false),
                ]
                try await TruthTableTests().expect(rows, in: lab, name)
            }
            _ = try await driver.apply(intent)
            let facts = await driver.facts(for: intent)
            #expect(facts.supportsNames && facts.isInForce(policy), "\(facts)")
            try await expect(false, "before")
            let grants = try [grant("192.175.48.10", 600), grant("2620:4f:8000::10", 600)]
            try await sets.add(grants)
            try await expect(true, "granted")
            _ = try await driver.apply(intent)
            try await expect(true, "applied again")
            try await sets.remove(grants)
            try await expect(false, "taken back")
            try await sets.add([try grant("192.175.48.10", 1), try grant("2620:4f:8000::10", 1)])
            try await expect(true, "granted for a moment")
            #expect(try await eventually(within: .seconds(10)) { try await !lab.reaches("192.175.48.10", 443) })

            _ = try await driver.apply(FirewallIntent(owner: "default"))
            #expect(try await lab.run("ipset list -name").isEmpty)
        }
    }

    @Test("a set that is not there, and one that is full, are told apart")
    func refusals() async throws {
        try await NetworkLab.run { lab in
            let sets = IPSetAddressSets(lab.firewall) { _, _, _ in "small" }
            await #expect { try await sets.add([try self.grant("192.175.48.10", 60)]) } throws: { error in
                (error as? AddressSetsError)?.code == .absent
            }
            try await lab.run("ipset create small hash:ip timeout 0 maxelem 1")
            try await sets.add([try grant("192.175.48.10", 60)])
            await #expect { try await sets.add([try self.grant("192.175.48.11", 60)]) } throws: { error in
                (error as? AddressSetsError)?.code == .full
            }
        }
    }
}
