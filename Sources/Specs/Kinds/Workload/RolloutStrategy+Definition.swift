extension RolloutStrategy: Declared {
    package static let definition = ObjectDefinition(
        "RolloutStrategy", "How members with changed fields give way to their successors.",
        blank: RolloutStrategy(.rolling),
        fields: [
            .field(
                "type", \.type,
                .choice([
                    .rolling: "some at a time, the new one ready before the old one stops",
                    .recreate: "the old one is removed before the new one is created",
                    .blueGreen: "all new ones beside all old ones, then a switch",
                    .canary: "a few new ones first, judged before more follow",
                ]), "The kind of rollout.", .by("planner")),
            .field(
                "maxSurge", \.maxSurge, .countOrPercent(),
                "Members beyond `replicas` during a rollout; a share is rounded up.", .by("planner")),
            .field(
                "maxUnavailable", \.maxUnavailable, .countOrPercent(),
                "Members that may be missing during a rollout; a share is rounded down.", .by("planner")),
            .field(
                "minHealthyTime", \.minHealthyTime, .duration(in: .zero ... .hours(1)),
                "How long a new member must be ready without interruption before it counts.", .by("planner")),
            .field(
                "progressDeadline", \.progressDeadline, .duration(in: .seconds(1) ... .hours(24)),
                "How long a rollout may make no progress before it has failed.", .by("control loop")),
            .field(
                "autoRollback", \.autoRollback, .boolean,
                "Whether a failed rollout goes back to the last good template by itself.", .by("control loop")),
            .field(
                "blueGreen", \.blueGreen, ValueType<BlueGreen>.object.leftOut(as: BlueGreen()),
                "For `type: blueGreen`.", whenLeftOut: "its defaults", .by("control loop and planner")),
            .field(
                "canary", \.canary, .object, "For `type: canary`, which needs it.", .by("control loop and planner")),
        ], rules: [budget, patience, belonging])

    private static let budget = ObjectRule<RolloutStrategy>(
        "`maxSurge` and `maxUnavailable` are not both 0.", about: ["type", "maxSurge", "maxUnavailable"],
        conditions: [
            ObjectCondition(
                when: [.has("type", ["rolling"]), .has("maxSurge", ["0", "0%"])],
                then: [.isWritten("maxUnavailable"), .takes("maxUnavailable", .either(notNothing))])
        ]
    ) { strategy, reader in
        let nothing: Set<CountOrPercent> = [.count(0), .percent(Percentage(0))]
        guard strategy.type == .rolling, nothing.contains(strategy.maxSurge), nothing.contains(strategy.maxUnavailable)
        else { return true }
        let field = reader["maxSurge"] ?? reader["maxUnavailable"] ?? reader.field
        field.report(
            .conflictingFields, "'maxSurge' and 'maxUnavailable' cannot both be 0", hint: "no member could be replaced")
        return false
    }

    /// As Kubernetes asks of progressDeadlineSeconds and minReadySeconds (pkg/apis/apps/validation).
    private static let patience = ObjectRule<RolloutStrategy>(
        "`progressDeadline` is longer than `minHealthyTime`.", about: ["minHealthyTime", "progressDeadline"]
    ) { strategy, reader in
        guard strategy.progressDeadline <= strategy.minHealthyTime else { return true }
        let field = reader["minHealthyTime"] ?? reader["progressDeadline"] ?? reader.field
        field.report(
            .conflictingFields,
            "'progressDeadline', \(strategy.progressDeadline.goText), must be longer than 'minHealthyTime', "
                + strategy.minHealthyTime.goText,
            hint: "no member counts before that, so every rollout would fail")
        return false
    }

    private static let notNothing: [TypeDescription] = [
        .integer(1...1000), .quantity(QuantityDescription(unit: .percent, lowest: "0.01%", highest: "100%")),
    ]

    private static let belonging = ObjectRule<RolloutStrategy>.belonging(
        "`blueGreen` and `canary` belong to their types; `canary` is needed.", to: "type", \.type, of: "strategy",
        hint: { "set 'type: \($0.key)' or remove it" },
        [Belonging("blueGreen", to: [.blueGreen]), Belonging("canary", to: [.canary], isNeeded: true)])
}

extension RolloutStrategy.BlueGreen: Declared {
    package static let definition = ObjectDefinition(
        "BlueGreen", "The switch of a blue-green rollout.", blank: Self(),
        fields: [
            .field(
                "promotion", \.promotion,
                .choice([
                    .automatic: "as soon as all new members are ready",
                    .manual: "when a person says `reconcile rollout promote`",
                ]), "When the switch is made."),
            .field(
                "hold", \.hold, .duration(in: .zero ... .hours(24 * 7)),
                "How long the old members are kept after the switch, for a quick way back."),
        ])
}

extension RolloutStrategy.Canary: Declared {
    package static let definition = ObjectDefinition(
        "Canary", "The steps of a canary rollout and what they are judged by.", blank: Self(),
        fields: [
            .required("steps", \.steps, .list(of: .object, counts: 1...20), "One after the other; then all members."),
            .field(
                "analysis", \.analysis, .object, "What decides whether the rollout goes on.",
                whenLeftOut: "the health of the new members"),
        ], rules: [growing])

