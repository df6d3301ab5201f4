import Reconciler
import Specs

/// Whole passes of Kubernetes' controller, as evaluations of ours.
enum PassCases {
    static let functions: Set<String> = ["reconcile", "condition_on_failure", "no_status_write"]

    private static let now = ReplicaCases.now

    static func run(_ vector: VectorCase) throws(VectorError) {
        let fields = StepFields.of(vector)
        _ = fields["note"]
        let (input, expected) = (try fields.part("input"), try fields.part("expect"))
        switch vector.function {
        case "reconcile": try expectDecision(try decision(input), expected)
        case "condition_on_failure": try runFailure(input, expected)
        default: try runStatus(input, expected)
        }
        try fields.requireAllRead()
        try input.requireAllRead()
        try expected.requireAllRead()
    }

    private static func decision(_ input: StepFields) throws(VectorError) -> ScalingDecision {
        var members: [ScaledMember] = []
        for (index, pod) in try input.parts("pods").enumerated() {
            var named = pod.all
            if named["name"] == nil { named["name"] = .string("pod-\(index)") }
            let part = StepFields(named)
            members.append(try ReplicaCases.member(part, container: nil))
            try part.requireAllRead()
        }
        let current = try input.int("spec")
        // Ours have no number of their own beside that of the members.
        _ = input["status"]
        var spec = Autoscaler(
            target: ResourceID(.workload, "web"), min: input.optionalInt("min") ?? 1, max: try input.int("max"))
        var readings: [MetricReading] = []
        for metric in try input.parts("metrics") {
            let (one, reading) = try Self.metric(metric, members)
            spec.metrics.append(one)
            readings.append(reading)
            try metric.requireAllRead()
        }
        spec.behavior.scaleUp = try BehaviorCases.rules(input["scaleUp"]) ?? spec.behavior.scaleUp
        spec.behavior.scaleDown = try BehaviorCases.rules(input["scaleDown"]) ?? spec.behavior.scaleDown
        // Kubernetes' own back-off after a change is gone; the field is left over.
        _ = input["last_scale_time"]
        var state = ScalingState()
        if input["recommendations"]?.array != nil {
            state.recommendations = try BehaviorCases.recommendations(input["recommendations"])
        } else {
            state.begin(with: current, at: now)
        }
        return Autoscaling.decide(
            spec,
            ScalingInput(
                now: now, current: current, members: members, readings: readings,
                patience: .init(initialization: 120, readinessDelay: 10)), state)
    }

    /// A resource of a pod or of its container is a `Resource`, a metric of pods an `External` one with a value for each
    /// member, a metric of another object one of those that are measured of pools.
    private static func metric(
        _ fields: StepFields, _ members: [ScaledMember]
    ) throws(VectorError) -> (Autoscaler.Metric, MetricReading) {
        let type = try fields.string("type")
        _ = fields["container"]
        var metric = Autoscaler.Metric(
            type: type == "Resource" || type == "ContainerResource" || type == "Invalid"
                ? .resource : type == "Object" ? .claimRate : .external)
        if metric.type == .resource {
            metric.name = fields.optionalString("name") == "memory" ? .memory : .cpu
        } else {
            _ = fields["name"]
        }
        if let percent = fields.optionalInt("target_percent") { metric.target = .averageUtilization(percent) }
        if let milli = fields.optionalNumber("target_average_milli") { metric.target = .averageValue(milli / 1_000) }
        if let milli = fields.optionalNumber("target_value_milli") { metric.target = .value(milli / 1_000) }
        let levels = fields.list("pod_levels_milli").compactMap(\.int64)
        let level = fields.optionalNumber("level_milli")
        if type == "Invalid" { return (metric, .unsupported("invalid metric source type")) }
        if fields.optionalBool("fetch_error") == true { return (metric, .failed("it cannot be fetched")) }
        // A value that has no age is never too old.
        metric.maxAge = .seconds(1 << 40)
        if let level { return (metric, .whole(level / 1_000, at: now)) }
        var samples: [String: MemberSample] = [:]
        for (index, level) in levels.enumerated() {
            samples["pod-\(index)"] = MemberSample(milli: level, at: ReplicaCases.never, window: 60)
        }
        return (metric, .members(samples))
    }

