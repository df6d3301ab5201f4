import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import Drivers

/// What is in the kernel, as the kernel lists it, against what should be.
@Suite(
    "Drift of the packet filter",
    .enabled(if: NetworkLab.isPossible, "network namespaces need root and nft"), .serialized)
struct DriftTests {
    static let fixture = PolicyFixture(
        egress: .deny, to: ["192.175.48.10/32 443/tcp", "8.0.0.0/8", "2620:4f:8000::/64 443/tcp"], ingress: .deny,
        from: ["0.0.0.0/0 80/tcp"], packetsPerSecond: 1_000, logPerSecond: 10)

    @Test("rules that were applied are found as they should be", arguments: FirewallDriver.Choice.backends)
    func inForce(backend: FirewallDriver.Choice) async throws {
        try await NetworkLab.run { lab in
            let intent = try Self.fixture.intent()
            _ = try await FirewallDriver(lab.firewall, choice: backend).apply(intent)
            let facts = await FirewallDriver(lab.firewall, choice: backend).facts(for: intent)
            #expect(facts.inForce == [NetworkLab.bridge: intent.bridges[0].digest], "\(facts.drift ?? "")")
            #expect(facts.others == [] && facts.isPresent)
        }
    }

    @Test(
        "whatever somebody does to our table is found, and put right in one application",
        arguments: [
            "flush ruleset", "delete table inet reconcile", "flush chain inet reconcile p_rc_00000000aa_out",
            "insert rule inet reconcile p_rc_00000000aa_out accept", "flush set inet reconcile s_always4",
            "delete element inet reconcile m_out { \"rc-00000000aa\" }", "add chain inet reconcile extra",
            "add element inet reconcile s_rc_00000000aa_any4 { 9.9.9.9 }",
            "add table inet reconcile { flags dormant; }",
            "delete chain inet reconcile c_input; add chain inet reconcile c_input { type filter hook input priority 5; }",
            "add chain inet reconcile end; add map inet reconcile more { type ifname : verdict; }; "
                + "add element inet reconcile more { \"lo\" : goto end }; add counter inet reconcile other",
            "delete chain inet reconcile c_input; add chain inet reconcile c_input "
                + "{ type filter hook input priority filter - 10; comment \"theirs\"; }",
        ])
    func found(edit: String) async throws {
        try await NetworkLab.run { lab in
            let intent = try Self.fixture.intent()
            let driver = FirewallDriver(lab.firewall, choice: .nftables)
            _ = try await driver.apply(intent)
            try await lab.run("nft '\(edit)'")
            let facts = await driver.facts(for: intent)
            #expect(facts.inForce.isEmpty && facts.drift != nil)
            _ = try await driver.apply(intent)
            let after = await driver.facts(for: intent)
            #expect(after.inForce.count == 1 && after.drift == nil, "\(after.drift ?? "")")
        }
    }

    @Test(
        "whatever somebody does to our chains is found, and put right in one application",
        arguments: [
            "iptables -F", "iptables -F FORWARD", "iptables -I INPUT -j ACCEPT", "ip6tables -F RC-00000000aa-OUT",
            "iptables -I RC-00000000aa-OUT -j ACCEPT", "iptables -t raw -F", "iptables -N DOCKER-USER",
        ])
    func foundInChains(edit: String) async throws {
        try await NetworkLab.run { lab in
            let intent = try Self.fixture.intent()
            let driver = FirewallDriver(lab.firewall, choice: .iptables)
            _ = try await driver.apply(intent)
            try await lab.run(edit)
            let facts = await driver.facts(for: intent)
            #expect(facts.inForce.isEmpty && facts.drift != nil)
            _ = try await driver.apply(intent)
            let after = await driver.facts(for: intent)
            #expect(after.inForce.count == 1 && after.drift == nil, "\(after.drift ?? "")")
        }
    }

    @Test("a program that does not know what is there leaves the chains and maps in their places that packets are in")
    func inPlace() async throws {
        try await NetworkLab.run { lab in
            func handles() async throws -> [String: Substring] {
                try await lab.run("nft -a list table inet reconcile").split(separator: "\n").reduce(into: [:]) {
                    let parts = $1.split { $0 == " " || $0 == "\t" }
                    guard $1.contains("{ # handle "), let handle = parts.last else { return }
                    $0[parts.prefix(2).joined(separator: " ")] = handle
                }
            }
            _ = try await FirewallDriver(lab.firewall).apply(try Self.fixture.intent())
            let before = try await handles()
            let led = "p_\(NFTNames.part(of: NetworkLab.bridge))_out"
            #expect(Set(["table inet", "chain c_forward", "map m_out", "chain \(led)"]).isSubset(of: before.keys))
            try await lab.run("nft insert rule inet reconcile \(led) accept")
            _ = try await FirewallDriver(lab.firewall).apply(try Self.fixture.intent())
            #expect(try await handles() == before)
        }
    }

