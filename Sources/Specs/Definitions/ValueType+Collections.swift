extension ValueType {
    /// A list of values, each of one type.
    package static func list<Item>(
        of item: ValueType<Item>, counts: ClosedRange<Int> = 0...10_000
    ) -> ValueType<[Item]> where Value == [Item] {
        ValueType(
            .list(item.description, counts: counts),
            decode: { $0.list(counts: counts, item.decode) },
            text: { values in
                // What cannot be written is no default to be shown.
                guard counts.contains(values.count) else { return nil }
                let texts = values.compactMap { item.text($0) }
                return texts.count == values.count ? "[" + texts.joined(separator: ", ") + "]" : nil
            })
    }

    /// A list in which no two items have the same key; they come sorted by it, as the order means nothing.
    package static func set<Item: Sendable, Key: Hashable & Comparable & Sendable>(
        of item: ValueType<Item>, by key: @escaping @Sendable (Item) -> Key,
        counts: ClosedRange<Int> = 0...10_000, named name: @escaping @Sendable (Item) -> String
    ) -> ValueType<[Item]> where Value == [Item] {
        let list = ValueType<[Item]>.list(of: item, counts: counts)
        return ValueType(
            .list(item.description, counts: counts, isUnique: true),
            decode: { field in
                var seen: [Key: SourcePosition] = [:]
                return field.list(counts: counts) { child in
                    guard let value = item.decode(child) else { return nil }
                    guard let first = seen.updateValue(child.node.position, forKey: key(value)) else { return value }
                    child.report(.conflictingFields, "\(name(value)) is listed twice", related: first)
                    return nil
                }?.sorted { key($0) < key($1) }
            }, text: list.text)
    }

    /// A map with free keys that a rule allows.
    package static func map<Item>(
        keys rule: TextRule, values: ValueType<Item>
    ) -> ValueType<[String: Item]> where Value == [String: Item] {
        ValueType(
            .map(keys: rule.description, values: values.description),
            decode: { $0.map(keys: rule, values.decode) }, text: { $0.isEmpty ? "{}" : nil })
    }

    /// One of two shapes: `first` where the node looks like it, else `second`.
    package static func either<A: Sendable, B: Sendable>(
        _ first: ValueType<A>, _ second: ValueType<B>, isFirst: @escaping @Sendable (YAMLNode) -> Bool,
        _ wrapFirst: @escaping @Sendable (A) -> Value, _ wrapSecond: @escaping @Sendable (B) -> Value,
        text: @escaping @Sendable (Value) -> String? = { _ in nil }
    ) -> Self {
        ValueType(
            .either([first.description, second.description]),
            decode: { field in
                isFirst(field.node) ? first.decode(field).map(wrapFirst) : second.decode(field).map(wrapSecond)
            }, text: text)
    }
}

extension ValueType where Value == [String: String] {
    /// Labels in Kubernetes' syntax.
    package static var labels: Self {
        ValueType(
            .map(keys: TextRule.ownLabelKey.description, values: .string(TextRule.labelValue.description)),
            decode: { $0.labels() }, text: { $0.isEmpty ? "{}" : nil })
    }

    /// Annotations, some of which mean something to the controller.
    package static var annotations: Self {
        ValueType(
            ValueType.map(keys: .labelKey, values: .string).description, decode: { $0.annotations() },
            text: { $0.isEmpty ? "{}" : nil })
    }
}

extension YAMLNode {
    /// Whether this is a number, `true`, or text; not a list and not a map.
    var isScalar: Bool {
        if case .scalar = content { true } else { false }
    }

    /// Whether this is one of these words.
    func isWord(_ words: String...) -> Bool {
        if case .scalar(let scalar) = content { words.contains(scalar.text) } else { false }
    }
}
