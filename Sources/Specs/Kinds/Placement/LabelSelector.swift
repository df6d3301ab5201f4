/// Selects objects or hosts by their labels, as in Kubernetes; an empty selector selects everything.
package struct LabelSelector: Hashable, Sendable {
    /// All of these labels, with these values.
    package var matchLabels: [String: String]
    /// And all of these.
    package var matchExpressions: [LabelExpression]

    package init(matchLabels: [String: String] = [:], matchExpressions: [LabelExpression] = []) {
        self.matchLabels = matchLabels
        self.matchExpressions = matchExpressions
    }

    package func selects(_ labels: [String: String]) -> Bool {
        matchLabels.allSatisfy { labels[$0] == $1 } && matchExpressions.allSatisfy { $0.selects(labels) }
    }

    /// For people: `team=agents, tier In a|b`; `everything` for one that is empty.
    package var words: String {
        let labels = matchLabels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let expressions = matchExpressions.sorted().map { expression in
            ([expression.key, expression.operator.rawValue] + [expression.values.joined(separator: "|")])
                .filter { !$0.isEmpty }.joined(separator: " ")
        }
        let all = labels + expressions
        return all.isEmpty ? "everything" : all.joined(separator: ", ")
    }
}

/// What must hold for one label.
package struct LabelExpression: Hashable, Comparable, Sendable {
    package enum Operator: String, CaseIterable, Hashable, Sendable {
        case `in` = "In"
        case notIn = "NotIn"
        case exists = "Exists"
        case doesNotExist = "DoesNotExist"
    }

    package var key: String
    package var `operator`: Operator
    /// At least one for `In` and `NotIn`, none for the others; sorted.
    package var values: [String]

    package init(key: String, operator: Operator, values: [String] = []) {
        self.key = key
        self.operator = `operator`
        self.values = values.sorted()
    }

    /// An absent label is not in any list of values, as in Kubernetes.
    package func selects(_ labels: [String: String]) -> Bool {
        let value = labels[key]
        return switch `operator` {
        case .in: value.map { values.contains($0) } ?? false
        case .notIn: value.map { !values.contains($0) } ?? true
        case .exists: value != nil
        case .doesNotExist: value == nil
        }
    }

    package static func < (a: Self, b: Self) -> Bool {
        (a.key, a.operator.rawValue) != (b.key, b.operator.rawValue)
            ? (a.key, a.operator.rawValue) < (b.key, b.operator.rawValue)
            : a.values.lexicographicallyPrecedes(b.values)
    }
}

extension LabelSelector: Declared {
    package static let definition = ObjectDefinition(
        "LabelSelector", "Selects by labels, as in Kubernetes; `{}` selects everything.", blank: LabelSelector(),
        fields: fields)

    static let fields: [FieldDefinition<LabelSelector>] = [
        .field("matchLabels", \.matchLabels, .labels, "Labels that must all be there."),
        .field(
            "matchExpressions", \.matchExpressions,
            ValueType.list(of: ValueType<LabelExpression>.object).map(text: { $0.isEmpty ? "[]" : nil }) { list, _ in
                list.sorted()
            }, "Conditions that must all hold."),
    ]
}

extension LabelExpression: Declared {
    package static let definition = ObjectDefinition(
        "LabelExpression", "A condition on one label.", blank: LabelExpression(key: "", operator: .exists),
        fields: [
            .required("key", \.key, .string(.labelKey), "The label."),
            .required(
                "operator", \.operator,
                .choice([
                    .in: "the label has one of the values", .notIn: "it has none of them, or is absent",
                    .exists: "it is there", .doesNotExist: "it is absent",
                ]), "How the label is compared."),
            .field(
                "values", \.values,
                ValueType.list(of: ValueType<String>.string(.labelValue)).map { list, _ in list.sorted() },
                "The values for `In` and `NotIn`."),
        ],
        rules: [
            ObjectRule(
                "`In` and `NotIn` need values, the others take none.", about: ["operator", "values"],
                conditions: [
                    ObjectCondition(when: [.has("operator", ["In", "NotIn"])], then: [.isFilled("values")]),
                    ObjectCondition(
                        when: [.has("operator", ["Exists", "DoesNotExist"])],
                        then: [.takes("values", .list(.scalar, counts: 0...0))]),
                ]
            ) { expression, reader in
                let needsValues = expression.operator == .in || expression.operator == .notIn
                guard needsValues == expression.values.isEmpty else { return true }
                let (place, message) =
                    needsValues
                    ? (reader.field, "operator '\(expression.operator.rawValue)' needs 'values'")
                    : (reader["values"] ?? reader.field, "operator '\(expression.operator.rawValue)' takes no 'values'")
                place.report(needsValues ? .missingKey : .conflictingFields, message)
                return false
            }
        ])
}
