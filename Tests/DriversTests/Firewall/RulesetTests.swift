import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import Drivers

/// What policies come to, without a kernel.
struct RulesetTests {
    @Test("a prediction says what the kernel does", arguments: TruthTableTests.cases)
    func predictions(example: TruthTableTests.Case) throws {
        let policy = try example.fixture.policy()
        let host: Set = ["10.224.0.1", "192.175.48.1", "172.31.0.1", "10.224.4.1", "fd00:aa::1", "2620:4f:8000::1"]
        for row in example.rows where row.place == .one {
            let place: FlowTarget.Place =
                host.contains(row.address)
                ? .host : ["10.224.0.3", "fd00:aa::3"].contains(row.address) ? .sibling : .elsewhere
            let target = FlowTarget(
                try IPAddress.parse(row.address), port: UInt16(row.port), .tcp, place: place)
            #expect(policy.prediction(for: target).isAllowed == row.isOpen, "\(row)")
        }
    }

    @Test("nobody's text gets into a ruleset", arguments: ["fwd", "a-very-long-name-indeed-of-63-letters", "x"])
    func names(name: String) throws {
        let policy = try TruthTableTests.allowsOne.policy(name: name)
        let intent = FirewallIntent(owner: "$(reboot); flush ruleset", [policy])
        let text = NFTRuleset.replacement(intent)
        let known = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.,:;/@{}\" \n"
        #expect(text.allSatisfy(known.contains))
        #expect(!text.contains("reboot") && (name.count < 2 || name == "fwd" || !text.contains(name)))
        let words = Set(text.split { " {};,\n".contains($0) })
        #expect(!words.contains("fwd"))
    }

    @Test("flows that overlap are cut until no port is in two of them")
    func disjoint() throws {
        let (a, b) = (AddressSet([try CIDR.parse("8.0.0.0/8")]), AddressSet([try CIDR.parse("9.0.0.0/8")]))
        let flows = PortFlow.disjoint(
            [(a, [PortRange(1...100, .tcp)]), (b, [PortRange(50...200, .tcp)]), (b, [PortRange(25...25, .tcp)])],
            guarding: GuardedPorts.smtp)
        #expect(
            flows.map { "\($0.ports) \($0.addresses.texts.joined(separator: ","))" } == [
                "1-24/tcp 8.0.0.0-8.255.255.255", "25/tcp 9.0.0.0-9.255.255.255", "26-49/tcp 8.0.0.0-8.255.255.255",
                "50-100/tcp 8.0.0.0-9.255.255.255", "101-200/tcp 9.0.0.0-9.255.255.255",
            ])
    }

    @Test(
        "sets of addresses are as exact as sets of numbers",
        arguments: [
            (["10.0.0.0/8"], ["10.1.0.0/16"], ["10.0.0.0-10.0.255.255", "10.2.0.0-10.255.255.255"]),
            (["10.0.0.0/9", "10.128.0.0/9"], [], ["10.0.0.0-10.255.255.255"]),
            (["0.0.0.0/0"], ["0.0.0.0/1", "255.255.255.255/32"], ["128.0.0.0-255.255.255.254"]),
            (["::/0"], ["::/1"], ["8000::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
            (["::ffff:1.2.3.0/120"], [], ["1.2.3.0-1.2.3.255"]), (["1.2.3.4/32"], ["1.2.3.4/32"], []),
        ])
    func addresses(ranges: [String], holes: [String], expected: [String]) throws {
        let all = AddressSet(try ranges.map { try CIDR.parse($0) })
        #expect(all.subtracting(AddressSet(try holes.map { try CIDR.parse($0) })).texts == expected)
    }

    @Test("a change of one bridge touches nothing of another")
    func change() throws {
        let (web, api) = (
            try PolicyFixture().policy(), try PolicyFixture().policy(bridge: NetworkLab.otherBridge, name: "api")
        )
        let tighter = try PolicyFixture(egress: .deny).policy()
        let text = NFTRuleset.change(
            from: FirewallIntent(owner: "default", [web, api]), to: FirewallIntent(owner: "default", [tighter, api]))
        #expect(text.contains("rc_00000000aa") && !text.contains("rc_00000000bb"))
        #expect(
            NFTRuleset.change(
                from: FirewallIntent(owner: "default", [web]), to: FirewallIntent(owner: "default", [web])) == "\n")
    }

    @Test("ports that are not isolated are found")
    func ports() {
        let listing = """
            5: v1@if4: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 master rc-0123456789 state forwarding priority 32 cost 2
                hairpin off guard off root_block off fastleave off learning on flood on isolated off
            7: v2@if6: <BROADCAST,UP> mtu 1500 master rc-0123456789 state forwarding priority 32 cost 2
                hairpin off guard off isolated on locked off
            9: v3: <BROADCAST,UP> mtu 1500 master docker0 state forwarding priority 32 cost 2
                isolated off
            """
        #expect(PortIsolation.openPorts(in: listing) == ["rc-0123456789": ["v1"], "docker0": ["v3"]])
    }
}
