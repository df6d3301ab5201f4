/// A map with known keys, declared once: this decodes it, and the schema and the reference describe it.
///
/// A class: documents are decoded side by side, and threads that each copy a definition would wait for each other to count
/// the references to all of its parts.
package final class ObjectDefinition<Root: Sendable>: Sendable {
    package let name: String
    private let summary: String
    /// What a map without any key says.
    private let blank: Root
    private let fields: [FieldDefinition<Root>]
    private let rules: [ObjectRule<Root>]
    private let names: [String]

    package init(
        _ name: String, _ summary: String, blank: Root, fields: [FieldDefinition<Root>],
        rules: [ObjectRule<Root>] = []
    ) {
        self.name = name
        self.summary = summary
        self.blank = blank
        self.fields = fields
        self.rules = rules
        names = fields.map(\.name)
    }

    /// The value of a map, or nil after reporting everything that is wrong with it.
    package func decode(_ field: Field) -> Root? {
        guard let reader = FieldReader(field, keys: names) else { return nil }
        var root = blank
        var wrong: Set<String> = []
        // By their numbers: documents are decoded side by side, and each field or rule that is handed out counts references.
        for index in fields.indices where fields[index].isRequired || reader.isWritten[index] {
            if !fields[index].read(reader, &root) { wrong.insert(names[index]) }
        }
        var isValid = wrong.isEmpty
        for index in rules.indices where wrong.isDisjoint(with: rules[index].about) {
            if !rules[index].check(root, reader) { isValid = false }
        }
        return isValid ? root : nil
    }

    package var description: ObjectDescription {
        ObjectDescription(
            name: name, summary: summary, fields: fields.map { $0.describe(blank) },
            rules: rules.compactMap(\.sentence),
            exactlyOneOf: rules.compactMap(\.exactlyOneOf), atMostOneOf: rules.compactMap(\.atMostOneOf),
            conditions: rules.flatMap(\.conditions))
    }
}

/// A rule between the fields of one map; it is looked at when the fields that it is about are right by themselves.
package struct ObjectRule<Root: Sendable>: Sendable {
    /// For the reference; nil where the fields' own sentences say it.
    let sentence: String?
    let about: [String]
    var exactlyOneOf: [String]?
    var atMostOneOf: [String]?
    /// What the schema knows of the rule, besides; the rule itself may be stricter.
    var conditions: [ObjectCondition] = []
    /// False after reporting what is wrong.
    let check: @Sendable (Root, FieldReader) -> Bool

    package init(
        _ sentence: String?, about: [String], conditions: [ObjectCondition] = [],
        check: @escaping @Sendable (Root, FieldReader) -> Bool
    ) {
        self.sentence = sentence
        self.about = about
        self.conditions = conditions
        self.check = check
    }

    /// Exactly one of these fields must be written.
    package static func exactlyOne(of names: [String]) -> Self {
        let list = Diagnostic.list(names.map { "'\($0)'" })
        let marked = Diagnostic.list(names.map { "`\($0)`" }, word: "and")
        var rule = Self("Exactly one of \(marked).", about: names) { _, reader in
            let written = names.filter { reader[$0] != nil }
            switch written.count {
            case 1: return true
            case 0 where reader.isMisspelt(names): break
            case 0: reader.field.report(.missingKey, "\(reader.field.name) needs \(list)")
            default:
                reader[written[1]]?.report(
                    .conflictingFields, "'\(written[1])' cannot stand beside '\(written[0])'",
                    hint: "keep one of the two", related: reader[written[0]]?.node.position)
            }
            return false
        }
        rule.exactlyOneOf = names
        return rule
    }

    /// At most one of these fields may be written.
    package static func atMostOne(of names: [String]) -> Self {
        let list = Diagnostic.list(names.map { "`\($0)`" }, word: "and")
        var rule = Self("At most one of \(list).", about: names) { _, reader in
            let written = names.filter { reader[$0] != nil }
            guard written.count > 1 else { return true }
            reader[written[1]]?.report(
                .conflictingFields, "'\(written[1])' cannot stand beside '\(written[0])'",
                hint: "keep one of the two", related: reader[written[0]]?.node.position)
            return false
        }
        rule.atMostOneOf = names
        return rule
    }
}

/// A value of the language that is written as a map.
package protocol Declared: Sendable {
    static var definition: ObjectDefinition<Self> { get }
}

extension ValueType where Value: Declared {
    /// A map with the keys of this type.
    package static var object: Self {
        ValueType(
            .object(ObjectDescription.Provider(name: "\(Value.self)") { Value.definition.description }),
            decode: { Value.definition.decode($0) })
    }
}
