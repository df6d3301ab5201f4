import Specs

/// One autoscaler between two inputs.
struct ScalingWatch: Sendable {
    var autoscaler: Resource<Autoscaler>
    var state: ScalingState
    /// When it is evaluated next, in time since the start.
    var due = Duration.zero
    /// The measurement without an answer; nil where none is under way.
    var asked: Ticket?
    /// What was measured last, by the position of the metric.
    var readings: [Int: MetricReading] = [:]
    /// What was decided last; nil before the first evaluation of this run.
    var decision: ScalingDecision?
    var decidedAt: Instant?
    /// How many misses in a row have been answered by more members, and after how many hits of the pool: the next hit ends the row.
    private var answered = (misses: 0, hits: 0)
    /// The order to a provider that has no answer yet, and why the last one failed.
    var ordered: Ticket?
    var orderProblem: String?
    /// How many hosts the provider was told last, and how many it has confirmed.
    var ordering: Int?
    var confirmed: Int?
    var readiness = ReadinessLog()

    init(_ autoscaler: Resource<Autoscaler>, _ state: ScalingState) {
        self.autoscaler = autoscaler
        self.state = state
    }

    var spec: Autoscaler { autoscaler.spec }
    var target: ResourceID { autoscaler.spec.target }

    /// Misses in a row that nothing was done about yet.
    func newMisses(of pool: PoolWatch?) -> Int {
        guard let pool else { return 0 }
        return pool.consecutiveMisses - (pool.meter.hits == answered.hits ? answered.misses : 0)
    }

    /// More members were asked for, for all that have missed one by now.
    mutating func answerMisses(of pool: PoolWatch?) {
        guard let pool else { return }
        answered = (pool.consecutiveMisses, pool.meter.hits)
    }

    /// Whether a metric says something of each member, or is compared with how many there are.
    var asksForMembers: Bool {
        spec.metrics.contains { $0.type == .resource || $0.strategy == .target && $0.type != .poolExhausted }
    }
}

/// Since when members are ready or not, as far as this run of the program has seen.
struct ReadinessLog: Sendable {
    private var known: [String: (isReady: Bool, since: Instant)] = [:]

    /// - Returns: since when it is as it is.
    mutating func note(_ container: ObservedContainer, started: Instant?, at now: Instant) -> Instant {
        let isReady = container.isReady
        // A clock that was ahead, and was set, has said something that cannot be.
        if let entry = known[container.id], entry.isReady == isReady, entry.since <= now { return entry.since }
        // One without a health check is ready from its start on, and what is old was ready long before it was seen.
        let isOld = started.map { now.secondsSince1970 - $0.secondsSince1970 > 300 } ?? false
        let since = known[container.id] == nil && (container.health == .none || isOld) ? started ?? now : now
        known[container.id] = (isReady, since)
        return since
    }

    mutating func keep(_ ids: Set<String>) { known = known.filter { ids.contains($0.key) } }
}
