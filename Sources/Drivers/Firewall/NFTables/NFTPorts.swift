import Reconciler
import Specs

/// Leads ports of this host to members, by translating the destination of new connections: a table of the family `ip`.
///
///     c_enter  (prerouting, dstnat - 10)   from outside, to an address of this host  -> c_ports
///     c_local  (output, dstnat - 10)       from the host itself, but the loopback    -> c_ports
///     c_ports  one rule for each port: mark the connection, choose a member, translate
///
/// The kernel asks for the first packet of a connection alone; all others follow it, whatever becomes of the rules. So a
/// member that is led to no more keeps the connections that it has. It comes before Docker's own translation.
actor NFTPorts {
    private let command: FirewallCommand
    private let passage: EnginePassage
    private let scratch = ScratchNamespace(FirewallCommand())
    /// What an empty kernel lists of the newest map that was asked about.
    private var expected: (map: TrafficMap, table: String, listing: String)?
    /// What is in the kernel for sure; nil where that is not known.
    private var known: TrafficMap?
    private var canLead: Bool?
    private var isPassageOpen = false

    init(_ command: FirewallCommand) {
        self.command = command
        passage = EnginePassage(command, for: .ports)
    }

    // MARK: Text

    private static let chains = [
        ("c_ports", ""),
        ("c_enter", " { type nat hook prerouting priority -110; policy accept; }"),
        ("c_local", " { type nat hook output priority -110; policy accept; }"),
    ]

    /// The whole table as one transaction; it takes the table away for an empty map.
    ///
    /// - Parameter isFresh: nothing that somebody else may have put there stays.
    static func text(_ map: TrafficMap, table: String, isFresh: Bool) -> String {
        // Adding comes first, so that there is something to delete.
        var lines = ["add table ip \(table)"]
        if isFresh || map.isEmpty { lines.append("delete table ip \(table)") }
        if map.isEmpty { return lines.joined(separator: "\n") + "\n" }
        if isFresh { lines.append("add table ip \(table)") }
        lines += chains.map { "add chain ip \(table) \($0.0)\($0.1)" }
        lines += chains.map { "flush chain ip \(table) \($0.0)" }
        lines += [
            // Between objects of this host a policy decides, and no port.
            "add rule ip \(table) c_enter iifname \"rc-*\" return",
            "add rule ip \(table) c_enter fib daddr type local jump c_ports",
            // What comes from the loopback could not be answered.
            "add rule ip \(table) c_local ip daddr != 127.0.0.0/8 fib daddr type local jump c_ports",
        ]
        lines += map.routes.map { "add rule ip \(table) c_ports \(rule($0))" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func rule(_ route: TrafficMap.Route) -> String {
        let mark = EnginePassage.Flows.ports.mark
        let (port, transport) = (route.port, route.port.container.transport.rawValue)
        let address = port.hostIP == "0.0.0.0" ? "" : "ip daddr \(port.hostIP) "
        return "\(address)\(transport) dport \(port.hostPort) ct mark set ct mark | \(mark) "
            + "dnat to numgen random mod \(route.members.reduce(0) { $0 + $1.weight }) map { \(shares(route)) }"
            + ":\(port.container.number)"
    }

    /// `0 : 10.224.0.2, 1-9 : 10.224.0.3`
    private static func shares(_ route: TrafficMap.Route) -> String {
        var next = 0
        return route.members.map { member in
            defer { next += member.weight }
            let range = member.weight == 1 ? "\(next)" : "\(next)-\(next + member.weight - 1)"
            return "\(range) : \(member.address)"
        }.joined(separator: ", ")
    }

    // MARK: Writing

    /// Whether the kernel has all that this needs.
    func isSupported() async -> Bool {
        if let canLead { return canLead }
        let port = PublishedPort(hostPort: 1, container: ContainerPort(1))
        let probe = TrafficMap([TrafficMap.Route(port, to: [TrafficMap.Member(.v4(0x0A00_0001), weight: 2)])])
        let output = try? await command.run(
            ["nft", "--check", "--file", "-"], input: Self.text(probe, table: "probe", isFresh: true))
        // A program that could not be run says nothing of the kernel, and is asked again.
        canLead = output?.isSuccess
        return canLead == true
    }

    func apply(_ map: TrafficMap, table: String) async throws(DriverError) {
        var before = known
        if before == nil { before = await inForce(table: table) }
        if map == before { return }
        known = nil
        if !map.isEmpty, !isPassageOpen {
            try await passage.open(for: table)
            isPassageOpen = true
        }
        let isFresh = before?.isEmpty ?? true
        _ = try await command.succeed(
            ["nft", "--file", "-"], input: Self.text(map, table: table, isFresh: isFresh))
        if map.isEmpty {
            await passage.close(for: table)
            isPassageOpen = false
        }
        known = map
    }

    // MARK: Looking

    /// Where ports lead by the kernel's own listing; nil where that is not what any map of ours would be listed as, or
    /// where the engine does not let it through.
    func inForce(table: String) async -> TrafficMap? {
        known = nil
        // Without an answer nothing is known.
        guard let actual = try? await command.run(["nft", "--stateless", "list", "table", "ip", table]) else {
            return nil
        }
        guard actual.isSuccess else {
            guard actual.complaint.contains("No such file or directory") else { return nil }
            known = TrafficMap()
            return known
        }
        // What is read of it is a guess, and whether an empty kernel lists the guess alike is the proof.
        guard let map = TrafficMap(listing: actual.text), !map.isEmpty,
            await listing(of: map, table: table) == actual.text, await passage.missing(for: table).isEmpty
        else {
            isPassageOpen = false
            return nil
        }
        isPassageOpen = true
        known = map
        return map
    }

    private func listing(of map: TrafficMap, table: String) async -> String? {
        if let expected, expected.map == map, expected.table == table { return expected.listing }
        let listing = await scratch.run(
            "nft --file - && exec nft --stateless list table ip \"$1\"", table,
            input: Self.text(map, table: table, isFresh: true))
        expected = listing.map { (map, table, $0) }
        return listing
    }
}

extension TrafficMap {
    /// What a listing of our table seems to say; nil where a rule of it reads like none of ours.
    init?(listing: String) {
        var routes: [Route] = []
        for line in listing.split(separator: "\n") where line.contains(" dnat to ") {
            guard let route = Route(rule: line) else { return nil }
            routes.append(route)
        }
        self.init(routes)
    }
}

extension TrafficMap.Route {
    /// Reads `[ip daddr ADDRESS] tcp dport PORT … map { 0 : ADDRESS, 1-9 : ADDRESS }:PORT`.
    fileprivate init?(rule: Substring) {
        let words = rule.split { $0 == " " || $0 == "\t" }
        guard let place = words.firstIndex(of: "dport"), place > 0, words.count > place + 1,
            let transport = ContainerPort.Transport(rawValue: String(words[place - 1])),
            let hostPort = UInt16(words[place + 1]), let open = rule.firstIndex(of: "{"),
            let close = rule.lastIndex(of: "}"), open < close, let number = UInt16(rule[close...].dropFirst(2))
        else { return nil }
        let members = rule[rule.index(after: open)..<close].split(separator: ",").compactMap(TrafficMap.Member.init)
        var address = "0.0.0.0"
        if words.count > 2, words[0] == "ip", words[1] == "daddr" { address = String(words[2]) }
        let port = PublishedPort(hostIP: address, hostPort: hostPort, container: ContainerPort(number, transport))
        self.init(port, to: members)
    }
}

extension TrafficMap.Member {
    /// Reads ` 1-9 : 10.224.0.3 `.
    fileprivate init?(element: Substring) {
        let words = element.split { $0 == " " || $0 == "\t" }
        guard words.count == 3, words[1] == ":", let address = try? IPAddress.parse(String(words[2])) else {
            return nil
        }
        let ends = words[0].split(separator: "-").compactMap { Int($0) }
        guard let first = ends.first, let last = ends.last, last >= first else { return nil }
        self.init(address, weight: last - first + 1)
    }
}
