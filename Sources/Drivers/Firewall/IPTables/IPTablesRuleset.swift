import Reconciler
import Specs

/// The same policies as text for `iptables-restore --noflush`, one for each version of the protocol.
///
/// Chains of our own, which a restore empties and fills in one transaction for each table; of other chains only the
/// jumps to ours are touched. Every address is a rule of its own, so that no other program is needed.
struct IPTablesRuleset {
    enum Version: Int, CaseIterable, Hashable, Sendable {
        case v4 = 4
        case v6 = 6

        /// `iptables-save`, `ip6tables-restore` and so on.
        func program(_ what: String) -> String { (self == .v4 ? "iptables" : "ip6tables") + "-\(what)" }
    }

    let intent: FirewallIntent
    let version: Version
    /// Whether the kernel's timed sets can be named (ipset); they must be there before the rules are.
    var hasSets = false

    /// The names of our chains that lead to those of the bridges.
    static func base(_ table: String) -> (forward: String, input: String, raw: String) {
        let prefix = table.uppercased()
        return (prefix + "-FWD", prefix + "-IN", prefix + "-RAW")
    }

    private var base: (forward: String, input: String, raw: String) { Self.base(intent.table) }

    /// `rc-0123456789` as a part of the names of its chains, which are at most 28 characters long.
    static func part(of bridge: String) -> String { "RC-" + bridge.dropFirst(3) }

    /// The bridge that a chain is of; nil for all others.
    static func bridge(ofChain name: some StringProtocol) -> String? {
        let parts = name.split(separator: "-")
        guard parts.count == 3, parts[0] == "RC" else { return nil }
        return "rc-\(parts[1])"
    }

    /// The whole text: what senders may not pretend first, then the filter.
    ///
    /// - Parameter listing: what is there: it says what must go, and where the jumps are. nil loads into an empty kernel.
    func text(over listing: IPTablesListing?) -> String {
        let parts = intent.bridges.map { IPTablesBridge($0, version, hasSets: hasSets) }
        let gone = (listing?.chains ?? []).filter { chain in
            guard let bridge = Self.bridge(ofChain: chain) else { return false }
            return !intent.kept.contains(bridge) && !parts.contains { $0.chains.contains { $0.name == chain } }
        }.sorted()
        var raw = [":\(base.raw) - [0:0]"] + parts.map { "-A \(base.raw) \($0.spoof)" }
        raw += kept(in: listing, of: base.raw)
        raw += listing?.jump(from: "PREROUTING", to: base.raw, in: "raw") ?? []
        var filter = [":\(base.forward) - [0:0]", ":\(base.input) - [0:0]"]
        filter += parts.flatMap(\.chains).map { ":\($0.name) - [0:0]" }
        for part in parts {
            filter += part.chains.flatMap { chain in chain.rules.map { "-A \(chain.name) \($0)" } }
        }
        for (chain, rules) in [
            (base.forward, parts.flatMap(\.forwardJumps) + parts.flatMap(\.passages)),
            (base.input, parts.map(\.inputJump)),
        ] {
            filter += rules.map { "-A \(chain) \($0)" } + kept(in: listing, of: chain)
        }
        if let listing {
            filter += listing.jump(from: listing.forwardHook, to: base.forward, in: "filter")
            filter += listing.jump(from: "INPUT", to: base.input, in: "filter")
        }
        filter += gone.map { "-F \($0)" } + gone.map { "-X \($0)" }
        return (["*raw"] + raw + ["COMMIT", "*filter"] + filter + ["COMMIT"]).joined(separator: "\n") + "\n"
    }

    /// What leads to the chains of bridges that stay as they are.
    private func kept(in listing: IPTablesListing?, of chain: String) -> [String] {
        (listing?.rules(of: chain) ?? []).filter { rule in intent.kept.contains { rule.contains(" \($0) ") } }
    }

    /// What takes away everything of ours.
    static func removal(_ listing: IPTablesListing, table: String) -> String {
        let base = base(table)
        var text = ""
        for (name, chains) in [("raw", [base.raw]), ("filter", [base.forward, base.input])] {
            let own = listing.chains(in: name).filter { chains.contains($0) || bridge(ofChain: $0) != nil }.sorted()
            if own.isEmpty { continue }
            let jumps = listing.jumps(to: chains, in: name).map { "-D " + $0.dropFirst(3) }
            let lines = ["*\(name)"] + jumps + own.map { "-F \($0)" } + own.map { "-X \($0)" } + ["COMMIT"]
            text += lines.joined(separator: "\n") + "\n"
        }
        return text
    }
}
