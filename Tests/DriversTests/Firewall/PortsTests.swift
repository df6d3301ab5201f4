import ReconcileTesting
import Reconciler
import Specs
import Synchronization
import Testing

@testable import Drivers

/// Published ports that rules of ours lead to members, asked by connections in network namespaces.
@Suite(
    "Ports that lead to members", .enabled(if: NetworkLab.isPossible, "network namespaces need root and nft"),
    .serialized)
struct PortsTests {
    private static let port = PublishedPort(hostPort: 8080, container: ContainerPort(80))
    private static let one = TrafficMap.Member(.v4(0x0AE0_0002))
    private static let two = TrafficMap.Member(.v4(0x0AE0_0003))
    private static let both = TrafficMap([TrafficMap.Route(port, to: [one, two])])

    private static func intent(_ map: TrafficMap, _ policies: [BridgePolicy] = []) -> FirewallIntent {
        FirewallIntent(owner: "default", policies).leading(map)
    }

    /// Both members answer with their names, for as long as a test may take.
    private static func serve(_ lab: NetworkLab) async throws {
        for place in [NetworkLab.Place.one, .two] {
            try await lab.run(
                """
                d=$(mktemp -d); echo -n \(place.rawValue) > $d/index.html
                (timeout 60 busybox httpd -f -p 80 -h $d; rm -r $d) >/dev/null 2>&1 </dev/null &
                until (exec 3<>/dev/tcp/127.0.0.1/80) 2>/dev/null; do sleep 0.02; done
                """, at: place)
        }
    }

    /// Who answered so many connections; a refusal is one.
    private static func answers(
        _ count: Int, _ lab: NetworkLab, from place: NetworkLab.Place, to address: String = "192.175.48.1"
    ) async throws -> [String: Int] {
        let text = try await lab.run(
            """
            for i in $(seq \(count)); do timeout 3 busybox wget -q -O - http://\(address):8080/ 2>/dev/null || echo -n none
            echo; done
            """, at: place)
        return text.split(separator: "\n").reduce(into: [:]) { $0[String($1), default: 0] += 1 }
    }

    @Test("who connects from outside or from the host gets to the members, and nobody else does")
    func table() async throws {
        try await NetworkLab.run { lab in
            try await Self.serve(lab)
            #expect(try await Self.answers(1, lab, from: .internet) == ["none": 1])
            let driver = FirewallDriver(lab.firewall)
            let facts = try await driver.apply(Self.intent(Self.both))
            #expect(facts.traffic == Self.both && facts.leadsPorts)
            for place in [NetworkLab.Place.internet, .host] {
                let answers = try await Self.answers(40, lab, from: place)
                // One of two in forty would be missed once in 5e11 runs.
                #expect(Set(answers.keys) == ["one", "two"], "\(place): \(answers)")
            }
            #expect(Set(try await Self.answers(40, lab, from: .host, to: "172.31.0.1").keys) == ["one", "two"])
            #expect(try await Self.answers(2, lab, from: .host, to: "127.0.0.1") == ["none": 2])
            for member in [NetworkLab.Place.one, .other] {
                #expect(try await Self.answers(2, lab, from: member) == ["none": 2], "\(member)")
            }
        }
    }

    @Test("weights are shares of the new connections")
    func weights() async throws {
        try await NetworkLab.run { lab in
            try await Self.serve(lab)
            let members = [TrafficMap.Member(Self.one.address, weight: 9), Self.two]
            let map = TrafficMap([TrafficMap.Route(Self.port, to: members)])
            let driver = FirewallDriver(lab.firewall)
            _ = try await driver.apply(Self.intent(map))
            let answers = try await Self.answers(200, lab, from: .internet)
            // 20 of 200 are expected; 5 to 45 in all but one of a million runs.
            #expect((5...45).contains(answers["two"] ?? 0) && answers["none"] == nil, "\(answers)")
            #expect(await driver.facts(for: Self.intent(TrafficMap())).traffic == map)
        }
    }

