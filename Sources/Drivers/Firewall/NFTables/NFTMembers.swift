import Reconciler
import Specs

/// Binds each member to the addresses that are its own, where it enters the bridge: a table of the bridge family.
///
/// The rules of a bridge know its members by address, and a program that may write raw packets can write any: its siblings'
/// included, which the way back leads to as well. What enters at a port must carry the hardware address and the addresses
/// of the member behind it, in ARP too. Rules are constant, members are data; ports that nobody is known behind are passed over.
actor NFTMembers {
    private let command: FirewallCommand
    private let scratch = ScratchNamespace(FirewallCommand())
    /// What an empty kernel lists of the newest text that was asked about.
    private var wanted: (text: String, listing: String)?

    init(_ command: FirewallCommand) { self.command = command }

    /// The whole table for these members, as one transaction; it takes the table away for none.
    static func text(_ links: [MemberLink], table: String) -> String {
        guard !links.isEmpty else { return "add table bridge \(table)\ndelete table bridge \(table)\n" }
        let sorted = links.sorted()
        let sets = [
            ("s_ports", "type ifname;", sorted.map { "\"\($0.port)\"" }),
            ("s_hardware", "typeof iifname . ether saddr;", sorted.map { "\"\($0.port)\" . \($0.hardware)" }),
            ("s_members4", "typeof iifname . ip saddr;", elements(sorted) { if case .v4 = $0 { true } else { false } }),
            (
                "s_members6", "typeof iifname . ip6 saddr;",
                elements(sorted) { if case .v6 = $0 { true } else { false } }
            ),
        ]
        var lines = ["add table bridge \(table)", "add counter bridge \(table) c_neighbour"]
        lines += sets.map { "add set bridge \(table) \($0.0) { \($0.1) }" }
        lines.append(
            "add chain bridge \(table) c_enter { type filter hook prerouting priority -300; policy accept; }")
        lines.append("flush chain bridge \(table) c_enter")
        lines += sets.map { "flush set bridge \(table) \($0.0)" }
        lines += sets.filter { !$0.2.isEmpty }.map {
            "add element bridge \(table) \($0.0) { \($0.2.joined(separator: ", ")) }"
        }
        lines += rules.map { "add rule bridge \(table) c_enter \($0)" }
        return lines.joined(separator: "\n") + "\n"
    }

    private static let rules = [
        "iifname != @s_ports return",
        "iifname . ether saddr != @s_hardware counter name c_neighbour drop",
        "ether type ip iifname . ip saddr != @s_members4 counter name c_neighbour drop",
        "ether type arp iifname . arp saddr ether != @s_hardware counter name c_neighbour drop",
        "ether type arp iifname . arp saddr ip != @s_members4 counter name c_neighbour drop",
        // Neighbours are found, and addresses are tried out, by these two.
        "ip6 saddr { ::, fe80::/10 } return",
        "ether type ip6 iifname . ip6 saddr != @s_members6 counter name c_neighbour drop",
    ]

    private static func elements(_ links: [MemberLink], _ isOfFamily: (IPAddress) -> Bool) -> [String] {
        links.flatMap { link in link.addresses.filter(isOfFamily).map { "\"\(link.port)\" . \($0)" } }
    }

    /// Whether the kernel has such tables at all.
    func isSupported() async -> Bool {
        let probe = MemberLink(bridge: "", port: "probe", hardware: "02:00:00:00:00:01", addresses: [.v4(0x0A00_0001)])
        // A program that cannot be run says no as well.
        let output = try? await command.run(
            ["nft", "--check", "--file", "-"], input: Self.text([probe], table: "probe"))
        return output?.isSuccess == true
    }

    func apply(_ links: [MemberLink], table: String) async throws(DriverError) {
        _ = try await command.succeed(["nft", "--file", "-"], input: Self.text(links, table: table))
    }

    /// Whom the table names besides these, and who is not on this host any more: whoever takes a member away leaves its pairs
    /// for the next exchange, and nobody else can enter at a port that is gone.
    func departed(besides links: [MemberLink], table: String) async -> [MemberLink] {
        // Without an answer nobody is known to have gone.
        guard let listing = try? await command.run(["nft", "--stateless", "list", "table", "bridge", table]),
            listing.isSuccess
        else { return [] }
        let known = Set(links.map(\.port))
        var others: [String: MemberLink] = [:]
        for pair in listing.text.matches(of: /"(?<port>[^"]+)" \. (?<name>[0-9a-f:.]+)/) {
            let port = String(pair.port)
            if known.contains(port) { continue }
            var link = others[port] ?? MemberLink(bridge: "", port: port, hardware: "", addresses: [])
            if let address = try? IPAddress.parse(String(pair.name)) {
                link.addresses.append(address)
            } else {
                link.hardware = String(pair.name)
            }
            others[port] = link
        }
        if others.isEmpty { return [] }
        let list = ["ip", "-oneline", "link", "show"]
        guard let present = try? await command.run(list), present.isSuccess else { return [] }
        // `7: veth1a2b3c4@if6: <BROADCAST,...`
        let ports = Set(present.text.matches(of: /(?m)^\d+: ([^:@]+)/).map { String($0.1) })
        return others.values.filter { !ports.contains($0.port) }
    }

    /// Whether the kernel has exactly this.
    func isInForce(_ links: [MemberLink], table: String) async -> Bool {
        let list = ["nft", "--stateless", "list", "table", "bridge", table]
        // Without an answer nothing is known to be in force.
        guard let actual = try? await command.run(list) else { return false }
        guard actual.isSuccess else { return false }
        let text = Self.text(links, table: table)
        if wanted?.text != text {
            wanted = await scratch.run(
                "nft --file - && exec nft --stateless list table bridge \"$1\"", table, input: text
            ).map { (text, $0) }
        }
        return wanted?.listing == actual.text
    }
}
