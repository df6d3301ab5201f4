package import Specs

/// Decides how many members there should be: Kubernetes' HorizontalPodAutoscaler with schedules, further strategies,
/// cooldowns and a limit to the age of what was measured.
///
/// What is measured asks for numbers, and the highest wins; then come stabilization, rates, bounds and cooldowns. On missing
/// data nothing is ever taken away. It reads no clock and keeps nothing: the state goes in and comes out.
package enum Autoscaling {
    /// - Parameters:
    ///   - zones: the rules of the time zones that the schedules name.
    package static func decide(
        _ spec: Autoscaler, _ input: ScalingInput, _ state: ScalingState, zones: [String: TimeZoneRules] = [:]
    ) -> ScalingDecision {
        let bounds = ScalingBounds(of: spec, at: input.now, zones: zones)
        var state = state
        state.bringBack(to: input.now)
        var decision = ScalingDecision(
            current: input.current, desired: input.current, bounds: bounds, recommendations: [],
            conditions: [
                ScalingCondition(.ableToScale, true, .succeededGetScale, "the current number is \(input.current)")
            ], state: state)
        decision.state.begin(with: input.current, at: input.now)
        if input.current == 0, bounds.min != 0, !spec.scaleToZero {
            // Somebody chose none, which no metric takes back.
            decision.set(
                ScalingCondition(
                    .scalingActive, false, .scalingDisabled,
                    "scaling is disabled since the number is zero and 'scaleToZero' is not set"))
        } else if !bounds.range.contains(input.current) {
            decision.desired = min(max(input.current, bounds.min), bounds.max)
            decision.set(
                ScalingCondition(
                    .ableToScale, true, .succeededRescale,
                    "\(input.current) is outside of the bounds \(bounds.description)"))
        } else if decision.evaluate(spec, input) {
            decision.settle(spec, input)
        }
        decision.state.size = decision.desired
        return decision
    }

    /// What is shown where nothing can be decided.
    package static func failed(_ failure: ScalingFailure, current: Int, bounds: ScalingBounds, _ state: ScalingState)
        -> ScalingDecision
    {
        let found = ScalingCondition(.ableToScale, true, .succeededGetScale)
        let (conditions, message): ([ScalingCondition], String) =
            switch failure {
            case .noTarget(let message):
                ([ScalingCondition(.ableToScale, false, .failedGetScale, message)], message)
            case .noMembers(let message):
                ([found, ScalingCondition(.scalingActive, false, .invalidSelector, message)], message)
            case .ambiguous(let message):
                ([found, ScalingCondition(.scalingActive, false, .ambiguousSelector, message)], message)
            }
        return ScalingDecision(
            current: current, desired: current, bounds: bounds, recommendations: [], conditions: conditions,
            problem: message, state: state)
    }
}

extension ScalingDecision {
    /// Asks all metrics. False where what they say is not enough to decide by.
    fileprivate mutating func evaluate(_ spec: Autoscaler, _ input: ScalingInput) -> Bool {
        var first: (metric: Autoscaler.Metric, problem: MetricProblem)?
        var invalid = 0
        for (index, (metric, name)) in zip(spec.metrics, spec.metricNames).enumerated() {
            var evaluation = MetricEvaluation(metric, of: spec, input)
            let reading = index < input.readings.count ? input.readings[index] : nil
            let (recommendation, problem) = evaluation.run(name, reading)
            recommendations.append(recommendation)
            if let problem {
                invalid += 1
                if first == nil { first = (metric, problem) }
            } else if let replicas = recommendation.replicas {
                proposed = max(proposed ?? replicas, replicas)
            }
        }
        if let first {
            let name = "\(invalid) of \(spec.metrics.count) metrics"
            problem = "\(name) cannot be used, the first since \(first.problem.message)"
            // More members may be asked for by what is known; fewer may not.
            if invalid == spec.metrics.count || (proposed ?? input.current) < input.current {
                set(
                    ScalingCondition(
                        .scalingActive, false, first.metric.reason(of: first.problem), first.problem.message))
                return false
            }
        }
        set(ScalingCondition(.scalingActive, true, .validMetricFound, why))
        return true
    }

    /// From what metrics ask for to what is done now.
    fileprivate mutating func settle(_ spec: Autoscaler, _ input: ScalingInput) {
        let asked = proposed ?? input.current
        let behavior = spec.behavior
        let calm = state.stabilized(
            asked, current: input.current,
            windows: (behavior.scaleUp.stabilizationWindowSeconds, behavior.scaleDown.stabilizationWindowSeconds),
            at: input.now)
        stabilized = calm
        if calm == asked {
            set(ScalingCondition(.ableToScale, true, .readyForNewScale, "nothing recent speaks against \(asked)"))
        } else {
            let isUp = asked >= input.current
            set(
                ScalingCondition(
                    .ableToScale, true, isUp ? .scaleUpStabilized : .scaleDownStabilized,
                    "recent recommendations were \(isUp ? "lower" : "higher") than \(asked)"))
        }
        let limited = state.limited(
            calm, current: input.current, bounds: bounds.range, behavior: behavior, at: input.now)
        set(
            ScalingCondition(
                .scalingLimited, limited.replicas != calm, limited.reason,
                limited.replicas == calm
                    ? "\(calm) is within \(bounds.description)"
                    : "\(calm) is asked for, and \(limited.replicas) is the \(limited.reason.limitWords)"))
        desired = limited.replicas
        guard isChange else { return }
        if let backoff = cooldown(behavior, at: input.now) {
            set(backoff)
            desired = current
        } else {
            set(ScalingCondition(.ableToScale, true, .succeededRescale, "from \(current) to \(desired)"))
        }
    }

    private func cooldown(_ behavior: Autoscaler.Behavior, at now: Instant) -> ScalingCondition? {
        let isUp = desired > current
        let rules = isUp ? behavior.scaleUp : behavior.scaleDown
        guard let last = isUp ? state.lastUp : state.lastDown, rules.cooldown > .zero else { return nil }
        let end = last.advanced(bySeconds: rules.cooldown.roundedUpSeconds)
        guard now < end else { return nil }
        let left = WindowText.span(seconds: end.secondsSince1970 - now.secondsSince1970)
        return ScalingCondition(
            .ableToScale, false, isUp ? .backoffUpscale : .backoffDownscale,
            "the cooldown of \(rules.cooldown.goText) is over in \(left)")
    }
}

extension ScalingCondition.Reason {
    fileprivate var limitWords: String {
        switch self {
        case .tooFewReplicas: "least"
        case .tooManyReplicas: "most"
        default: "most change that the policies allow"
        }
    }
}

extension Autoscaler.Metric {
    /// The reason for which a metric of this type has no value.
    fileprivate func reason(of problem: MetricProblem) -> ScalingCondition.Reason {
        switch problem.kind {
        case .invalid: return .invalidMetricSourceType
        case .stale: return .metricsStale
        case .failed: break
        }
        return switch type {
        case .resource: .failedGetResourceMetric
        case .poolUtilization, .poolExhausted, .claimRate, .hostResource: .failedGetObjectMetric
        case .prometheus, .external, .queue: .failedGetExternalMetric
        }
    }
}
