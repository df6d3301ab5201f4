import Reconciler
import Specs

/// Leads ports of this host to members, by translating the destination of new connections: a table of the family `ip`.
///
///     c_enter  (prerouting, dstnat - 10)   from outside, to an address of this host  -> c_ports
///     c_local  (output, dstnat - 10)       from the host itself, but the loopback    -> c_ports
///     c_ports  for each port one rule for each member: draw, mark the connection, translate
///
/// A rule draws for its member alone, among those that come after it. One that looked the member up in a map would now and
/// then find nothing at the moment at which rules are exchanged: the kernel follows the old rule to its map, whose elements
/// are not in force any more, and the connection would be refused.
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
        lines += map.routes.flatMap(rules).map { "add rule ip \(table) c_ports \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    /// `tcp dport 8080 numgen random mod 10 <= 0 … dnat to 10.224.0.2:80`, where ten is the weight of all that are left.
    private static func rules(_ route: TrafficMap.Route) -> [String] {
        let mark = EnginePassage.Flows.ports.mark
        let (port, transport) = (route.port, route.port.container.transport.rawValue)
        let address = port.hostIP == "0.0.0.0" ? "" : "ip daddr \(port.hostIP) "
        var left = route.members.reduce(0) { $0 + $1.weight }
        return route.members.map { member in
            defer { left -= member.weight }
            return "\(address)\(transport) dport \(port.hostPort) numgen random mod \(left) <= \(member.weight - 1) "
                + "ct mark set ct mark | \(mark) dnat to \(member.address):\(port.container.number)"
        }
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
            if routes.last?.port == route.port {
                let members = routes.removeLast().members + route.members
                routes.append(Route(route.port, to: members))
            } else {
                routes.append(route)
            }
        }
        self.init(routes)
    }
}

extension TrafficMap.Route {
    /// Reads `[ip daddr ADDRESS] tcp dport PORT numgen random mod 10 <= 0 … dnat to ADDRESS:PORT`: one member of the route.
    fileprivate init?(rule: Substring) {
        let words = rule.split { $0 == " " || $0 == "\t" }
        func after(_ word: String) -> String? {
            words.lastIndex { $0 == word }.flatMap { $0 + 1 < words.count ? String(words[$0 + 1]) : nil }
        }
        guard let place = words.firstIndex(of: "dport"), place > 0,
            let transport = ContainerPort.Transport(rawValue: String(words[place - 1])),
            let hostPort = after("dport").flatMap({ UInt16($0) }), let last = after("<=").flatMap({ UInt32($0) }),
            let target = after("to")?.split(separator: ":"), target.count == 2, let number = UInt16(target[1]),
            let member = try? IPAddress.parse(String(target[0]))
        else { return nil }
        let isBound = words.count > 2 && words[0] == "ip" && words[1] == "daddr"
        let port = PublishedPort(
            hostIP: isBound ? String(words[2]) : "0.0.0.0", hostPort: hostPort,
            container: ContainerPort(number, transport))
        self.init(port, to: [TrafficMap.Member(member, weight: Int(last) + 1)])
    }
}
