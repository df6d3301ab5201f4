import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import Drivers

/// What the kernel lets through, asked by packets in network namespaces.
@Suite(
    "The truth table of the packet filter",
    .enabled(if: NetworkLab.isPossible, "network namespaces need root and nft"), .serialized)
struct TruthTableTests {
    /// Where a packet of the first container goes, and whether it may.
    struct Row: Sendable, CustomStringConvertible {
        var address: String
        var port: Int
        var place = NetworkLab.Place.one
        var isOpen: Bool

        init(_ address: String, _ port: Int, from place: NetworkLab.Place = .one, _ isOpen: Bool) {
            self.address = address
            self.port = port
            self.place = place
            self.isOpen = isOpen
        }

        var description: String { "\(place) -> \(address):\(port) \(isOpen ? "open" : "blocked")" }
    }

    static let allowsOne = PolicyFixture(
        egress: .deny,
        to: [
            "192.175.48.10/32 443/tcp,8000-8010/tcp", "private:10.9.9.9/32 5432/tcp", "2620:4f:8000::/64 443/tcp",
            "192.175.48.11/32",
        ])

    static let denyRows = [
        Row("192.175.48.10", 443, true), Row("192.175.48.10", 8005, true), Row("192.175.48.10", 80, false),
        Row("192.175.48.10", 8011, false), Row("192.175.48.10", 53, false), Row("10.9.9.9", 5432, true),
        Row("10.9.9.9", 5433, false), Row("169.254.169.254", 80, false), Row("10.224.0.3", 80, false),
        Row("10.224.0.1", 22, false), Row("192.175.48.1", 22, false), Row("172.31.0.1", 22, false),
        Row("10.224.4.1", 22, false), Row("10.224.4.2", 80, false), Row("2620:4f:8000::10", 443, true),
        Row("2620:4f:8000::10", 80, false), Row("fd00:aa::1", 22, false), Row("fd00:aa::3", 80, false),
        Row("2620:4f:8000::1", 443, false),
        // A rule for every port opens no guarded one.
        Row("192.175.48.11", 9999, true), Row("192.175.48.11", 25, false), Row("192.175.48.11", 853, false),
        // A bridge without a policy is none of our business.
        Row("192.175.48.10", 80, from: .other, true), Row("10.224.4.1", 22, from: .other, true),
        Row("169.254.169.254", 80, from: .other, true),
        // Whoever is outside reaches what is published, and the host reaches its members.
        Row("10.224.0.2", 80, from: .internet, true), Row("10.224.0.2", 80, from: .host, true),
    ]

    static let allowRows = [
        Row("192.175.48.10", 80, true), Row("192.175.48.10", 53, true), Row("192.175.48.10", 25, false),
        Row("10.9.9.9", 5432, false), Row("169.254.169.254", 80, false), Row("10.224.0.3", 80, false),
        Row("10.224.0.1", 22, false), Row("2620:4f:8000::10", 80, true), Row("fd00:aa::3", 80, false),
    ]

    static let sharingRows = [
        Row("10.224.0.3", 80, true), Row("10.224.0.1", 22, true), Row("fd00:aa::3", 80, true),
        Row("169.254.169.254", 80, false), Row("192.175.48.10", 80, true),
    ]

