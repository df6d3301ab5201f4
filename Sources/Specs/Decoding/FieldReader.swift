/// Reads a map with known keys and reports all others when it begins.
package struct FieldReader {
    /// The map itself.
    package let field: Field
    private let keys: [String]
    private let pairs: [YAMLPair]
    /// Known keys that an unknown one was probably meant to be.
    private var misspelt: Set<String> = []

    /// Reports every key that is not among `keys`, with the nearest known one as a hint; nil unless it is a map.
    package init?(_ field: Field, keys: [String]) {
        guard case .mapping(let pairs) = field.node.content else {
            field.reportWrongType("a map")
            return nil
        }
        self.field = field
        self.keys = keys
        self.pairs = pairs
        for pair in pairs where !keys.contains(pair.key) { reportUnknown(pair) }
    }

    /// The value of a key; nil when it was left out.
    package subscript(key: String) -> Field? {
        assert(keys.contains(key), "'\(key)' is read but not among the known keys")
        guard let pair = pairs.first(where: { $0.key == key }) else { return nil }
        return field.child(key, pair.value)
    }

    func isWritten(_ key: String) -> Bool { pairs.contains { $0.key == key } }

    /// The value of a key that must be there; reports when it is not.
    package func required(_ key: String) -> Field? {
        if let value = self[key] { return value }
        // One mistake is one finding.
        if !misspelt.contains(key) { field.report(.missingKey, "\(field.name) needs '\(key)'") }
        return nil
    }

    /// Whether an unknown key was probably meant to be one of these: then it is the one finding.
    package func isMisspelt(_ keys: String...) -> Bool { isMisspelt(keys) }
    package func isMisspelt(_ keys: [String]) -> Bool { !misspelt.isDisjoint(with: keys) }

    /// Remembers that the field, written or left out, says what this version cannot carry out yet.
    package func recordUnenforced(_ key: String) {
        field.context.recordUnenforced(self[key] ?? field.child(key, field.node))
    }

    private mutating func reportUnknown(_ pair: YAMLPair) {
        let nearest = NearestName.find(pair.key, among: keys)
        if let nearest { misspelt.insert(nearest) }
        let hint = nearest.map { "did you mean '\($0)'?" } ?? "known keys: \(keys.joined(separator: ", "))"
        let message = "unknown key \(Diagnostic.quote(pair.key))"
        field.context.report(Diagnostic(.unknownKey, at: pair.keyPosition, message, hint: hint))
    }
}
