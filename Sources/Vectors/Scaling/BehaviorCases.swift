import Reconciler
import Specs

/// Kubernetes' stabilization, policies and scale events, one step at a time.
enum BehaviorCases {
    static let functions: Set<String> = [
        "convert_no_behavior", "scale_up_limit", "scale_down_limit", "stabilize_no_behavior", "scaling_with_rules",
        "store_scale_event", "stabilize_with_behavior",
    ]

    private static let now = ReplicaCases.now

    static func run(_ vector: VectorCase) throws(VectorError) {
        let fields = StepFields.of(vector)
        _ = fields["note"]
        let (input, expected) = (try fields.part("input"), try fields.part("expect"))
        switch vector.function {
        case "convert_no_behavior":
            let limited = ScalingState.limited(
                try input.int("desired"), current: try input.int("current"), bounds: try bounds(input))
            try expectLimited(limited, expected)
        case "scale_up_limit", "scale_down_limit":
            try runLimit(isUp: vector.function == "scale_up_limit", input, expected)
        case "scaling_with_rules":
            var behavior = Autoscaler.Behavior()
            behavior.scaleUp = try rules(input["scaleUp"]) ?? behavior.scaleUp
            behavior.scaleDown = try rules(input["scaleDown"]) ?? behavior.scaleDown
            let limited = try state(input).limited(
                try input.int("desired"), current: try input.int("current"), bounds: try bounds(input),
                behavior: behavior, at: now)
            try expectLimited(limited, expected)
        case "stabilize_no_behavior":
            var state = try state(input)
            let replicas = state.stabilized(
                try input.int("desired"), window: try input.int("window_s"), at: now)
            try expect(.number(Double(replicas)), expected["replicas"])
            try expect(.number(Double(state.recommendations?.count ?? 0)), expected["log_length"])
        case "stabilize_with_behavior": try runStabilize(input, expected)
        default: try runStore(input, expected)
        }
        try fields.requireAllRead()
        try input.requireAllRead()
        try expected.requireAllRead()
    }

    private static func bounds(_ input: StepFields) throws(VectorError) -> ClosedRange<Int> {
        try input.int("min")...(try input.int("max"))
    }

    private static func expectLimited(
        _ limited: (replicas: Int, reason: ScalingCondition.Reason), _ expected: StepFields
    ) throws(VectorError) {
        try expect(.number(Double(limited.replicas)), expected["replicas"])
        try expect(.string(limited.reason.rawValue), expected["reason"])
    }

    private static func runLimit(isUp: Bool, _ input: StepFields, _ expected: StepFields) throws(VectorError) {
        var fields: [String: JSONValue] = [:]
        for name in ["policies", "selectPolicy"] { fields[name] = input[name] }
        guard let rules = try rules(.object(fields)) else { throw VectorError("there are no rules") }
        let (state, current) = (try state(input), try input.int("current"))
        let limit = isUp ? state.upLimit(current, rules, at: now) : state.downLimit(current, rules, at: now)
        try expect(.number(Double(limit)), expected["limit"])
    }

    private static func runStabilize(_ input: StepFields, _ expected: StepFields) throws(VectorError) {
        var state = try state(input)
        let replicas = state.stabilized(
            try input.int("desired"), current: try input.int("current"),
            windows: (try input.int("up_window_s"), try input.int("down_window_s")), at: now)
        try expect(.number(Double(replicas)), expected["replicas"])
        guard let stored = expected["stored"] else { return }
        try expect(.array((state.recommendations ?? []).map { .number(Double($0.replicas)) }), stored)
    }

    private static func runStore(_ input: StepFields, _ expected: StepFields) throws(VectorError) {
        let isUp = try input.string("direction") == "up"
        let change = try input.int("change")
        let previous = try events(input.list("previous"))
        let period = try input.int("query_period_s")
        try expect(
            .number(Double(ScalingState.change(of: previous, within: period, at: now))), expected["change_per_period"])
        var behavior: Autoscaler.Behavior?
        if let rules = try rules(input["rules"]) {
            behavior = Autoscaler.Behavior()
            if isUp { behavior?.scaleUp = rules } else { behavior?.scaleDown = rules }
        }
        var state = ScalingState(upEvents: isUp ? previous : [], downEvents: isUp ? [] : previous)
        state.record(from: isUp ? 0 : change, to: isUp ? change : 0, behavior: behavior, at: now)
        let stored = (isUp ? state.upEvents : state.downEvents).map { event in
            JSONValue.object(["change": .number(Double(event.change)), "outdated": .bool(event.isOutdated)])
        }
        try expect(.array(stored), expected["events"])
    }

    // MARK: Parts of cases

    /// nil for `null` and for the defaults, which are ours too.
    static func rules(_ value: JSONValue?) throws(VectorError) -> Autoscaler.Rules? {
        guard let value, value != .null, value != .string("test-default") else { return nil }
        guard let object = value.object else { throw VectorError("the rules are \(value)") }
        let fields = StepFields(object)
        var rules = Autoscaler.Rules(window: fields.optionalInt("stabilizationWindowSeconds") ?? 0, policies: [])
        if let select = fields.optionalString("selectPolicy") {
            guard let policy = Autoscaler.SelectPolicy(rawValue: select) else {
                throw VectorError("the runner does not know the policy '\(select)'")
            }
            rules.selectPolicy = policy
        }
        if let tolerance = fields.optionalNumber("tolerance") { rules.tolerance = tolerance }
        for policy in try fields.parts("policies") {
            guard let type = Autoscaler.Policy.Kind(rawValue: try policy.string("type")) else {
                throw VectorError("the runner does not know this type of policy")
            }
            rules.policies.append(
                Autoscaler.Policy(
                    type: type, value: try policy.int("value"), periodSeconds: try policy.int("periodSeconds")))
            try policy.requireAllRead()
        }
        try fields.requireAllRead()
        return rules
    }

    private static func state(_ input: StepFields) throws(VectorError) -> ScalingState {
        ScalingState(
            recommendations: try recommendations(input["recommendations"]),
            upEvents: try events(input.list("upEvents")),
            downEvents: try events(input.list("downEvents")))
    }

    static func recommendations(_ value: JSONValue?) throws(VectorError) -> [ScalingState.Recommendation] {
        try (value?.array ?? []).map { (item) throws(VectorError) in
            let fields = StepFields(item.object ?? [:])
            let age = try fields.int64("age_s")
            return ScalingState.Recommendation(try fields.int("value"), at: now.advanced(bySeconds: -age))
        }
    }

    private static func events(_ values: [JSONValue]) throws(VectorError) -> [ScalingState.Event] {
        try values.map { (item) throws(VectorError) in
            let fields = StepFields(item.object ?? [:])
            let age = try fields.int64("age_s")
            return ScalingState.Event(
                try fields.int("change"), at: now.advanced(bySeconds: -age),
                isOutdated: fields.optionalBool("outdated") ?? false)
        }
    }
}
