extension Field {
    /// The items of a list, each decoded by `item`; nil unless all of them are right.
    package func list<T>(counts: ClosedRange<Int> = 0...10_000, _ item: (Field) -> T?) -> [T]? {
        guard case .sequence(let nodes) = node.content else {
            reportWrongType("a list")
            return nil
        }
        if nodes.isEmpty, counts.lowerBound == 1 {
            report(.invalidValue, "\(name) must have at least one item", hint: "leave it out for the default")
            return nil
        }
        guard counts.contains(nodes.count) else {
            let allowed = "\(counts.lowerBound)-\(counts.upperBound)"
            report(.outOfRange, "\(name) must have \(allowed) items, not \(nodes.count)")
            return nil
        }
        var values: [T] = []
        for (index, node) in nodes.enumerated() {
            let field = child(String(index), node)
            if let value = item(field) { values.append(value) }
        }
        return values.count == nodes.count ? values : nil
    }

    /// A list of strings, each written as a string.
    package func strings() -> [String]? { list { $0.string() } }

    /// A map with free keys that a rule allows; nil unless all keys and values are right.
    package func map<T>(keys rule: TextRule, _ value: (Field) -> T?) -> [String: T]? {
        guard case .mapping(let pairs) = node.content else {
            // Not the value itself: what was meant as a variable of the environment may be a secret.
            report(.wrongType, "\(name) must be a map")
            return nil
        }
        var values: [String: T] = [:]
        for pair in pairs {
            let field = child(pair.key, pair.value)
            if !rule.allows(pair.key) {
                let message = "key \(Diagnostic.quote(pair.key)) of \(name) must be \(rule.expected)"
                context.report(Diagnostic(rule.code, at: pair.keyPosition, message, hint: rule.hint))
            }
            if let decoded = value(field) { values[pair.key] = decoded }
        }
        return values.count == pairs.count ? values : nil
    }

    /// A map with the keys that are listed; nil, with a finding, for anything that is not a map.
    package func fields(_ keys: [String]) -> FieldReader? { FieldReader(self, keys: keys) }
}
