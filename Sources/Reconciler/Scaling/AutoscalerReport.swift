package import Specs

/// One autoscaler as of now: what was measured, what each metric asks for, and why this number.
package struct AutoscalerReport: Codable, Hashable, Sendable {
    package var autoscaler: ResourceID
    package var target: ResourceID
    /// nil before the first evaluation.
    package var status: ScalingStatus?
    /// The number that holds now; nil before the host was seen.
    package var size: Int?
    /// Why this number, in one line.
    package var why: String
    /// What is wrong with a metric or with carrying the number out.
    package var problem: String?
    package var evaluatedAt: Instant?
    package var lastScaleUp: Instant?
    package var lastScaleDown: Instant?

    package init(_ autoscaler: ResourceID, target: ResourceID, why: String = "not evaluated yet") {
        self.autoscaler = autoscaler
        self.target = target
        self.why = why
    }
}

extension AutoscalerReport {
    init(_ watch: ScalingWatch) {
        self.init(watch.autoscaler.id, target: watch.target)
        size = watch.state.size
        if let decision = watch.decision {
            status = decision.status
            why = decision.why
            problem = decision.problem ?? watch.orderProblem
        }
        evaluatedAt = watch.decidedAt
        lastScaleUp = watch.state.lastUp
        lastScaleDown = watch.state.lastDown
    }

    /// The conditions in the words of all objects.
    package var conditions: [Condition] {
        (status?.conditions ?? []).map { condition in
            let type: Condition.ConditionType =
                switch condition.kind {
                case .ableToScale: .ableToScale
                case .scalingActive: .scalingActive
                case .scalingLimited: .scalingLimited
                }
            return Condition(type, condition.status, condition.reason.rawValue, condition.message)
        }
    }
}