    @Test("tables and rules of others are the same bytes afterwards", arguments: FirewallDriver.Choice.backends)
    func foreign(backend: FirewallDriver.Choice) async throws {
        try await NetworkLab.run { lab in
            let foreign = """
                nft 'add table inet theirs; add set inet theirs s { type ipv4_addr; elements = { 1.2.3.4 }; }; \
                add chain inet theirs c { type filter hook forward priority 0; policy accept; }; \
                add rule inet theirs c ip saddr @s counter drop'
                iptables -N DOCKER-USER; iptables -A DOCKER-USER -s 10.9.0.0/16 -j DROP; iptables -A DOCKER-USER -j RETURN
                iptables -I FORWARD -j DOCKER-USER; iptables -A INPUT -p tcp --dport 22 -j ACCEPT
                ip6tables -A INPUT -p tcp --dport 22 -j ACCEPT; iptables -t nat -A POSTROUTING -j MASQUERADE
                """
            try await lab.run(foreign)
            let listing = "nft -s list table inet theirs; iptables-save | grep -v '^#'; ip6tables-save | grep -v '^#'"
            let before = try await lab.run(listing)
            let driver = FirewallDriver(lab.firewall, choice: backend)
            _ = try await driver.apply(try Self.fixture.intent())
            _ = try await driver.apply(try PolicyFixture(egress: .allow).intent())
            let during = try await lab.run(listing).split(separator: "\n").filter {
                !$0.contains("RECONCILE") && !$0.contains("RC-")
            }
            // A table that nobody had used before is there now, and empty.
            let known = Set(before.split(separator: "\n"))
            let added = during.filter {
                !known.contains($0) && !$0.hasPrefix("*") && !$0.hasPrefix(":") && $0 != "COMMIT"
            }
            #expect(added.isEmpty)
            _ = try await driver.apply(FirewallIntent(owner: "default"))
            let after = try await lab.run(listing).split(separator: "\n")
            #expect(before.split(separator: "\n").filter { !after.contains($0) }.isEmpty)
            #expect(after.filter { $0.hasPrefix("-A") } == before.split(separator: "\n").filter { $0.hasPrefix("-A") })
        }
    }

    @Test("counters and addresses of names go on through every kind of application")
    func carriedOver() async throws {
        try await NetworkLab.run { lab in
            let driver = FirewallDriver(lab.firewall)
            let named = PolicyFixture(egress: .deny, names: [("example.com", "443/tcp")])
            var wider = named
            wider.to = ["192.175.48.10/32 80/tcp"]
            _ = try await driver.apply(try named.intent())
            let set = "element inet reconcile \(NFTNames.names(NetworkLab.bridge, rule: 0, isV6: false))"
            try await lab.run("nft add \(set) '{ 192.175.48.10 timeout 60s }'")
            #expect(try await lab.reaches("192.175.48.10", 443))
            #expect(try await !lab.reaches("192.175.48.10", 80))
            _ = try await driver.apply(try wider.intent())
            #expect(try await lab.reaches("192.175.48.10", 443))
            #expect(try await lab.reaches("192.175.48.10", 80))
            // A driver that knows nothing of what is there puts it right in its place, or makes all of it anew.
            let anew =
                "delete chain inet reconcile c_input; "
                + "add chain inet reconcile c_input { type filter hook input priority 5; }"
            for (count, edit) in [nil, anew].enumerated() {
                if let edit { try await lab.run("nft '\(edit)'") }
                let other = FirewallDriver(lab.firewall)
                _ = try await other.apply(try named.intent())
                #expect(try await lab.reaches("192.175.48.10", 443))
                #expect(try await !lab.reaches("192.175.48.10", 80))
                let refused = await other.refusals().first { $0.reason == "egress" }
                #expect((refused?.packets ?? 0) >= 2 + UInt64(count))
            }
            try await lab.run("nft delete \(set) '{ 192.175.48.10 }'")
            #expect(try await !lab.reaches("192.175.48.10", 443))
        }
    }

    @Test("rules of a bridge that is kept stay as they are while all others go")
    func kept() async throws {
        try await NetworkLab.run { lab in
            let driver = FirewallDriver(lab.firewall)
            let closed = try PolicyFixture(egress: .deny, to: ["192.175.48.10/32 443/tcp"])
                .policy(bridge: NetworkLab.otherBridge, name: "other")
            _ = try await driver.apply(FirewallIntent(owner: "default", [try PolicyFixture().policy(), closed]))
            for driver in [driver, FirewallDriver(lab.firewall)] {
                _ = try await driver.apply(
                    FirewallIntent(owner: "default").keeping([NetworkLab.otherBridge]))
                #expect(try await lab.reaches("192.175.48.10", 443, from: .other))
                #expect(try await !lab.reaches("192.175.48.10", 80, from: .other))
                #expect(try await lab.reaches("169.254.169.254", 80, from: .one))
            }
        }
    }

    @Test("somebody who flushes everything is noticed by the event, and not by the next look in an hour")
    func noticed() async throws {
        try await NetworkLab.run { lab in
            let driver = FirewallDriver(lab.firewall)
            let intent = try Self.fixture.intent()
            _ = try await driver.apply(intent)
            var changes = driver.changes(every: .seconds(3_600)).makeAsyncIterator()
            // The watcher needs a moment to be there; what it misses it finds when it begins.
            try await Task.sleep(for: .milliseconds(500))
            let begun = ContinuousClock.now
            try await lab.run("nft flush ruleset")
            let facts = await changes.next()
            #expect(facts?.inForce.isEmpty == true)
            _ = try await driver.apply(intent)
            // How soon is measured by `reconcile-bench --firewall-only`: here the machine may be busy with anything.
            #expect(ContinuousClock.now - begun < .seconds(60))
        }
    }
}