    private static let client = """
        import socket, sys, threading, time
        end, counts, lock = time.monotonic() + 5, {"answered": 0}, threading.Lock()
        def work():
            while time.monotonic() < end:
                outcome = "answered"
                try:
                    with socket.create_connection(("192.175.48.1", 8080), timeout=10) as s:
                        s.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
                        while s.recv(4096): pass
                except OSError as e: outcome = repr(e)
                with lock: counts[outcome] = counts.get(outcome, 0) + 1
        threads = [threading.Thread(target=work) for _ in range(4)]
        for t in threads: t.start()
        for t in threads: t.join()
        print(counts.pop("answered", 0), counts, end="")
        """

    @Test("no connection is refused while rules are exchanged again and again")
    func exchanged() async throws {
        try await NetworkLab.run { lab in
            try await Self.serve(lab)
            let driver = FirewallDriver(lab.firewall)
            _ = try await driver.apply(Self.intent(Self.both))
            let more = TrafficMap.Member(Self.one.address, weight: 2)
            let maps = [[Self.one, Self.two], [more, Self.two], [more]].map {
                Self.intent(TrafficMap([TrafficMap.Route(Self.port, to: $0)]))
            }
            async let outcome = lab.run("python3 - <<'END'\n\(Self.client)\nEND", at: .internet)
            let isOver = Mutex(false)
            async let exchanged = {
                var count = 0
                while !isOver.withLock({ $0 }) {
                    _ = try await driver.apply(maps[count % maps.count])
                    count += 1
                }
                return count
            }()
            let words = try await outcome.split(separator: " ", maxSplits: 1)
            isOver.withLock { $0 = true }
            let exchanges = try await exchanged
            #expect(words.last == "{}", "\(words) with \(exchanges) exchanges")
            #expect((Int(words[0]) ?? 0) > 500 && exchanges > 20, "\(words) with \(exchanges) exchanges")
        }
    }

    @Test("a connection stays with its member when the port leads elsewhere")
    func established() async throws {
        try await NetworkLab.run { lab in
            try await Self.serve(lab)
            let driver = FirewallDriver(lab.firewall, openNetlink: { try lab.openNetlink() })
            let (first, second) = (
                TrafficMap([TrafficMap.Route(Self.port, to: [Self.two])]),
                TrafficMap([TrafficMap.Route(Self.port, to: [Self.one])])
            )
            _ = try await driver.apply(Self.intent(first))
            try await ScratchFolder.with { folder in
                async let answer = lab.run(
                    """
                    exec 3<>/dev/tcp/192.175.48.1/8080; touch \(folder.path)/connected
                    until [[ -e \(folder.path)/switched ]]; do sleep 0.02; done
                    printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3
                    """, at: .internet)
                try await lab.run("timeout 30 bash -c 'until [[ -e \(folder.path)/connected ]]; do sleep 0.02; done'")
                _ = try await driver.apply(Self.intent(second))
                #expect(try await Self.answers(10, lab, from: .internet) == ["one": 10])
                let tracked = TrackedConnections(
                    socket: try lab.openNetlink(), mark: EnginePassage.Flows.ports.bit)
                // Those to the other member have ended, or are about to.
                #expect(try tracked.answering().contains(Self.two.address))
                let clock = ContinuousClock()
                let long = await clock.measure { await driver.connectionDrain.wait(for: Self.two.address) }
                #expect(long >= TrafficMap.grace, "it has not ended")
                try await lab.run("touch \(folder.path)/switched")
                #expect(try await answer.hasSuffix("two"))
                #expect(try await eventually { try !tracked.answering().contains(Self.two.address) })
                let short = await clock.measure { await driver.connectionDrain.wait(for: Self.two.address) }
                #expect(short < TrafficMap.grace, "nobody is connected any more")
            }
        }
    }

    @Test("who may connect is decided by the policy of the object, by the address that they have")
    func ingress() async throws {
        try await NetworkLab.run { lab in
            try await Self.serve(lab)
            for (source, isOpen) in [("192.175.48.0/24 80/tcp", true), ("198.51.100.0/24 80/tcp", false)] {
                let policy = try PolicyFixture(from: [source]).policy()
                _ = try await FirewallDriver(lab.firewall).apply(Self.intent(Self.both, [policy]))
                let answers = try await Self.answers(3, lab, from: .internet)
                #expect(answers["none"] == (isOpen ? nil : 3), "\(source): \(answers)")
            }
        }
    }

