/// Keeps objects off the hosts of a pool, unless they tolerate it; Kubernetes' taint.
package struct Taint: Hashable, Sendable {
    package enum Effect: String, CaseIterable, Hashable, Sendable {
        case noSchedule = "NoSchedule"
        case noExecute = "NoExecute"
    }

    package var key: String
    package var value: String
    package var effect: Effect

    package init(key: String, value: String = "", effect: Effect) {
        self.key = key
        self.value = value
        self.effect = effect
    }
}

/// Lets an object run in spite of a taint; Kubernetes' toleration.
package struct Toleration: Hashable, Sendable {
    package enum Operator: String, CaseIterable, Hashable, Sendable {
        case equal = "Equal"
        case exists = "Exists"
    }

    package var key: String
    package var `operator`: Operator
    package var value: String
    /// nil tolerates every effect.
    package var effect: Taint.Effect?

    package init(key: String, operator: Operator = .equal, value: String = "", effect: Taint.Effect? = nil) {
        self.key = key
        self.operator = `operator`
        self.value = value
        self.effect = effect
    }

    package func tolerates(_ taint: Taint) -> Bool {
        key == taint.key && (effect ?? taint.effect) == taint.effect
            && (`operator` == .exists || value == taint.value)
    }
}

extension Taint: Declared {
    package static let definition = ObjectDefinition(
        "Taint", "Keeps objects off the hosts of a pool, unless they tolerate it.",
        blank: Taint(key: "", effect: .noSchedule),
        fields: [
            .required("key", \.key, .string(.labelKey), "The name of the taint."),
            .field("value", \.value, .string(.labelValue), "A value that tolerations may compare with."),
            .required(
                "effect", \.effect,
                .choice([
                    .noSchedule: "nothing new is started", .noExecute: "and what runs is taken away",
                ]), "What it does to objects that do not tolerate it."),
        ])
}

extension Toleration: Declared {
    package static let definition = ObjectDefinition(
        "Toleration", "Lets an object run in spite of a taint.", blank: Toleration(key: ""),
        fields: [
            .required("key", \.key, .string(.labelKey), "The name of the taint."),
            .field(
                "operator", \.operator,
                .choice([.equal: "the values must be the same", .exists: "any value"]), "How values are compared."),
            .field("value", \.value, .string(.labelValue), "The value of the taint."),
            .field("effect", \.effect, .choice(), "The effect that is tolerated.", whenLeftOut: "every effect"),
        ],
        rules: [
            ObjectRule(
                "`Exists` takes no `value`.", about: ["operator", "value"],
                conditions: [ObjectCondition(when: [.has("operator", ["Exists"])], then: [.isLeftOut("value")])]
            ) { toleration, reader in
                guard toleration.operator == .exists, let value = reader["value"] else { return true }
                value.report(.conflictingFields, "operator 'Exists' takes no 'value'", hint: "remove it")
                return false
            }
        ])
}
