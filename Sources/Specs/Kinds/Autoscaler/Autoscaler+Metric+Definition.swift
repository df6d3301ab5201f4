extension Autoscaler.Metric: Declared {
    package static let definition = ObjectDefinition(
        "Metric", "One thing that is measured, and what number of members it asks for.", blank: Self(type: .resource),
        fields: [
            .required(
                "type", \.type,
                .choice([
                    .resource: "CPU or memory of the members", .poolUtilization: "claimed / (claimed + unclaimed)",
                    .poolExhausted: "claims in a row that found the pool empty", .claimRate: "claims per second",
                    .hostResource: "CPU, memory or disk of the host", .prometheus: "a query to a Prometheus server",
                    .external: "a hook that answers with a number", .queue: "jobs that wait",
                ]), "What is measured."),
            .field(
                "strategy", \.strategy,
                .choice([
                    .target: "so many members that the metric comes to its target",
                    .threshold: "more members above, fewer below", .passThrough: "the metric is the number of members",
                ]), "How the metric becomes a number of members."),
            .field("name", \.name, .choice(), "For `Resource` (cpu, memory) and `HostResource`."),
            .field("target", \.target, Autoscaler.Target.type, "What the metric should be, for `strategy: target`."),
            .field("above", \.above, Autoscaler.Bound.type, "More members when the value is above."),
            .field("below", \.below, Autoscaler.Bound.type, "Fewer members when the value is below."),
            .field("step", \.step, .integer(in: 1...1000), "How many members more or fewer, for `threshold`."),
            .field("times", \.times, .integer(in: 1...1000), "Claims in a row, for `PoolExhausted`."),
            .field("prometheus", \.prometheus, .object, "For `Prometheus`."),
            .field("external", \.external, .object, "For `External`."),
            .field("queue", \.queue, .object, "For `Queue`."),
            .field("maxAge", \.maxAge, .duration(in: .seconds(1) ... .hours(1)), "An older value counts as missing."),
        ], rules: [belonging, resource, thresholds, targets])

    private static let belonging = ObjectRule<Self>.belonging(
        "`name`, `prometheus`, `external`, `queue` and `times` belong to their types.", to: "type", \.type,
        of: "metric",
        [
            Belonging("name", to: [.resource, .hostResource], isNeeded: true),
            Belonging("prometheus", to: [.prometheus], isNeeded: true),
            Belonging("external", to: [.external], isNeeded: true), Belonging("queue", to: [.queue], isNeeded: true),
            Belonging("times", to: [.poolExhausted]),
        ])

    private static let resource = ObjectRule<Self>(
        "`Resource` measures `cpu` or `memory`; `disk` is a host's.", about: ["type", "name"],
        conditions: [
            ObjectCondition(when: [.has("type", ["Resource"])], then: [.has("name", ["cpu", "memory"])])
        ]
    ) { metric, reader in
        guard metric.type == .resource, metric.name == .disk else { return true }
        reader["name"]?.report(.invalidValue, "\(reader.field.name) of type 'Resource' measures cpu or memory")
        return false
    }

    private static let thresholds = ObjectRule<Self>(
        "`threshold` needs `above` or `below`, with `below` under `above`, and the others take neither.",
        about: ["type", "strategy", "above", "below", "step"], conditions: thresholdConditions
    ) { metric, reader in
        // An empty pool is a threshold by itself.
        guard metric.type != .poolExhausted else { return true }
        guard metric.strategy == .threshold else {
            guard let field = reader["above"] ?? reader["below"] ?? reader["step"] else { return true }
            field.report(.conflictingFields, "\(field.name) needs 'strategy: threshold'")
            return false
        }
        guard let bound = reader["above"] ?? reader["below"] else {
            if reader.isMisspelt("above", "below") { return false }
            reader.field.report(.missingKey, "\(reader.field.name) needs 'above' or 'below'")
            return false
        }
        let isShare = shares.contains(metric.type)
        for case (let name, .some(let value)) in [("above", metric.above), ("below", metric.below)] {
            guard value.isShare != isShare else { continue }
            let message =
                "'\(name)' of a metric of type '\(metric.type.rawValue)' must be a \(isShare ? "percentage" : "number")"
            (reader[name] ?? bound).report(.invalidValue, message)
            return false
        }
        guard let above = metric.above, let below = metric.below, below.amount >= above.amount else { return true }
        reader["below"]?.report(
            .outOfRange, "'below' must be less than 'above'", related: reader["above"]?.node.position)
        return false
    }

    private static let shares: [Source] = [.resource, .poolUtilization, .hostResource]
    /// An empty pool is a threshold by itself.
    private static let measured = Source.allCases.filter { $0 != .poolExhausted }.map(\.rawValue)

    private static let thresholdConditions: [ObjectCondition] = [
        ObjectCondition(
            when: [.has("type", measured), .has("strategy", ["threshold"])],
            then: [.any([.isWritten("above"), .isWritten("below")])]),
        ObjectCondition(
            when: [.has("type", measured), .has("strategy", ["target", "passThrough"])],
            then: [.isLeftOut("above"), .isLeftOut("below"), .isLeftOut("step")]),
        ObjectCondition(
            when: [.has("type", shares.map(\.rawValue))],
            then: ["above", "below"].map { .takes($0, Autoscaler.Bound.share.description) }),
        ObjectCondition(
            when: [.has("type", measured.filter { word in !shares.contains { $0.rawValue == word } })],
            then: ["above", "below"].map { .takes($0, Autoscaler.Bound.amount.description) }),
    ]

    private static let targets = ObjectRule<Self>(
        "`strategy: target` needs `target`, the others take none.", about: ["type", "strategy", "target"],
        conditions: [
            ObjectCondition(
                when: [.has("type", measured), .has("strategy", ["target"])], then: [.isWritten("target")]),
            ObjectCondition(when: [.has("type", ["PoolExhausted"])], then: [.isLeftOut("target")]),
            ObjectCondition(when: [.has("strategy", ["threshold", "passThrough"])], then: [.isLeftOut("target")]),
        ]
    ) { metric, reader in
        let needsTarget = metric.strategy == .target && metric.type != .poolExhausted
        if needsTarget { return reader.required("target") != nil }
        guard let field = reader["target"] else { return true }
        field.report(.conflictingFields, "\(field.name) needs 'strategy: target'")
        return false
    }
}

