import Reconciler
import Specs

/// The arithmetic of Kubernetes' rolling update.
enum RolloutCases {
    static let functions: Set<String> = [
        "resolve_fenceposts", "scaled_value", "new_rs_new_replicas", "max_unavailable", "deployment_complete",
        "deployment_progressing", "deployment_timed_out", "reconcile_new_rs", "reconcile_old_rs", "cleanup_unhealthy",
        "scale_down_old_for_rolling",
    ]

    /// What our specs refuse.
    fileprivate struct Refusal: Error {}

    static func run(_ vector: VectorCase) throws(VectorError) {
        let fields = StepFields.of(vector)
        _ = fields["note"]
        let (input, expected) = (try fields.part("input"), try fields.part("expect"))
        let result = try result(of: vector.function, input)
        for (name, value) in expected.all.sorted(by: { $0.key < $1.key }) {
            _ = expected[name]
            guard let own = result[name] else { throw VectorError("the runner does not know what '\(name)' expects") }
            guard own == value else { throw VectorError("'\(name)' is \(own), expected \(value)") }
        }
        try input.requireAllRead()
        try expected.requireAllRead()
        try fields.requireAllRead()
    }

    private static func result(of function: String, _ input: StepFields) throws(VectorError) -> [String: JSONValue] {
        switch function {
        case "resolve_fenceposts", "scaled_value": try values(function, input)
        case "max_unavailable":
            [
                "value": number(try bounds(input, "replicas", "maxSurge", "maxUnavailable").unavailable)
            ]
        case "new_rs_new_replicas", "reconcile_new_rs": try growth(function, input)
        case "deployment_complete": ["complete": .bool(try completeness(input))]
        case "deployment_progressing":
            [
                "progressing": .bool(
                    try counts(input.part("new")).hasProgressed(since: try counts(input.part("old"))))
            ]
        case "deployment_timed_out": ["timed_out": .bool(try timeOut(input))]
        case "cleanup_unhealthy": ["cleaned": number(try cleanup(input))]
        default: try shrinking(function, input)
        }
    }

    // MARK: Values

    private static func values(_ function: String, _ input: StepFields) throws(VectorError) -> [String: JSONValue] {
        do throws(Refusal) {
            if function == "scaled_value" {
                let value = try countOrPercent(input["value"])
                let total = input.optionalInt("total") ?? 0
                let isUp = input.optionalBool("roundUp") ?? false
                return [
                    "value": number(isUp ? value.roundedUp(of: total) : value.roundedDown(of: total)),
                    "error": .bool(false),
                ]
            }
            let (surge, missing, desired) = (input["maxSurge"], input["maxUnavailable"], input.optionalInt("desired"))
            let bounds = RolloutBounds(
                desired: desired ?? 0, maxSurge: try countOrPercent(surge), maxUnavailable: try countOrPercent(missing))
            return ["surge": number(bounds.surge), "unavailable": number(bounds.unavailable), "error": .bool(false)]
        } catch {
            _ = (input["total"], input["roundUp"], input["desired"])
            return ["error": .bool(true)]
        }
    }

    private static func countOrPercent(_ value: JSONValue?) throws(Refusal) -> CountOrPercent {
        if let count = value?.int { return .count(count) }
        guard let text = value?.string, let share = try? Percentage.parse(text) else { throw Refusal() }
        return .percent(share)
    }

    private static func bounds(
        _ input: StepFields, _ desired: String, _ surge: String, _ unavailable: String
    ) throws(VectorError) -> RolloutBounds {
        _ = input["strategy"]
        let (most, missing) = (input[surge], input[unavailable])
        do throws(Refusal) {
            return RolloutBounds(
                desired: try input.whole(desired), maxSurge: try countOrPercent(most),
                maxUnavailable: try countOrPercent(missing))
        } catch {
            throw VectorError("'\(desired)', '\(surge)' and '\(unavailable)' must be numbers or shares")
        }
    }

    // MARK: Generations

    private static func growth(_ function: String, _ input: StepFields) throws(VectorError) -> [String: JSONValue] {
        if function == "new_rs_new_replicas" {
            let bounds = try bounds(input, "deployment_replicas", "max_surge", "max_unavailable")
            let size = try input.int("new_rs_replicas")
            let next = bounds.newGeneration(from: size, all: try input.int("all_rs_total"))
            // That one is never asked to shrink the new generation; who asks it does that.
            return ["replicas": number(max(size, next))]
        }
        let bounds = try bounds(input, "deployment", "max_surge", "max_unavailable")
        let size = try input.int("new")
        let next = bounds.newGeneration(from: size, all: try input.int("old") + size)
        return ["scaled": .bool(next != size), "new_replicas": number(next)]
    }

    private static func shrinking(_ function: String, _ input: StepFields) throws(VectorError) -> [String: JSONValue] {
        let bounds = try bounds(input, "deployment", "max_surge", "max_unavailable")
        let old = try input.int("old")
        let leaving: Int
        if function == "scale_down_old_for_rolling" {
            leaving = bounds.healthyLeaving(available: try input.int("ready"))
        } else {
            let (new, ready, newReady) = (
                try input.int("new"), try input.int("ready_old"), try input.int("ready_new")
            )
            let parts = bounds.leaving(
                all: old + new, newlyMissing: new - newReady, unhealthy: old - ready, available: ready + newReady)
            leaving = parts.unhealthy + parts.healthy
        }
        return ["scaled": .bool(leaving > 0), "old_replicas": number(old - leaving)]
    }

    private static func cleanup(_ input: StepFields) throws(VectorError) -> Int {
        let (old, ready, unhealthy) = (try input.int("old"), try input.int("ready"), try input.int("unhealthy"))
        guard old - ready == unhealthy else { throw VectorError("'unhealthy' is not 'old' without 'ready'") }
        return RolloutBounds.cleaned(unhealthy, atMost: try input.int("max_cleanup"))
    }

    // MARK: Progress

    private static func completeness(_ input: StepFields) throws(VectorError) -> Bool {
        _ = (input["maxUnavailable"], input["maxSurge"])
        let available = try input.int("available")
        return RolloutCounts(
            desired: try input.int("desired"), total: try input.int("current"), updated: try input.int("updated"),
            available: available, ready: available
        ).isComplete
    }

    private static func counts(_ fields: StepFields) throws(VectorError) -> RolloutCounts {
        let counts = RolloutCounts(
            total: try fields.int("total"), updated: try fields.int("updated"), available: try fields.int("available"),
            ready: try fields.int("ready"))
        try fields.requireAllRead()
        return counts
    }

    private static func timeOut(_ input: StepFields) throws(VectorError) -> Bool {
        RolloutCounts.isTimedOut(
            after: .seconds(try input.int("last_update_age_s")),
            deadline: input.optionalInt("progress_deadline_s").map { .seconds($0) },
            wasComplete: input.optionalString("progressing_reason") == "NewReplicaSetAvailable")
    }

    private static func number(_ value: Int) -> JSONValue { .number(Double(value)) }
}

extension StepFields {
    fileprivate func whole(_ name: String) throws(RolloutCases.Refusal) -> Int {
        guard let value = self[name]?.int else { throw RolloutCases.Refusal() }
        return value
    }
}
