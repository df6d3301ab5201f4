import Reconciler
import Specs

/// The strategies of Nomad's autoscaler: a target, a threshold, and the metric as it is.
enum StrategyCases {
    static let strategies: Set<String> = [
        "target-value", "target-value-direction", "threshold", "pass-through", "pass-through-direction",
    ]

    /// What a strategy refuses, as the policy's text has it.
    private struct Refusal: Error {
        var message: String

        init(_ message: String) { self.message = message }
    }

    static func run(_ vector: VectorCase) throws(VectorError) {
        let fields = StepFields.of(vector)
        _ = fields["note"]
        let expected = try fields.part("expect")
        let (count, config) = (try fields.int("count"), try fields.part("config"))
        let metrics = fields.list("metrics").compactMap(\.number)
        let refusal = expected.optionalString("error_contains")
        let result: Int?
        do throws(Refusal) {
            result = try Self.result(vector.strategy, count: count, metrics, config)
        } catch {
            guard let refusal, error.message.contains(refusal) else {
                throw VectorError("expected \(refusal ?? "a number"), got '\(error.message)'")
            }
            return
        }
        if let refusal { throw VectorError("expected '\(refusal)', got \(result.map { "\($0)" } ?? "nothing")") }
        let direction = result.map { $0 == count ? "none" : $0 > count ? "up" : "down" } ?? "none"
        // Without any metric nothing is evaluated, which is no result at all.
        if expected["result"] == .null {
            if result != nil { throw VectorError("expected no result, got \(direction)") }
        } else {
            try expect(.string(direction), expected["direction"])
        }
        if let wanted = expected["count"] {
            try expect(direction == "none" ? .null : .number(Double(result ?? 0)), wanted)
        }
        try expected.requireAllRead()
        try config.requireAllRead()
        try fields.requireAllRead()
    }

    private static func result(
        _ strategy: String, count: Int, _ metrics: [Double], _ config: StepFields
    ) throws(Refusal) -> Int? {
        switch strategy {
        case "target-value": return try targetValue(count, metrics, config)
        case "target-value-direction":
            let factor = try number("factor", config) ?? 1
            let tolerance = try number("threshold", config) ?? 0
            return replicas(count, factor, tolerance)
        case "threshold": return try threshold(count, metrics, config)
        default: return try passThrough(count, metrics, config)
        }
    }

    // MARK: The strategies

    private static func targetValue(_ count: Int, _ metrics: [Double], _ config: StepFields) throws(Refusal) -> Int? {
        guard let target = try number("target", config) else { throw Refusal("missing required field `target`") }
        let tolerance = try number("threshold", config) ?? 0.01
        let limits = try steps(config)
        guard let metric = metrics.last else { return nil }
        // A target of none cannot be written in our specs: the metric is then the factor.
        let wanted = replicas(count, target == 0 ? metric : metric / target, tolerance)
        return bounded(wanted, from: count, limits)
    }

    /// With every member ready, Kubernetes' rule is Nomad's.
    private static func replicas(_ count: Int, _ factor: Double, _ tolerance: Double) -> Int {
        ReplicaCalculator(current: count, tolerance: Tolerance(down: tolerance, up: tolerance))
            .replicas(ratio: factor, ready: count)
    }

    private static func passThrough(_ count: Int, _ metrics: [Double], _ config: StepFields) throws(Refusal) -> Int? {
        let limits = try steps(config)
        guard let metric = metrics.last else { return nil }
        var one = Autoscaler.Metric(type: .queue)
        one.strategy = .passThrough
        var spec = Autoscaler(target: ResourceID(.workload, "web"), min: 0, max: Int(Int32.max), metrics: [one])
        spec.scaleToZero = true
        let now = ReplicaCases.now
        let decision = Autoscaling.decide(
            spec, ScalingInput(now: now, current: count, members: [], readings: [.whole(metric, at: now)]),
            ScalingState(recommendations: []))
        return decision.proposed.map { bounded($0, from: count, limits) }
    }

    private static func threshold(_ count: Int, _ metrics: [Double], _ config: StepFields) throws(Refusal) -> Int? {
        let (upper, lower) = (try quoted("upper_bound", config), try quoted("lower_bound", config))
        if lower == nil && upper == nil { throw Refusal("must have either \"lower_bound\" or \"upper_bound\"") }
        let named = ["delta", "percentage", "value"].filter { config[$0] != nil }
        if named.isEmpty { throw Refusal("must have either \"delta\", \"percentage\" or \"value\"") }
        if named.count > 1 { throw Refusal("only one of \"delta\", \"percentage\" or \"value\" must be provided") }
        let (delta, percent) = (try whole("delta", config, quote: "\""), try quoted("percentage", config))
        let value = try whole("value", config, quote: "\"")
        let trigger = try whole("within_bounds_trigger", config, quote: "\"") ?? 5
        let limits = try steps(config)
        let change: ThresholdRule.Change =
            delta.map { .delta($0) } ?? percent.map { .percent($0) } ?? .value(value ?? 0)
        if metrics.isEmpty { return nil }
        let rule = ThresholdRule(
            from: lower ?? -.infinity, upTo: upper ?? .infinity, change: change, trigger: trigger)
        return rule.count(from: count, samples: metrics).map { bounded($0, from: count, limits) } ?? count
    }

    // MARK: Parts

    /// `max_scale_up` and `max_scale_down`, which with us are policies of members.
    private static func steps(_ config: StepFields) throws(Refusal) -> (up: Int?, down: Int?) {
        (try whole("max_scale_up", config, quote: "`"), try whole("max_scale_down", config, quote: "`"))
    }

    private static func bounded(_ wanted: Int, from count: Int, _ limits: (up: Int?, down: Int?)) -> Int {
        var behavior = Autoscaler.Behavior()
        behavior.scaleUp = Autoscaler.Rules(
            window: 0, policies: [.init(type: .pods, value: limits.up ?? Int(Int32.max), periodSeconds: 1)])
        behavior.scaleDown = Autoscaler.Rules(
            window: 0, policies: [.init(type: .pods, value: limits.down ?? Int(Int32.max), periodSeconds: 1)])
        return ScalingState().limited(
            wanted, current: count, bounds: 0...Int(Int32.max), behavior: behavior, at: ReplicaCases.now
        ).replicas
    }

    private static func number(_ name: String, _ config: StepFields) throws(Refusal) -> Double? {
        try number(name, config, quote: "`")
    }

    private static func quoted(_ name: String, _ config: StepFields) throws(Refusal) -> Double? {
        try number(name, config, quote: "\"")
    }

    private static func whole(_ name: String, _ config: StepFields, quote: String) throws(Refusal) -> Int? {
        guard let number = try number(name, config, quote: quote) else { return nil }
        guard let whole = Int(exactly: number) else { throw Refusal("invalid value for \(quote)\(name)\(quote)") }
        return whole
    }

    private static func number(_ name: String, _ config: StepFields, quote: String) throws(Refusal) -> Double? {
        guard let value = config[name] else { return nil }
        if let number = value.number { return number }
        guard let number = value.string.flatMap({ Double($0) }) else {
            throw Refusal("invalid value for \(quote)\(name)\(quote)")
        }
        return number
    }
}