    private static let growing = ObjectRule<Self>(
        "A step has no fewer members than the one before.", about: ["steps"]
    ) { canary, reader in
        for index in canary.steps.indices.dropFirst() where canary.steps[index].isLess(than: canary.steps[index - 1]) {
            let (context, list) = (reader.field.context, "\(reader.field.path).steps")
            let place = context.fields["\(list).\(index)"] ?? reader.field.node.position
            let message = "a step must not have fewer members than the one before it"
            let before = context.fields["\(list).\(index - 1)"].map { Diagnostic.Related($0, "the step before") }
            context.report(
                Diagnostic(.conflictingFields, at: place, message, related: before.map { [$0] } ?? []))
            return false
        }
        return true
    }
}

extension RolloutStrategy.Step: Declared {
    package static let definition = ObjectDefinition(
        "CanaryStep", "So many new members, for so long.", blank: Self(),
        fields: [
            .field(
                "weight", \.weight, .percent(in: Percentage(hundredths: 1)...Percentage(100)),
                "The share of new members, rounded up, and of new connections where a port is published."),
            .field("count", \.count, .integer(in: 1...1000), "The number of new members."),
            .field(
                "pause", \.pause, .duration(in: .zero ... .hours(24 * 7)), "How long this step lasts.",
                whenLeftOut: "until a person says `reconcile rollout promote`"),
        ], rules: [.exactlyOne(of: ["weight", "count"])])
}

extension RolloutStrategy.Step {
    /// A share and a count cannot be compared before there are members.
    fileprivate func isLess(than other: Self) -> Bool {
        if let weight, let share = other.weight { return weight < share }
        if let count, let number = other.count { return count < number }
        return false
    }
}

extension RolloutStrategy.Analysis: Declared {
    package static let definition = ObjectDefinition(
        "Analysis", "What a canary is judged by, besides the health of its members.", blank: Self(),
        fields: [
            .field("interval", \.interval, .duration(in: .seconds(1) ... .hours(1)), "Between two judgements."),
            .field(
                "initialDelay", \.initialDelay, .duration(in: .zero ... .hours(1)),
                "From when the new members of a step are available to its first judgement."),
            .field("failureLimit", \.failureLimit, .integer(in: 1...100), "Failures in a row that end the rollout."),
            .field("metrics", \.metrics, .list(of: .object, counts: 0...20), "Metrics that must stay within bounds."),
            .field("errorBudget", \.errorBudget, .object, "How fast failures may use up what an objective leaves."),
        ])
}

extension RolloutStrategy.MetricCheck: Declared {
    private static let range = -1e15...1e15

    package static let definition = ObjectDefinition(
        "MetricCheck", "A metric that must stay within bounds.", blank: Self(),
        fields: [
            .required("name", \.name, .string(.objectName), "What plans and events call it."),
            .required("prometheus", \.query, .object, "Where the number comes from."),
            .field("min", \.min, .number(in: range), "Less is a failure.", whenLeftOut: "no bound"),
            .field("max", \.max, .number(in: range), "More is a failure.", whenLeftOut: "no bound"),
        ],
        rules: [
            ObjectRule(
                "At least one of `min` and `max`, and `min` is not above `max`.", about: ["min", "max"],
                conditions: [ObjectCondition(then: [.any([.isWritten("min"), .isWritten("max")])])]
            ) { check, reader in
                if check.min == nil, check.max == nil {
                    if reader.isMisspelt("min", "max") { return false }
                    reader.field.report(.missingKey, "\(reader.field.name) needs 'min' or 'max'")
                    return false
                }
                guard let min = check.min, let max = check.max, min > max else { return true }
                reader["min"]?.report(.outOfRange, "'min' must be at most 'max', \(max), not \(min)")
                return false
            }
        ])
}

extension RolloutStrategy.ErrorBudget: Declared {
    package static let definition = ObjectDefinition(
        "ErrorBudget", "How fast failures may use up what an objective leaves.", blank: Self(),
        fields: [
            .required("prometheus", \.query, .object, "The share of failed requests, 0 to 1."),
            .field(
                "objective", \.objective, .percent(in: Percentage(1)...Percentage(hundredths: 9999)),
                "The share of requests that must succeed."),
            .field(
                "burnRate", \.burnRate, .number(in: 0.1...1000),
                "How many times faster than the objective allows is a failure."),
            .field(
                "window", \.window, .duration(in: .seconds(10) ... .hours(24)),
                "The time that is looked at; it stands in the query where that says `$window`."),
        ], rules: [meaning])

    private static let meaning = ObjectRule<Self>(
        "Where `window` is written, the query says `$window`.", about: ["window", "prometheus"]
    ) { budget, reader in
        guard let window = reader["window"], !budget.query.query.contains(MetricQuery.window) else { return true }
        window.report(
            .conflictingFields, "'window' means nothing to a query that does not say '\(MetricQuery.window)'",
            hint: "such as 'sum(rate(failed[\(MetricQuery.window)])) / sum(rate(all[\(MetricQuery.window)]))'")
        return false
    }
}