extension Autoscaler.Bound {
    fileprivate static let share = ValueType<Percentage>.percent(in: Percentage(0)...Percentage(10_000))
    fileprivate static let amount = ValueType<Double>.number(in: -1e15...1e15)
    fileprivate static let type = ValueType<Self>.either(
        share, amount, isFirst: \.isPercentage, { .percent($0) }, { .number($0) })

    var isShare: Bool {
        if case .percent = self { true } else { false }
    }

    var amount: Double {
        switch self {
        case .percent(let share): Double(share.hundredths) / 100
        case .number(let number): number
        }
    }
}

extension YAMLNode {
    /// Whether this is text that ends with `%`.
    fileprivate var isPercentage: Bool {
        if case .scalar(let scalar) = content { scalar.text.hasSuffix("%") } else { false }
    }
}

extension Autoscaler.Target {
    fileprivate static let type = ValueType<MetricTarget>.object.map { draft, _ in draft.target }
}

private struct MetricTarget: Hashable, Sendable {
    var averageUtilization: Int?
    var averageValue: Double?
    var value: Double?

    var target: Autoscaler.Target? {
        averageUtilization.map { .averageUtilization($0) } ?? averageValue.map { .averageValue($0) }
            ?? value.map { .value($0) }
    }
}

extension MetricTarget: Declared {
    static let definition = ObjectDefinition(
        "MetricTarget", "What a metric should be.", blank: MetricTarget(),
        fields: [
            .field(
                "averageUtilization", \.averageUtilization, .integer(in: 1...10_000),
                "The average over all members, in percent of their limit."),
            .field("averageValue", \.averageValue, .number(in: 1e-9...1e15), "The average over all members."),
            .field("value", \.value, .number(in: 1e-9...1e15), "The metric as a whole."),
        ], rules: [.exactlyOne(of: ["averageUtilization", "averageValue", "value"])])
}

extension Autoscaler.ExternalSource: Declared {
    package static let definition = ObjectDefinition(
        "ExternalSource", "A hook that the hosts' own configuration names and that answers with a number.",
        blank: Self(),
        fields: [
            .required("hook", \.hook, .string(.objectName), "The name of the hook."),
            .field(
                "pointer", \.pointer, .string, "Where the number is in an answer in JSON (RFC 6901).",
                whenLeftOut: "the whole answer is the number"),
            .field("timeout", \.timeout, .duration(in: .milliseconds(100) ... .minutes(1)), "How long to wait for it."),
        ])
}

extension Autoscaler.QueueSource: Declared {
    package static let definition = ObjectDefinition(
        "QueueSource", "How many jobs wait in a queue.", blank: Self(),
        fields: [
            .required("name", \.name, .string(.engineName), "The queue."),
            .required(
                "hook", \.hook, .string(.objectName), "The hook, named in the hosts' configuration, that counts."),
            .field("timeout", \.timeout, .duration(in: .milliseconds(100) ... .minutes(1)), "How long to wait for it."),
        ])
}
