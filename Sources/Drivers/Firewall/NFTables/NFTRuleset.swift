package import Reconciler
import Specs

/// Our table as text for `nft -f`: one transaction each, in which nothing is ever open that was not before.
package enum NFTRuleset {
    /// What all bridges share.
    ///
    /// Both base chains accept: what is no bridge of ours is none of our business, and nobody can lock themselves out.
    /// They come before Docker's chains, and a packet that is dropped here is dropped whatever those say.
    static let shared: [NFTObject] =
        [
            .set("s_always4", "type ipv4_addr; flags interval;", NFTBridge.texts(BlockedAddresses.always, 4)),
            .set("s_always6", "type ipv6_addr; flags interval;", NFTBridge.texts(BlockedAddresses.always, 6)),
            .set("s_private4", "type ipv4_addr; flags interval;", NFTBridge.texts(BlockedAddresses.private, 4)),
            .set("s_private6", "type ipv6_addr; flags interval;", NFTBridge.texts(BlockedAddresses.private, 6)),
        ] + maps.map { NFTObject(kind: .map, name: $0, definition: "type ifname : verdict;") } + [
            .chain(
                "c_forward", hook: "type filter hook forward priority filter - 10; policy accept;",
                ["iifname vmap @m_out", "oifname vmap @m_in"]),
            .chain(
                "c_input", hook: "type filter hook input priority filter - 10; policy accept;", ["iifname vmap @m_host"]
            ),
        ]

    private static let maps = ["m_out", "m_in", "m_host"]

    /// The whole table anew, whatever was there before. A packet that meets this passes, see `repair`.
    ///
    /// - Parameter carried: the table as it is; what packets and the name filter have put into it goes on, and so does
    ///   all of the bridges that are kept.
    package static func replacement(_ intent: FirewallIntent, carrying carried: NFTListing? = nil) -> String {
        let table = intent.table
        // Adding comes first, so that there is something to delete.
        var lines = ["add table inet \(table)", "delete table inet \(table)"]
        if intent.isEmpty { return text(lines) }
        lines.append("add table inet \(table)")
        let bridges = intent.bridges.map(NFTBridge.init)
        let objects = shared + bridges.flatMap(\.objects)
        lines += objects.map { carried?.state(of: $0, in: table) ?? $0.creation(in: table) }
        lines += objects.flatMap { $0.filling(in: table) }
        lines += objects.compactMap { carried?.elements(of: $0, in: table) }
        if let carried {
            for bridge in intent.kept { lines += carried.everything(of: bridge, in: table) }
        }
        lines += entries(of: bridges, table)
        return text(lines)
    }

    /// From one intent, which is in force, to another: only what differs is touched.
    package static func change(from old: FirewallIntent, to new: FirewallIntent) -> String {
        let table = new.table
        let before = Dictionary(old.bridges.map { ($0.bridge, $0) }) { first, _ in first }
        let after = Set(new.bridges.map(\.bridge))
        let changed = new.bridges.filter { before[$0.bridge]?.digest != $0.digest }
        let gone = old.bridges.filter { !after.contains($0.bridge) && !new.kept.contains($0.bridge) }.map(
            NFTBridge.init)
        return text(
            changed.flatMap { statements(for: NFTBridge($0), over: before[$0.bridge].map(NFTBridge.init), table) }
                + gone.flatMap { bridge in
                    exchange(
                        removing: removal(of: bridge.objects, table), leading: Set(bridge.entries), to: [], in: table)
                })
    }

    /// Only things that are not as they were: most changes of a policy are changes of one set.
    private static func statements(for bridge: NFTBridge, over old: NFTBridge?, _ table: String) -> [String] {
        let before = Dictionary((old?.objects ?? []).map { ($0.name, $0) }) { first, _ in first }
        let names = Set(bridge.objects.map(\.name))
        let surplus = (old?.objects ?? []).filter { !names.contains($0.name) }
        let changed = bridge.objects.filter { before[$0.name] != $0 }
        return exchange(
            making: changed.filter { before[$0.name] == nil }, refilling: changed.filter { before[$0.name] != nil },
            removing: removal(of: surplus, table), leading: Set(old?.entries ?? []), to: Set(bridge.entries), in: table)
    }

    private static func removal(of objects: [NFTObject], _ table: String) -> [String] {
        objects.compactMap { $0.flushing(in: table) } + objects.reversed().map { $0.deletion(in: table) }
    }

    /// From one state of a table to another, in the order that the kernel takes: what is named must be there, and what goes
    /// must not be named any more.
    ///
    /// - Parameters:
    ///   - missing: what is made.
    ///   - damaged: what stays, and gets other contents.
    ///   - removal: statements that empty what is surplus and delete it.
    static func exchange(
        making missing: [NFTObject] = [], refilling damaged: [NFTObject] = [], removing removal: [String],
        leading old: Set<NFTEntry>, to new: Set<NFTEntry>, in table: String
    ) -> [String] {
        var lines = missing.map { $0.creation(in: table) }
        lines += old.subtracting(new).sorted().map { $0.deletion(in: table) }
        lines += damaged.compactMap { $0.flushing(in: table) }
        lines += removal
        lines += (missing + damaged).flatMap { $0.filling(in: table) }
        lines += new.subtracting(old).sorted().map { $0.addition(in: table) }
        return lines
    }

    private static func entries(of bridges: [NFTBridge], _ table: String) -> [String] {
        let all = bridges.flatMap(\.entries)
        return maps.compactMap { map in
            let elements = all.filter { $0.map == map }.map(\.element)
            return elements.isEmpty ? nil : "add element inet \(table) \(map) { \(elements.joined(separator: ", ")) }"
        }
    }

    static func text(_ lines: [String]) -> String { lines.joined(separator: "\n") + "\n" }
}