    @Test("what is in force is read back by another run of the program, and what is not ours is noticed and replaced")
    func drift() async throws {
        try await NetworkLab.run { lab in
            let nothing = Self.intent(TrafficMap())
            _ = try await FirewallDriver(lab.firewall).apply(Self.intent(Self.both))
            let driver = FirewallDriver(lab.firewall)
            #expect(await driver.facts(for: nothing).traffic == Self.both)
            let meddling = [
                "nft add rule ip reconcile c_ports tcp dport 9 accept",
                "nft add rule ip reconcile c_enter counter", "nft flush chain ip reconcile c_ports",
                "nft add chain ip reconcile other",
            ]
            for command in meddling {
                try await lab.run(command)
                let facts = await driver.facts(for: nothing)
                #expect(facts.traffic == nil && facts.drift != nil, "\(command)")
                #expect(try await driver.apply(Self.intent(Self.both)).traffic == Self.both)
                #expect(await driver.facts(for: nothing).traffic == Self.both, "after \(command)")
            }
            try await lab.run("nft flush ruleset")
            // An empty table is left of it, or none: nothing leads anywhere.
            #expect(await driver.facts(for: nothing).traffic?.isEmpty != false)
            #expect(try await driver.apply(Self.intent(Self.both)).traffic == Self.both)
            _ = try await driver.apply(nothing)
            #expect(try await !lab.run("nft list tables").contains("table ip reconcile"))
        }
    }

    @Test("iptables leads no ports, and says so")
    func iptables() async throws {
        try await NetworkLab.run { lab in
            var intent = Self.intent(TrafficMap(), [try PolicyFixture(egress: .deny).policy()])
            intent.leadsPorts = true
            let driver = FirewallDriver(lab.firewall, choice: .iptables)
            let facts = await driver.facts(for: intent)
            #expect(!facts.leadsPorts && facts.support == .by(.iptables))
        }
    }
}

/// The text of the rules, and how it is read back.
struct PortsTextTests {
    @Test("each member is one rule, and they share the connections of their port by their weights")
    func text() {
        let members = [TrafficMap.Member(.v4(0x0AE0_0002), weight: 3), TrafficMap.Member(.v4(0x0AE0_0003))]
        let map = TrafficMap([
            TrafficMap.Route(PublishedPort(hostPort: 80, container: ContainerPort(8080)), to: members),
            TrafficMap.Route(
                PublishedPort(hostIP: "192.0.2.1", hostPort: 53, container: ContainerPort(53, .udp)),
                to: [members[1]]),
        ])
        let text = NFTPorts.text(map, table: "t", isFresh: false)
        let rules = text.split(separator: "\n").filter { $0.hasPrefix("add rule ip t c_ports") }
        let mark = "ct mark set ct mark | 0x10000000"
        let expected: [String] = [
            "ip daddr 192.0.2.1 udp dport 53 numgen random mod 1 <= 0 \(mark) dnat to 10.224.0.3:53",
            "tcp dport 80 numgen random mod 4 <= 2 \(mark) dnat to 10.224.0.2:8080",
            "tcp dport 80 numgen random mod 1 <= 0 \(mark) dnat to 10.224.0.3:8080",
        ]
        #expect(rules.map { $0.dropFirst(22) } == expected.map { Substring($0) })
        #expect(!text.contains("delete table"))
        #expect(NFTPorts.text(map, table: "t", isFresh: true).contains("delete table ip t"))
        #expect(NFTPorts.text(TrafficMap(), table: "t", isFresh: false) == "add table ip t\ndelete table ip t\n")
        let listing = "table ip t {\n\tchain c_ports {\n" + rules.map { "\t\t" + $0.dropFirst(22) + "\n" }.joined()
        #expect(TrafficMap(listing: listing + "\t}\n}\n") == map)
    }

    @Test(
        "a rule that reads like none of ours makes the whole listing unreadable",
        arguments: ["tcp dport 80 dnat to 10.0.0.1:80", "tcp dport x numgen random mod 1 <= 0 dnat to 10.0.0.1:80"])
    func foreign(_ rule: String) { #expect(TrafficMap(listing: "table ip t {\n\t\t\(rule)\n}\n") == nil) }
}
