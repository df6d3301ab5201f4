package import Specs

/// What an autoscaler remembers between evaluations, and across restarts.
package struct ScalingState: Hashable, Codable, Sendable {
    /// What was recommended, and when.
    package struct Recommendation: Hashable, Codable, Sendable {
        package var replicas: Int
        package var at: Instant

        package init(_ replicas: Int, at: Instant) {
            self.replicas = replicas
            self.at = at
        }
    }

    /// By how much the number was changed, and when.
    package struct Event: Hashable, Codable, Sendable {
        package var change: Int
        package var at: Instant
        /// Older than every policy looks back; the next event takes its place.
        package var isOutdated: Bool

        package init(_ change: Int, at: Instant, isOutdated: Bool = false) {
            self.change = change
            self.at = at
            self.isOutdated = isOutdated
        }
    }

    /// The number that was decided last; nil before there was one.
    package var size: Int?
    /// nil before the first evaluation.
    package var recommendations: [Recommendation]?
    package var upEvents: [Event]
    package var downEvents: [Event]
    /// When the cooldowns began; a scale-up ends that of scaling down.
    package var lastUp: Instant?
    package var lastDown: Instant?

    package init(
        size: Int? = nil, recommendations: [Recommendation]? = nil, upEvents: [Event] = [], downEvents: [Event] = [],
        lastUp: Instant? = nil, lastDown: Instant? = nil
    ) {
        self.size = size
        self.recommendations = recommendations
        self.upEvents = upEvents
        self.downEvents = downEvents
        self.lastUp = lastUp
        self.lastDown = lastDown
    }

    /// The number to go on from: the one decided last, or else what is there, within the bounds. Never what git calls the
    /// initial number, which would be a jump after the loss of the state.
    package func liveSize(observed: Int, within bounds: ClosedRange<Int>) -> Int {
        size ?? min(max(observed, bounds.lowerBound), bounds.upperBound)
    }

    /// A new one remembers the size that it finds, so that a restart does not take members away at once.
    package mutating func begin(with current: Int, at now: Instant) {
        if recommendations == nil { recommendations = [Recommendation(current, at: now)] }
    }

    /// Takes everything that is later than now for something of now: a clock that was ahead, and was set back, would have
    /// it weigh for as long as it was ahead.
    package mutating func bringBack(to now: Instant) {
        for index in (recommendations ?? []).indices where recommendations?[index].at ?? now > now {
            recommendations?[index].at = now
        }
        for index in upEvents.indices where upEvents[index].at > now { upEvents[index].at = now }
        for index in downEvents.indices where downEvents[index].at > now { downEvents[index].at = now }
        lastUp = lastUp.map { min($0, now) }
        lastDown = lastDown.map { min($0, now) }
    }

    /// Drops recommendations that no later evaluation asks for: those that a newer one outweighs in both directions, and those that
    /// are older than both windows. A pool has one of each claim, and only some of them are ever the highest or lowest.
    package mutating func forgetWhatCannotMatter(for behavior: Autoscaler.Behavior, at now: Instant) {
        guard let recommendations else { return }
        let upCutoff = now.advanced(bySeconds: -Int64(behavior.scaleUp.stabilizationWindowSeconds))
        let downCutoff = now.advanced(bySeconds: -Int64(behavior.scaleDown.stabilizationWindowSeconds))
        var (lowest, highest) = (Int.max, Int.min)
        var kept: [Recommendation] = []
        for past in recommendations.sorted(by: { $0.at > $1.at }) {
            let holdsUp = past.at > upCutoff && past.replicas < lowest
            let holdsDown = past.at > downCutoff && past.replicas > highest
            lowest = min(lowest, past.replicas)
            highest = max(highest, past.replicas)
            if holdsUp || holdsDown { kept.append(past) }
        }
        self.recommendations = kept.reversed()
    }

    /// Keeps a change that was made.
    ///
    /// - Parameter behavior: nil keeps nothing for policies, as Kubernetes does without `spec.behavior`.
    package mutating func record(from previous: Int, to current: Int, behavior: Autoscaler.Behavior?, at now: Instant) {
        if current > previous {
            (lastUp, lastDown) = (now, nil)
            if let rules = behavior?.scaleUp { Self.store(current - previous, in: &upEvents, rules, now) }
        } else if current < previous {
            lastDown = now
            if let rules = behavior?.scaleDown { Self.store(previous - current, in: &downEvents, rules, now) }
        }
    }

    private static func store(_ change: Int, in events: inout [Event], _ rules: Autoscaler.Rules, _ now: Instant) {
        let cutoff = now.advanced(bySeconds: -Int64(rules.policies.map(\.periodSeconds).max() ?? 0))
        for index in events.indices where events[index].at < cutoff { events[index].isOutdated = true }
        if let free = events.lastIndex(where: \.isOutdated) {
            events[free] = Event(change, at: now)
        } else {
            events.append(Event(change, at: now))
        }
    }

    /// The sum of all changes that are younger than so many seconds.
    package static func change(of events: [Event], within seconds: Int, at now: Instant) -> Int {
        let cutoff = now.advanced(bySeconds: -Int64(seconds))
        return events.reduce(0) { $0 + ($1.at > cutoff ? $1.change : 0) }
    }
}
