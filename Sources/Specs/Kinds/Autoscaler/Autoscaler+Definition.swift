extension Autoscaler: KindSpec {
    package static let kind = ResourceKind.autoscaler
    package static let place: any WritableKeyPath<SpecSet, [Resource<Self>]> & Sendable = \.autoscalers
    package static let enforcement = Enforcement.by("control loop")

    package static let definition = ObjectDefinition(
        "Autoscaler", "Sets the number of members of another object by metrics and schedules.",
        blank: Autoscaler(target: ResourceID(.workload, ""), min: 1, max: 1),
        fields: [
            .required(
                "target", \.target, ScaleTarget.reference, "What is scaled; at most one Autoscaler for each."),
            .field("min", \.min, .integer(in: 0...1000), "The least members; 0 needs `scaleToZero`."),
            .required("max", \.max, .integer(in: 1...1000), "The most members."),
            .field("scaleToZero", \.scaleToZero, .boolean, "Whether `min` may be 0."),
            .required(
                "metrics", \.metrics, .list(of: .object, counts: 1...20),
                "What is measured; the metric that asks for most members wins."),
            .field("behavior", \.behavior, .object, "How fast the number may change."),
            .field(
                "schedules", \.schedules,
                .set(of: ScheduledBoundsDraft.type, by: \.name, counts: 0...50, named: { "schedule '\($0.name)'" }),
                "Other bounds at some times; where several hold, the lowest `min` and the lowest `max` do."),
            .field("interval", \.interval, .duration(in: .seconds(1) ... .hours(1)), "Between two evaluations."),
        ],
        rules: [
            ObjectRule(
                "`min` is at most `max`, and 0 only with `scaleToZero`.", about: ["min", "max", "scaleToZero"],
                conditions: [ObjectCondition(when: [.has("min", ["0"])], then: [.has("scaleToZero", ["true"])])]
            ) { autoscaler, reader in
                if autoscaler.min > autoscaler.max {
                    reader["min"]?.report(
                        .outOfRange, "'min' must be at most 'max', \(autoscaler.max), not \(autoscaler.min)")
                    return false
                }
                if autoscaler.min == 0, !autoscaler.scaleToZero {
                    reader["min"]?.report(.conflictingFields, "'min: 0' needs 'scaleToZero: true'")
                    return false
                }
                return true
            },
            ObjectRule("Nor is `min` of a schedule 0 without `scaleToZero`.", about: ["schedules", "scaleToZero"]) {
                autoscaler, reader in
                guard !autoscaler.scaleToZero, let bounds = autoscaler.schedules.first(where: { $0.min == 0 }) else {
                    return true
                }
                let context = reader.field.context
                let place = context.fields["\(Autoscaler.ScheduledBounds.path(bounds.name)).min"]
                let message = "'min: 0' of schedule '\(bounds.name)' needs 'scaleToZero: true'"
                context.report(Diagnostic(.conflictingFields, at: place ?? reader.field.node.position, message))
                return false
            },
        ])
}

/// What an Autoscaler sets the number of.
private struct ScaleTarget: Hashable, Sendable {
    var kind = ResourceKind.workload
    var name = ""

    static let reference = ValueType<ScaleTarget>.object.map { target, _ in ResourceID(target.kind, target.name) }
}

extension ScaleTarget: Declared {
    static let definition = ObjectDefinition(
        "ScaleTarget", "What an Autoscaler sets the number of.", blank: ScaleTarget(),
        fields: [
            .required(
                "kind", \.kind, .kind(among: [.workload, .warmPool, .hostPool]), "The kind of the object."),
            .required("name", \.name, .string(.objectName), "The name of the object."),
        ])
}

extension Autoscaler.Behavior: Declared {
    package static let definition = ObjectDefinition(
        "Behavior", "How fast the number of members may change; the fields and defaults of autoscaling/v2.",
        blank: Self(),
        fields: [
            .field("scaleUp", \.scaleUp, Autoscaler.Rules.up, "The rules for more members."),
            .field("scaleDown", \.scaleDown, Autoscaler.Rules.down, "The rules for fewer members."),
        ])
}

extension Autoscaler.Rules {
    fileprivate static let up = type("ScaleUp", blank: Autoscaler.Behavior().scaleUp)
    fileprivate static let down = type("ScaleDown", blank: Autoscaler.Behavior().scaleDown)

    /// The two directions have the same fields with different defaults.
    private static func type(_ name: String, blank: Self) -> ValueType<Self> {
        let definition = ObjectDefinition(
            name, "The rules of one direction.", blank: blank,
            fields: [
                .field(
                    "stabilizationWindowSeconds", \.stabilizationWindowSeconds, .integer(in: 0...3600),
                    "How far back the most cautious recommendation is looked for."),
                .field(
                    "selectPolicy", \.selectPolicy,
                    .choice([
                        .max: "the policy that allows most", .min: "the policy that allows least",
                        .disabled: "no change in this direction",
                    ]), "Which of several policies holds."),
                .field(
                    "policies", \.policies, .list(of: .object, counts: 1...20), "The most change within a time.",
                    whenLeftOut: blank.defaultPolicies),
                .field(
                    "tolerance", \.tolerance, .number(in: 0...1), "The ratio that a metric may be off without effect."),
                .field(
                    "cooldown", \.cooldown, .duration(in: .zero ... .hours(24)),
                    "After a change in this direction, none in it for so long."),
            ])
        return ValueType(
            .object(ObjectDescription.Provider(name: name) { definition.description }),
            decode: { definition.decode($0) })
    }

    private var defaultPolicies: String {
        policies.map { "\($0.value) \($0.type.rawValue) in \($0.periodSeconds) s" }.joined(separator: ", ")
    }
}

extension Autoscaler.Policy: Declared {
    package static let definition = ObjectDefinition(
        "ScalingPolicy", "The most change within a time.", blank: Self(type: .pods, value: 1, periodSeconds: 15),
        fields: [
            .required(
                "type", \.type, .choice([.pods: "members", .percent: "percent of the members"]), "What `value` counts."),
            .required("value", \.value, .integer(in: 1...100_000), "How many."),
            .required("periodSeconds", \.periodSeconds, .integer(in: 1...1800), "Within how many seconds."),
        ])
}
