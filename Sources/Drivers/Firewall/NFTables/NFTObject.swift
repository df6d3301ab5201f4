import Reconciler

/// One named thing in our table, with all that is in it.
struct NFTObject: Hashable, Sendable {
    enum Kind: String, Hashable, Sendable { case counter, set, map, chain }

    var kind: Kind
    var name: String
    /// What stands in the braces of its definition; nil for none.
    var definition: String?
    /// Elements of a set or map, rules of a chain. Nobody's text: only words of ours and numbers that were parsed.
    var contents: [String] = []

    static func counter(_ name: String) -> NFTObject { NFTObject(kind: .counter, name: name) }

    static func set(_ name: String, _ definition: String, _ elements: [String] = []) -> NFTObject {
        NFTObject(kind: .set, name: name, definition: definition, contents: elements)
    }

    static func chain(_ name: String, hook: String? = nil, _ rules: [String]) -> NFTObject {
        NFTObject(kind: .chain, name: name, definition: hook, contents: rules)
    }

    /// As a listing calls it.
    var key: String { "\(kind.rawValue) \(name)" }

    /// Filled by packets or by the name filter, and not by us: a new application of the rules leaves it as it is.
    var isDynamic: Bool { kind == .counter || name.hasPrefix(NFTNames.dynamic) }

    /// What makes the thing; it may exist already.
    func creation(in table: String) -> String {
        "add \(kind.rawValue) inet \(table) \(name)" + (definition.map { " { \($0) }" } ?? "")
    }

    /// What empties it; nil for what keeps what is in it.
    func flushing(in table: String) -> String? {
        isDynamic ? nil : "flush \(kind.rawValue) inet \(table) \(name)"
    }

    func filling(in table: String) -> [String] {
        if contents.isEmpty { return [] }
        switch kind {
        case .chain: return contents.map { "add rule inet \(table) \(name) \($0)" }
        case .set, .map, .counter:
            return ["add element inet \(table) \(name) { \(contents.joined(separator: ", ")) }"]
        }
    }

    func deletion(in table: String) -> String { "delete \(kind.rawValue) inet \(table) \(name)" }
}

/// What leads the packets of one bridge to its chains.
struct NFTEntry: Hashable, Comparable, Sendable {
    var map: String
    /// `"rc-0123456789" : jump p_rc_0123456789_out`
    var element: String

    /// The bridge that it speaks of; nil where somebody wrote something else.
    var bridge: String? {
        let parts = element.split(separator: "\"", omittingEmptySubsequences: false)
        return parts.count == 3 ? String(parts[1]) : nil
    }

    func addition(in table: String) -> String { "add element inet \(table) \(map) { \(element) }" }

    func deletion(in table: String) -> String { "delete element inet \(table) \(map) { \(element) }" }

    static func < (a: NFTEntry, b: NFTEntry) -> Bool { (a.map, a.element) < (b.map, b.element) }
}

/// Names in our table: prefixes keep them apart from nft's own words, and tell whose they are.
enum NFTNames {
    /// Sets that packets or the name filter fill.
    static let dynamic = "d_"

    /// `rc-0123456789` as a part of names.
    static func part(of bridge: String) -> String {
        String(bridge.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    /// The bridge that a name speaks of; nil for what all of them share.
    static func bridge(in name: String) -> String? {
        let parts = name.split(separator: "_", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[1] == "rc" else { return nil }
        return "rc-\(parts[2])"
    }

    /// The timed set that holds what the names of one rule resolve to.
    static func names(_ bridge: String, rule: Int, isV6: Bool) -> String {
        "\(dynamic)\(part(of: bridge))_n\(rule)_\(isV6 ? 6 : 4)"
    }

    /// The timed set of addresses that connections were begun to by one rule. Another rule has another one, so that what a
    /// name has let through ends with the name.
    static func used(_ bridge: String, _ rule: BridgePolicy.NameRule, isV6: Bool) -> String {
        let words = rule.patterns.map { "\($0)" } + rule.ports.map { "\($0)" }
        return "\(dynamic)\(part(of: bridge))_k\(PlanDigest.of(words).prefix(8))_\(isV6 ? 6 : 4)"
    }
}
