import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import Drivers

/// A member that may write raw packets, and takes its sibling's place with them.
@Suite(
    "Members are bound to their addresses",
    .enabled(if: NetworkLab.isPossible, "network namespaces need root and nft"), .serialized)
struct MemberBindingTests {
    private static func link(_ place: NetworkLab.Place, _ address: String, in lab: NetworkLab) async throws
        -> MemberLink
    {
        let words = try await lab.run("ip -o link show eth0", at: place).split(separator: " ")
        let mark = try #require(words.firstIndex(of: "link/ether"))
        return MemberLink(
            bridge: NetworkLab.bridge, port: "v-\(place.rawValue)", hardware: String(words[mark + 1]),
            addresses: [try IPAddress.parse(address), try IPAddress.parse("fd00:aa::\(place == .one ? 2 : 3)")])
    }

    private static func links(_ lab: NetworkLab) async throws -> [MemberLink] {
        [try await link(.one, "10.224.0.2", in: lab), try await link(.two, "10.224.0.3", in: lab)]
    }

    @Test("a sibling's address and its hardware address lead nowhere, and a member's own lead where they did")
    func neighbours() async throws {
        try await NetworkLab.run { lab in
            let driver = FirewallDriver(lab.firewall, choice: .nftables)
            let intent = try PolicyFixture(egress: .allow).intent()
            _ = try await driver.apply(intent)
            try await lab.run("ip addr add 10.224.0.3/32 dev eth0", at: .one)
            #expect(try await lab.flood(20, perSecond: 1000, port: 7, from: "10.224.0.3") == 20, "control: unbound")

            await driver.note(links: try await Self.links(lab))
            _ = try await driver.apply(intent)
            #expect(try await lab.flood(20, perSecond: 1000, port: 7, from: "10.224.0.3") == 0)
            #expect(try await lab.flood(20, perSecond: 1000, port: 7) == 20)
            #expect(try await lab.reaches("2620:4f:8000::10", 80))
            #expect(try await lab.reaches("10.224.0.2", 80, from: .internet))
            let policy = try #require(intent.bridges.first)
            let facts = await driver.facts(for: intent)
            #expect(facts.isInForce(policy) && facts.bindsMembers)

            let two = try await Self.links(lab)[1]
            try await lab.run("ip link set eth0 address \(two.hardware)", at: .one)
            #expect(try await lab.flood(20, perSecond: 1000, port: 7) == 0, "with the sibling's hardware address")
        }
    }

    @Test("whom another run of the program bound and who has gone since is no drift, unless the port is still there")
    func departed() async throws {
        try await NetworkLab.run { lab in
            let driver = FirewallDriver(lab.firewall, choice: .nftables)
            let intent = try PolicyFixture(egress: .allow).intent()
            let policy = try #require(intent.bridges.first)
            let links = try await Self.links(lab)
            await driver.note(links: links)
            _ = try await driver.apply(intent)

            let other = FirewallDriver(lab.firewall, choice: .nftables)
            await other.note(links: [links[0]])
            #expect(await !other.facts(for: intent).isInForce(policy), "somebody is behind the port")
            try await lab.run("ip link del v-two")
            #expect(await other.facts(for: intent).isInForce(policy))
            // What is wrong beside it is found all the same.
            try await lab.run("nft flush set bridge reconcile s_hardware")
            #expect(await !other.facts(for: intent).isInForce(policy))
        }
    }

    @Test("a member that was not bound yet, and a table that somebody took away, are drift until they are put right")
    func drift() async throws {
        try await NetworkLab.run { lab in
            let driver = FirewallDriver(lab.firewall, choice: .nftables)
            let intent = try PolicyFixture(egress: .allow).intent()
            let policy = try #require(intent.bridges.first)
            let links = try await Self.links(lab)
            await driver.note(links: [links[0]])
            _ = try await driver.apply(intent)
            #expect(await driver.facts(for: intent).isInForce(policy))
            // Another run of the program finds what this one left.
            let other = FirewallDriver(lab.firewall, choice: .nftables)
            await other.note(links: [links[0]])
            #expect(await other.facts(for: intent).isInForce(policy))

            await driver.note(links: links)
            #expect(await !driver.facts(for: intent).isInForce(policy))
            _ = try await driver.apply(intent)
            #expect(await driver.facts(for: intent).isInForce(policy))
            await driver.note(links: [links[1]])
            #expect(await driver.facts(for: intent).isInForce(policy), "who has gone does no harm")

            try await lab.run("nft delete table bridge reconcile")
            #expect(await !driver.facts(for: intent).isInForce(policy))
            _ = try await driver.apply(intent)
            #expect(await driver.facts(for: intent).isInForce(policy))

            await driver.note(links: [])
            _ = try await driver.apply(FirewallIntent(owner: "default"))
            #expect(try await lab.run("nft list tables bridge").isEmpty)
        }
    }

    @Test("who is attached is bound at once")
    func attaching() async throws {
        try await NetworkLab.run { lab in
            let driver = FirewallDriver(lab.firewall, choice: .nftables)
            let intent = try PolicyFixture(egress: .allow).intent()
            _ = try await driver.apply(intent)
            await driver.willAttach(to: NetworkLab.bridge)
            try await driver.attached(to: NetworkLab.bridge, try await Self.links(lab)[0])
            #expect(try await lab.run("nft list table bridge reconcile").contains("v-one"))
        }
    }
}