    static let ingressRows = [
        Row("10.224.0.2", 80, from: .internet, true), Row("10.224.0.2", 81, from: .internet, false),
        Row("10.224.0.2", 81, from: .host, true), Row("192.175.48.10", 80, true),
        Row("fd00:aa::2", 80, from: .internet, false),
    ]

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var fixture: PolicyFixture
        var rows: [Row]
        var testDescription: String { name }
    }

    static let cases = [
        Case(name: "default deny", fixture: allowsOne, rows: denyRows),
        Case(name: "default allow", fixture: PolicyFixture(egress: .allow), rows: allowRows),
        Case(name: "a policy that says nothing", fixture: PolicyFixture(), rows: allowRows),
        Case(name: "not isolated", fixture: PolicyFixture(isolate: false), rows: sharingRows),
        Case(name: "ingress", fixture: PolicyFixture(from: ["192.175.48.0/24 80/tcp"]), rows: ingressRows),
    ]

    @Test("packets get where the policy says, and nowhere else", arguments: cases, FirewallDriver.Choice.backends)
    func table(example: Case, backend: FirewallDriver.Choice) async throws {
        try await NetworkLab.run { lab in
            _ = try await FirewallDriver(lab.firewall, choice: backend).apply(try example.fixture.intent())
            try await expect(example.rows, in: lab, "\(example.name) with \(backend)")
        }
    }

    @Test("without rules everything is open: the table would notice")
    func control() async throws {
        try await NetworkLab.run { lab in
            let open = Self.denyRows.map { Row($0.address, $0.port, from: $0.place, true) }
            try await expect(open, in: lab, "no rules")
        }
    }

    @Test("where the kernel does not show bridged packets, ports are kept apart")
    func withoutBridgeNetfilter() async throws {
        try await NetworkLab.run { lab in
            try await lab.run("sysctl -qw net.bridge.bridge-nf-call-iptables=0 net.bridge.bridge-nf-call-ip6tables=0")
            try await expect([Row("10.224.0.3", 80, true)], in: lab, "before")
            _ = try await FirewallDriver(lab.firewall).apply(try Self.allowsOne.intent())
            try await expect([Row("10.224.0.3", 80, false), Row("fd00:aa::3", 80, false)], in: lab, "isolated")
        }
    }

    @Test("rules that are there before the bridge hold from its first packet")
    func beforeTheBridge() async throws {
        try await NetworkLab.run { lab in
            try await lab.run("ip link set \(NetworkLab.bridge) down; ip link set \(NetworkLab.bridge) name gone")
            _ = try await FirewallDriver(lab.firewall).apply(try Self.allowsOne.intent())
            try await lab.run(
                "ip link set gone name \(NetworkLab.bridge); ip link set \(NetworkLab.bridge) up; "
                    + "ip -6 addr replace fd00:aa::1/64 dev \(NetworkLab.bridge) nodad")
            try await expect(Self.denyRows.filter { !$0.address.contains(":") }, in: lab, "early rules")
        }
    }

    @Test(
        "rules of others in both of the kernel's filters open nothing that ours close, and stay as they are",
        arguments: FirewallDriver.Choice.backends)
    func mixedFilters(backend: FirewallDriver.Choice) async throws {
        try await NetworkLab.run { lab in
            let legacy = "iptables-legacy -w 5", nft = "iptables-nft -w 5"
            let open = ["FORWARD", "INPUT", "OUTPUT"].map { chain in
                "\(legacy) -I \(chain) -j ACCEPT; ip6tables-legacy -w 5 -I \(chain) -j ACCEPT; \(nft) -A \(chain) -j ACCEPT"
            }.joined(separator: "; ")
            try await lab.run("set -e; \(open)")
            let listing = "set -e; iptables-legacy-save -t filter; ip6tables-legacy-save -t filter"
            let before = try await lab.run(listing)
            let driver = FirewallDriver(lab.firewall, choice: backend)
            let intent = try Self.allowsOne.intent()
            _ = try await driver.apply(intent)
            try await expect(Self.denyRows, in: lab, "mixed, before ours, with \(backend)")
            // Whoever comes later is put before what is there.
            try await lab.run("set -e; \(legacy) -I FORWARD -j ACCEPT; \(legacy) -D FORWARD -j ACCEPT")
            let facts = await driver.facts(for: intent)
            #expect(intent.bridges.allSatisfy { facts.isInForce($0) })
            #expect(Self.rules(try await lab.run(listing)) == Self.rules(before))
        }
    }

    /// Without counters and the time of the listing.
    private static func rules(_ listing: String) -> [String] {
        listing.split(separator: "\n").filter { $0.hasPrefix("-A ") }.map { String($0) }
    }

    @Test("whoever spoofs a source is not heard, and counted", arguments: FirewallDriver.Choice.backends)
    func spoofing(backend: FirewallDriver.Choice) async throws {
        try await NetworkLab.run { lab in
            let driver = FirewallDriver(lab.firewall, choice: backend)
            _ = try await driver.apply(try PolicyFixture(egress: .allow).intent())
            try await lab.run("ip addr add 8.8.4.4/32 dev eth0", at: .one)
            let arrived = try await lab.flood(20, perSecond: 1000, port: 7, from: "8.8.4.4")
            #expect(arrived == 0)
            #expect(try await lab.flood(20, perSecond: 1000, port: 7) == 20)
            let counted = await driver.refusals().first { $0.reason == "spoof" }
            #expect(counted?.packets == 20)
        }
    }

    @Test(
        "a rate limit holds for each member, and what is above it is counted",
        arguments: FirewallDriver.Choice.backends)
    func rate(backend: FirewallDriver.Choice) async throws {
        try await NetworkLab.run { lab in
            let driver = FirewallDriver(lab.firewall, choice: backend)
            _ = try await driver.apply(try PolicyFixture(egress: .allow, packetsPerSecond: 100).intent())
            let arrived = try await lab.flood(2_000, perSecond: 1_000, port: 7)
            #expect((150...400).contains(arrived), "\(arrived) of 2000 in two seconds")
            #expect(await driver.refusals().contains { $0.reason == "rate" && $0.packets > 1_000 })
        }
    }

    @Test("a flow that was open ends when the policy is tightened", arguments: FirewallDriver.Choice.backends)
    func tightening(backend: FirewallDriver.Choice) async throws {
        try await NetworkLab.run { lab in
            let driver = FirewallDriver(lab.firewall, choice: backend)
            _ = try await driver.apply(try PolicyFixture(egress: .allow).intent())
            async let arrived = lab.flood(3_000, perSecond: 1_000, port: 7)
            try await Task.sleep(for: .milliseconds(700))
            _ = try await driver.apply(try Self.allowsOne.intent())
            let count = try await arrived
            #expect((100..<2_000).contains(count), "\(count) of 3000 arrived")
        }
    }

    func expect(_ rows: [Row], in lab: NetworkLab, _ name: String) async throws {
        let wrong = try await withThrowingTaskGroup(of: Row?.self) { group in
            for row in rows {
                group.addTask {
                    try await lab.reaches(row.address, row.port, from: row.place) == row.isOpen ? nil : row
                }
            }
            return try await group.compactMap(\.self).reduce(into: [Row]()) { $0.append($1) }
        }
        #expect(wrong.isEmpty, "\(name): not so: \(wrong.map(\.description).sorted())")
    }
}

extension FirewallDriver.Choice {
    static let backends: [Self] = [.nftables, .iptables]
}
