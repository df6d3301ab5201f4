/// Reads a map with known keys and reports all others when it begins.
package struct FieldReader {
    /// The map itself.
    package let field: Field
    private let keys: [String]
    private let pairs: [YAMLPair]
    /// Of each known key, by its number, whether it was written.
    let isWritten: [Bool]
    /// Known keys that an unknown one was probably meant to be.
    private let misspelt: Set<String>

    /// Reports every key that is not among `keys`, with the nearest known one as a hint; nil unless it is a map.
    package init?(_ field: Field, keys: [String]) {
        guard case .mapping(let pairs) = field.node.content else {
            field.reportWrongType("a map")
            return nil
        }
        self.field = field
        self.keys = keys
        self.pairs = pairs
        var isWritten = [Bool](repeating: false, count: keys.count)
        var misspelt: Set<String> = []
        for pair in pairs {
            if let number = keys.firstIndex(of: pair.key) {
                isWritten[number] = true
            } else if let nearest = Self.reportUnknown(pair, of: field, keys) {
                misspelt.insert(nearest)
            }
        }
        self.isWritten = isWritten
        self.misspelt = misspelt
    }

    /// The value of a key; nil when it was left out.
    package subscript(key: String) -> Field? {
        assert(keys.contains(key), "'\(key)' is read but not among the known keys")
        guard let index = pairs.firstIndex(where: { $0.key == key }) else { return nil }
        return field.child(key, pairs[index].value)
    }

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

    /// The known key that was probably meant.
    private static func reportUnknown(_ pair: YAMLPair, of field: Field, _ keys: [String]) -> String? {
        let nearest = NearestName.find(pair.key, among: keys)
        let hint = nearest.map { "did you mean '\($0)'?" } ?? "known keys: \(keys.joined(separator: ", "))"
        let message = "unknown key \(Diagnostic.quote(pair.key))"
        field.context.report(Diagnostic(.unknownKey, at: pair.keyPosition, message, hint: hint))
        return nearest
    }
}
