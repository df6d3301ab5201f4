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
        ], rules: [belonging, thresholds, targets])

    private static let belonging = ObjectRule<Self>(
        "`name`, `prometheus`, `external`, `queue` and `times` belong to their types.",
        about: ["type", "name", "prometheus", "external", "queue", "times"]
    ) { metric, reader in
        let owners: [(key: String, types: Set<Source>, isNeeded: Bool)] = [
            ("name", [.resource, .hostResource], true), ("prometheus", [.prometheus], true),
            ("external", [.external], true), ("queue", [.queue], true), ("times", [.poolExhausted], false),
        ]
        var isValid = true
        for (key, types, isNeeded) in owners {
            if types.contains(metric.type) {
                if isNeeded, reader.required(key) == nil { isValid = false }
            } else if let field = reader[key] {
                let message = "\(field.name) does not belong to a metric of type '\(metric.type.rawValue)'"
                field.report(.conflictingFields, message, hint: "remove it")
                isValid = false
            }
        }
        if metric.type == .resource, metric.name == .disk {
            reader["name"]?.report(.invalidValue, "\(reader.field.name) of type 'Resource' measures cpu or memory")
            isValid = false
        }
        return isValid
    }

    private static let thresholds = ObjectRule<Self>(
        "`threshold` needs `above` or `below`, with `below` under `above`, and the others take neither.",
        about: ["type", "strategy", "above", "below", "step"]
    ) { metric, reader in
        // An empty pool is a threshold by itself.
        guard metric.type != .poolExhausted else { return true }
        guard metric.strategy == .threshold else {
            guard let field = reader["above"] ?? reader["below"] ?? reader["step"] else { return true }
            field.report(.conflictingFields, "\(field.name) needs 'strategy: threshold'")
            return false
        }
        guard let bound = reader["above"] ?? reader["below"] else {
            reader.field.report(.missingKey, "\(reader.field.name) needs 'above' or 'below'")
            return false
        }
        let isShare = [.resource, .poolUtilization, .hostResource].contains(metric.type)
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

    private static let targets = ObjectRule<Self>(
        "`strategy: target` needs `target`, the others take none.", about: ["type", "strategy", "target"]
    ) { metric, reader in
        let needsTarget = metric.strategy == .target && metric.type != .poolExhausted
        if needsTarget { return reader.required("target") != nil }
        guard let field = reader["target"] else { return true }
        field.report(.conflictingFields, "\(field.name) needs 'strategy: target'")
        return false
    }
}

extension Autoscaler.Bound {
    fileprivate static let type = ValueType<Self>.either(
        .percent(in: Percentage(0)...Percentage(10_000)), .number(in: -1e15...1e15), isFirst: \.isPercentage,
        { .percent($0) }, { .number($0) })

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
            .required("name", \.name, .string(.volumeName), "The queue."),
            .required(
                "hook", \.hook, .string(.objectName), "The hook, named in the hosts' configuration, that counts."),
            .field("timeout", \.timeout, .duration(in: .milliseconds(100) ... .minutes(1)), "How long to wait for it."),
        ])
}