    private static func expectDecision(_ decision: ScalingDecision, _ expected: StepFields) throws(VectorError) {
        try expect(.number(Double(decision.desired)), expected["replicas"])
        if let conditions = expected["conditions"]?.array { try expectConditions(decision, conditions) }
        if let action = expected["action"] {
            let word =
                decision.desired == decision.current
                ? "none" : decision.desired > decision.current ? "scale_up" : "scale_down"
            try expect(.string(word), action)
        }
        if let problem = expected["error"] {
            let word = decision.problem == nil ? "none" : "internal"
            try expect(.string(word), problem)
        }
    }

    private static func expectConditions(_ decision: ScalingDecision, _ expected: [JSONValue]) throws(VectorError) {
        let found = decision.conditions.map {
            "\($0.kind.rawValue) \($0.status ? "True" : "False") \($0.reason.rawValue)"
        }
        let wanted = expected.compactMap(\.object).map { fields in
            let reason = fields["reason"]?.string ?? ""
            return "\(fields["type"]?.string ?? "") \(fields["status"]?.string ?? "") \(Self.reasons[reason] ?? reason)"
        }
        if found.sorted() != wanted.sorted() {
            throw VectorError("expected \(wanted.sorted()), got \(found.sorted())")
        }
    }

    /// Reasons of types of metrics that are others with us.
    private static let reasons = [
        "FailedGetContainerResourceMetric": "FailedGetResourceMetric",
        "FailedGetPodsMetric": "FailedGetExternalMetric",
    ]

    private static func runFailure(_ input: StepFields, _ expected: StepFields) throws(VectorError) {
        let (failure, current) = (try input.string("failure"), try input.int("spec"))
        let bounds = ScalingBounds(min: 1, max: 10)
        let state = ScalingState()
        let decision: ScalingDecision
        if failure.contains("metric") {
            let types: [(String, Autoscaler.Metric.Source)] = [
                ("resource", .resource), ("object", .claimRate), ("pods", .external), ("external", .external),
            ]
            guard let type = types.first(where: { failure.contains($0.0) })?.1 else {
                throw VectorError("the runner does not know the failure '\(failure)'")
            }
            var metric = Autoscaler.Metric(type: type)
            (metric.name, metric.target) = (.cpu, .value(1))
            let spec = Autoscaler(target: ResourceID(.workload, "web"), min: 1, max: 10, metrics: [metric])
            decision = Autoscaling.decide(
                spec, ScalingInput(now: now, current: current, members: [], readings: [.failed(failure)]), state)
        } else if failure.contains("two autoscalers") || failure.contains("another autoscaler") {
            decision = Autoscaling.failed(.ambiguous(failure), current: current, bounds: bounds, state)
        } else if failure.contains("selector") {
            decision = Autoscaling.failed(.noMembers(failure), current: current, bounds: bounds, state)
        } else if failure.contains("write") || failure.contains("update") {
            var metric = Autoscaler.Metric(type: .queue)
            metric.strategy = .passThrough
            let spec = Autoscaler(target: ResourceID(.workload, "web"), min: 1, max: 10, metrics: [metric])
            decision = Autoscaling.decide(
                spec, ScalingInput(now: now, current: current, members: [], readings: [.whole(5, at: now)]), state
            ).failing(because: failure)
        } else if failure.contains("scale") {
            decision = Autoscaling.failed(.noTarget(failure), current: current, bounds: bounds, state)
        } else {
            throw VectorError("the runner does not know the failure '\(failure)'")
        }
        try expectDecision(decision, expected)
    }

    /// What is shown is written only where it differs from what was shown before.
    private static func runStatus(_ input: StepFields, _ expected: StepFields) throws(VectorError) {
        let previous = try input.part("previous_status")
        let conditions = input.list("previous_conditions")
        let decision = try decision(input)
        try expect(.number(Double(decision.desired)), expected["replicas"])
        var before = decision.status
        (before.current, before.desired) = (try previous.int("current"), try previous.int("desired"))
        before.conditions = conditions.compactMap(\.object).compactMap { fields in
            guard let kind = ScalingCondition.Kind(rawValue: fields["type"]?.string ?? ""),
                let reason = ScalingCondition.Reason(rawValue: fields["reason"]?.string ?? "")
            else { return nil }
            let own = decision.condition(kind)?.message ?? ""
            return ScalingCondition(kind, fields["status"] == .string("True"), reason, own)
        }
        if let percent = previous.optionalNumber("cpu_utilization") { before.recommendations[0].value = percent }
        _ = previous["cpu_average_milli"]
        try expect(.bool(decision.status != before), expected["status_written"])
    }
}
