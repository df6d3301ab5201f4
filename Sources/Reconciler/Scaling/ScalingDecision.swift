import Specs

/// What an autoscaler decides, and everything that led to it.
package struct ScalingDecision: Hashable, Sendable {
    package var current: Int
    package var desired: Int
    package var bounds: ScalingBounds
    /// In the order of the spec's metrics; empty where metrics were not looked at.
    package var recommendations: [MetricRecommendation]
    /// What the metrics ask for together; nil where they ask for nothing.
    package var proposed: Int?
    /// That, after recent recommendations were looked at.
    package var stabilized: Int?
    package var conditions: [ScalingCondition]
    /// What is wrong with a metric, of the first for which something is.
    package var problem: String?
    /// With the recommendation of this time. A change that is carried out is recorded by `record`.
    package var state: ScalingState

    package var isChange: Bool { desired != current }

    package func condition(_ kind: ScalingCondition.Kind) -> ScalingCondition? {
        conditions.first { $0.kind == kind }
    }

    /// What people see; written anew only where it differs.
    package var status: ScalingStatus {
        ScalingStatus(
            current: current, desired: desired, bounds: bounds, recommendations: recommendations,
            conditions: conditions)
    }

    /// Why this number, in one line: `7, since Resource/cpu is at 58% of 50%; limited by 2-20`
    package var why: String {
        if let asked = recommendations.filter({ $0.replicas == proposed && proposed != nil }).first {
            return "\(asked.metric) is at \(asked.reading)"
        }
        return conditions.last { !$0.message.isEmpty }?.message ?? "nothing asks for another number"
    }

    /// The same where the change could not be carried out.
    package func failing(because message: String) -> ScalingDecision {
        var decision = unheard(because: message)
        decision.desired = current
        decision.state.size = current
        return decision
    }

    /// The same where whoever is to carry it out has not heard of it: what is asked for stays.
    func unheard(because message: String) -> ScalingDecision {
        var decision = self
        decision.set(ScalingCondition(.ableToScale, false, .failedUpdateScale, message))
        decision.problem = problem ?? message
        return decision
    }

    mutating func set(_ condition: ScalingCondition) {
        if let index = conditions.firstIndex(where: { $0.kind == condition.kind }) {
            conditions[index] = condition
        } else {
            conditions.append(condition)
        }
    }
}

/// What is shown of an autoscaler.
package struct ScalingStatus: Hashable, Codable, Sendable {
    package var current: Int
    package var desired: Int
    package var bounds: ScalingBounds
    package var recommendations: [MetricRecommendation]
    package var conditions: [ScalingCondition]
}

/// Why an autoscaler cannot even begin.
package enum ScalingFailure: Hashable, Sendable {
    /// What it scales cannot be read.
    case noTarget(String)
    /// What it scales has no members that could be found.
    case noMembers(String)
    /// Another one scales the same.
    case ambiguous(String)
}
