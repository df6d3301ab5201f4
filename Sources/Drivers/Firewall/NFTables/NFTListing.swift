import Reconciler

/// What `nft list table` prints of our table, cut into the things that are in it.
///
/// Nothing in here understands a rule: what is wanted is loaded into an empty network namespace and listed by the same
/// program, and the two texts are compared.
package struct NFTListing: Hashable, Sendable {
    /// By kind and name, such as `set s_always4`: the lines between the braces.
    private(set) var blocks: [String: [String]] = [:]
    /// What stands in the table itself, such as flags.
    private(set) var ownLines: [String] = []

    package init(_ text: String) {
        var header: String?
        var body: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: true).dropFirst() {
            if line == "}" { break }
            if let open = header {
                if line == "\t}" {
                    blocks[open] = body
                    header = nil
                } else {
                    body.append(String(line))
                }
            } else if line.hasSuffix(" {") {
                header = String(line.dropFirst().dropLast(2))
                body = []
            } else {
                ownLines.append(String(line))
            }
        }
    }

    /// Bridges of which something is in the table.
    var bridges: Set<String> {
        let named = blocks.keys.compactMap { NFTNames.bridge(in: String(Self.name(of: $0))) }
        return Set(named + entries.compactMap(\.bridge))
    }

    static func name(of key: String) -> Substring { key.split(separator: " ").last ?? "" }

    // MARK: Comparing

    /// What is not as the other listing has it, of what all bridges share; nil where it is the same.
    func sharedDifference(from wanted: NFTListing) -> String? {
        if ownLines != wanted.ownLines { return "the table has other flags" }
        let (ours, theirs) = (sharedBlocks, wanted.sharedBlocks)
        for key in Set(ours.keys).union(theirs.keys).sorted() where ours[key] != theirs[key] {
            return ours[key] == nil ? "\(key) is gone" : theirs[key] == nil ? "\(key) is not ours" : "\(key) differs"
        }
        return nil
    }

    /// What is not as the other listing has it, of one bridge; nil where it is the same.
    func difference(from wanted: NFTListing, of bridge: String) -> String? {
        let (ours, theirs) = (ownBlocks(of: bridge), wanted.ownBlocks(of: bridge))
        for key in Set(ours.keys).union(theirs.keys).sorted() where ours[key] != theirs[key] {
            return ours[key] == nil ? "\(key) is gone" : theirs[key] == nil ? "\(key) is not ours" : "\(key) differs"
        }
        return entries(of: bridge) == wanted.entries(of: bridge) ? nil : "'\(bridge)' is led elsewhere"
    }

    private var sharedBlocks: [String: [String]] {
        blocks.filter { NFTNames.bridge(in: String(Self.name(of: $0.key))) == nil }
            .reduce(into: [:]) { $0[$1.key] = Self.comparable($1.key, $1.value) }
    }

    private func ownBlocks(of bridge: String) -> [String: [String]] {
        blocks.filter { NFTNames.bridge(in: String(Self.name(of: $0.key))) == bridge }
            .reduce(into: [:]) { $0[$1.key] = Self.comparable($1.key, $1.value) }
    }

    /// What of it is ours to say: entries of maps are compared by bridge, and what packets and the name filter put somewhere is
    /// their business.
    private static func comparable(_ key: String, _ body: [String]) -> [String] {
        isMap(key) || key.hasPrefix("counter ") || key.hasPrefix("set \(NFTNames.dynamic)")
            ? withoutContents(key, body) : body
    }

    private static func withoutContents(_ key: String, _ body: [String]) -> [String] {
        key.hasPrefix("counter ") ? [] : withoutElements(body)
    }

    private static func isMap(_ key: String) -> Bool { key.hasPrefix("map ") }

    private static func withoutElements(_ body: [String]) -> [String] {
        guard let first = body.firstIndex(where: { $0.hasPrefix("\t\telements = {") }) else { return body }
        let last = body[first...].firstIndex { $0.hasSuffix("}") } ?? body.count - 1
        return Array(body[..<first] + body[(last + 1)...])
    }

    private static func elements(_ body: [String]) -> [String] {
        guard let first = body.firstIndex(where: { $0.hasPrefix("\t\telements = {") }) else { return [] }
        let last = body[first...].firstIndex { $0.hasSuffix("}") } ?? body.count - 1
        let text = body[first...last].joined(separator: " ")
        guard let open = text.firstIndex(of: "{"), let close = text.lastIndex(of: "}") else { return [] }
        return text[text.index(after: open)..<close].split(separator: ",").map { element in
            element.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
        }
    }

    /// What leads packets to chains of bridges.
    var entries: Set<NFTEntry> {
        Set(
            blocks.filter { Self.isMap($0.key) }.flatMap { key, body in
                Self.elements(body).map { NFTEntry(map: String(Self.name(of: key)), element: $0) }
            })
    }

    func entries(of bridge: String) -> Set<NFTEntry> { entries.filter { $0.bridge == bridge } }

    // MARK: Putting right

    /// What is in both of them, by kind and name, and as this one should have it.
    ///
    /// - Returns: nil where something was made anew otherwise, so that other contents cannot put it right.
    func sound(by wanted: NFTListing) -> Set<String>? {
        let both = Set(blocks.keys).intersection(wanted.blocks.keys)
        guard ownLines == wanted.ownLines,
            both.allSatisfy({ Self.definition($0, blocks[$0] ?? []) == Self.definition($0, wanted.blocks[$0] ?? []) })
        else { return nil }
        return both.filter { Self.comparable($0, blocks[$0] ?? []) == Self.comparable($0, wanted.blocks[$0] ?? []) }
    }

    /// What stays when the thing is emptied.
    private static func definition(_ key: String, _ body: [String]) -> [String] {
        key.hasPrefix("chain ")
            ? body.filter { $0.hasPrefix("\t\ttype ") || $0.hasPrefix("\t\tcomment ") } : withoutContents(key, body)
    }

    // MARK: Carrying over

    /// What makes a counter with the numbers that it has here; nil for everything else.
    func state(of object: NFTObject, in table: String) -> String? {
        guard object.kind == .counter, let body = blocks["counter \(object.name)"], !body.isEmpty else { return nil }
        let numbers = body.map { $0.drop { $0 == "\t" } }.joined(separator: " ")
        return "add counter inet \(table) \(object.name) { \(numbers) }"
    }

    /// What puts in what the name filter had put into a timed set; nil for everything else, and where nothing is in it.
    func elements(of object: NFTObject, in table: String) -> String? {
        guard object.kind == .set, object.isDynamic, object.definition?.contains("dynamic") == false,
            let body = blocks["set \(object.name)"]
        else { return nil }
        let elements = Self.elements(body)
        return elements.isEmpty
            ? nil : "add element inet \(table) \(object.name) { \(elements.joined(separator: ", ")) }"
    }

    /// Everything of one bridge as it is here, in words that make it anew.
    func everything(of bridge: String, in table: String) -> [String] {
        let own = blocks.filter { NFTNames.bridge(in: String(Self.name(of: $0.key))) == bridge }
        // Counters, then sets, then chains, and the chain that the others lead to is declared before their rules.
        let order = own.keys.sorted { (Self.rank($0), $0) < (Self.rank($1), $1) }
        var lines = own.keys.filter { $0.hasPrefix("chain ") }.sorted().map {
            "add chain inet \(table) \(Self.name(of: $0))"
        }
        for key in order {
            let body = own[key] ?? []
            // What packets put there counts from the beginning; nft does not read all of what it prints of it.
            let isCounting = key.hasPrefix("set ") && body.contains { $0.hasPrefix("\t\tflags dynamic") }
            lines += ["table inet \(table) {", "\t\(key) {"]
            lines += (isCounting ? Self.withoutElements(body) : body) + ["\t}", "}"]
        }
        return lines
            + entries(of: bridge).sorted().map { $0.addition(in: table) }
    }

    static func rank(_ key: String) -> Int {
        key.hasPrefix("counter ") ? 0 : key.hasPrefix("set ") ? 1 : key.hasPrefix("map ") ? 2 : 3
    }
}

extension NFTListing {
    /// The answer to `list counters`; nil where there is no table.
    init?(counters output: FirewallCommand.Output) {
        guard output.isSuccess else { return nil }
        self.init(output.text)
    }

    /// What the counters say, in the order of bridges and reasons.
    var refusals: [PolicyRefusals] {
        blocks.compactMap { key, body in
            guard key.hasPrefix("counter "),
                let bridge = NFTNames.bridge(in: String(key.dropFirst("counter ".count))),
                let reason = key.split(separator: "_").last
            else { return nil }
            let words = body.joined(separator: " ").split { $0 == " " || $0 == "\t" }
            guard words.count == 4, let packets = UInt64(words[1]), let bytes = UInt64(words[3]) else { return nil }
            return PolicyRefusals(bridge: bridge, reason: String(reason), packets: packets, bytes: bytes)
        }.sorted { ($0.bridge, $0.reason) < ($1.bridge, $1.reason) }
    }
}
