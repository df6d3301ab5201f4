package import Specs

/// How fast a number may change: stabilization, then rates, then bounds, as autoscaling/v2 has it.
extension ScalingState {
    /// The most cautious number of those that were recommended lately, and remembers this one.
    ///
    /// - Parameter windows: how far back more members, and fewer members, are doubted, in seconds.
    package mutating func stabilized(
        _ desired: Int, current: Int, windows: (up: Int, down: Int), at now: Instant
    ) -> Int {
        let upCutoff = now.advanced(bySeconds: -Int64(windows.up))
        let downCutoff = now.advanced(bySeconds: -Int64(windows.down))
        var (up, down) = (desired, desired)
        var free: Int?
        for (index, past) in (recommendations ?? []).enumerated() {
            if past.at > upCutoff { up = min(up, past.replicas) }
            if past.at > downCutoff { down = max(down, past.replicas) }
            if past.at < upCutoff && past.at < downCutoff { free = index }
        }
        remember(desired, at: now, in: free)
        return min(max(current, up), down)
    }

    /// The same without rules: nothing lower than what was recommended lately.
    package mutating func stabilized(_ desired: Int, window: Int, at now: Instant) -> Int {
        let cutoff = now.advanced(bySeconds: -Int64(window))
        var highest = desired
        var free: Int?
        for (index, past) in (recommendations ?? []).enumerated() {
            if past.at < cutoff { free = index } else { highest = max(highest, past.replicas) }
        }
        remember(desired, at: now, in: free)
        return highest
    }

    private mutating func remember(_ replicas: Int, at now: Instant, in free: Int?) {
        let recommendation = Recommendation(replicas, at: now)
        if let free {
            recommendations?[free] = recommendation
        } else if recommendations?.contains(recommendation) != true {
            // Many looks within one second are one where they say the same.
            recommendations = (recommendations ?? []) + [recommendation]
        }
    }

    /// The number within the rates and bounds, and why it is not what was asked for.
    package func limited(
        _ desired: Int, current: Int, bounds: ClosedRange<Int>, behavior: Autoscaler.Behavior, at now: Instant
    ) -> (replicas: Int, reason: ScalingCondition.Reason) {
        if desired > current {
            let limit = max(upLimit(current, behavior.scaleUp, at: now), current)
            if desired > min(bounds.upperBound, limit) {
                return bounds.upperBound > limit ? (limit, .scaleUpLimit) : (bounds.upperBound, .tooManyReplicas)
            }
        } else if desired < current {
            let limit = min(downLimit(current, behavior.scaleDown, at: now), current)
            if desired < max(bounds.lowerBound, limit) {
                return bounds.lowerBound < limit ? (limit, .scaleDownLimit) : (bounds.lowerBound, .tooFewReplicas)
            }
        }
        return (desired, .desiredWithinRange)
    }

    /// The same without rules: at most twice as many, or four.
    package static func limited(
        _ desired: Int, current: Int, bounds: ClosedRange<Int>
    ) -> (replicas: Int, reason: ScalingCondition.Reason) {
        if desired < bounds.lowerBound { return (bounds.lowerBound, .tooFewReplicas) }
        let limit = max(2 * current, 4)
        if desired > min(limit, bounds.upperBound) {
            return bounds.upperBound > limit ? (limit, .scaleUpLimit) : (bounds.upperBound, .tooManyReplicas)
        }
        return (desired, .desiredWithinRange)
    }

    /// The most that the policies allow now.
    package func upLimit(_ current: Int, _ rules: Autoscaler.Rules, at now: Instant) -> Int {
        let limits = rules.policies.map { policy in
            let start = start(of: policy, current, now)
            return switch policy.type {
            case .pods: start + policy.value
            case .percent: Int((Double(start) * (1 + Double(policy.value) / 100)).rounded(.up))
            }
        }
        return switch rules.selectPolicy {
        case .disabled: current
        case .max: limits.max() ?? current
        case .min: limits.min() ?? current
        }
    }

    /// The least that the policies allow now.
    package func downLimit(_ current: Int, _ rules: Autoscaler.Rules, at now: Instant) -> Int {
        let limits = rules.policies.map { policy in
            let start = start(of: policy, current, now)
            return switch policy.type {
            case .pods: start - policy.value
            case .percent: Int(Double(start) * (1 - Double(policy.value) / 100))
            }
        }
        return switch rules.selectPolicy {
        case .disabled: current
        case .max: limits.min() ?? current
        case .min: limits.max() ?? current
        }
    }

    /// How many there were when the period of the policy began.
    private func start(of policy: Autoscaler.Policy, _ current: Int, _ now: Instant) -> Int {
        current - Self.change(of: upEvents, within: policy.periodSeconds, at: now)
            + Self.change(of: downEvents, within: policy.periodSeconds, at: now)
    }
}
