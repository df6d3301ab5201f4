package import Specs

/// Replays a recorded series of metrics against an autoscaler, to tune it without a host.
///
/// Each evaluation sees the newest value of each metric that was recorded by then, with the age that it has; every decision
/// is carried out at once, and new members are ready at once. Where the recording says how many members there were, the use
/// of members is divided among the simulated ones.
package enum ScalingSimulation {
    /// One evaluation that did something, or said something new.
    package struct Moment: Hashable, Sendable {
        package var at: Instant
        package var decision: ScalingDecision
    }

    package struct Outcome: Hashable, Sendable {
        /// Evaluations at which the number or a reason changed.
        package var moments: [Moment] = []
        /// What was decided last.
        package var last: Moment?
        package var evaluations = 0
        package var scaleUps = 0
        package var scaleDowns = 0
        package var smallest = Int.max
        package var largest = 0
        package var final = 0
        /// Members times seconds.
        package var memberSeconds: Int64 = 0
        /// Seconds at which bounds or rates kept the number from what metrics asked for.
        package var limitedSeconds: Int64 = 0
        /// Seconds at which some metric could not be used.
        package var blindSeconds: Int64 = 0
        package var seconds: Int64 = 0
    }

    /// The most evaluations of one run.
    package static let mostEvaluations = 2_000_000

    /// - Parameter initial: the number at the beginning; nil is what the recording says, or the least.
    package static func run(
        _ spec: Autoscaler, _ recording: MetricRecording, initial: Int? = nil, zones: [String: TimeZoneRules] = [:]
    ) -> Outcome {
        var outcome = Outcome()
        guard let start = recording.rows.first?.at, let end = recording.rows.last?.at else { return outcome }
        let bounds = ScalingBounds(of: spec, at: start, zones: zones)
        var size = initial ?? recording.rows.first?.members ?? bounds.min
        size = ScalingState().liveSize(observed: size, within: bounds.range)
        var state = ScalingState()
        var replay = Replay(spec, recording)
        let interval = max(1, spec.interval.roundedUpSeconds)
        var now = start
        var last: [String] = []
        while now <= end, outcome.evaluations < mostEvaluations {
            let input = replay.input(at: now, size: size)
            let decision = Autoscaling.decide(spec, input, state, zones: zones)
            state = decision.state
            if decision.isChange {
                state.record(from: size, to: decision.desired, behavior: spec.behavior, at: now)
                if decision.desired > size { outcome.scaleUps += 1 } else { outcome.scaleDowns += 1 }
            }
            size = decision.desired
            outcome.add(decision, for: min(interval, end.secondsSince1970 - now.secondsSince1970))
            let news = decision.conditions.map { "\($0.kind) \($0.status) \($0.reason)" }
            if decision.isChange || news != last { outcome.moments.append(Moment(at: now, decision: decision)) }
            last = news
            outcome.last = Moment(at: now, decision: decision)
            now = now.advanced(bySeconds: interval)
        }
        outcome.final = size
        outcome.seconds = end.secondsSince1970 - start.secondsSince1970
        return outcome
    }
}

extension ScalingSimulation.Outcome {
    fileprivate mutating func add(_ decision: ScalingDecision, for seconds: Int64) {
        evaluations += 1
        smallest = min(smallest, decision.desired)
        largest = max(largest, decision.desired)
        memberSeconds += Int64(decision.desired) * seconds
        if decision.condition(.scalingLimited)?.status == true { limitedSeconds += seconds }
        if decision.problem != nil { blindSeconds += seconds }
    }
}

/// A place in a recording.
private struct Replay {
    private let spec: Autoscaler
    private let recording: MetricRecording
    private let columns: [Int?]
    /// The newest value of each column, with the number of members at that time.
    private var newest: [(value: Double, at: Instant, members: Int?)?]
    private var next = 0

    init(_ spec: Autoscaler, _ recording: MetricRecording) {
        self.spec = spec
        self.recording = recording
        columns = spec.metricNames.map { recording.columns.firstIndex(of: $0) }
        newest = recording.columns.map { _ in nil }
    }

    mutating func input(at now: Instant, size: Int) -> ScalingInput {
        while next < recording.rows.count, recording.rows[next].at <= now {
            let row = recording.rows[next]
            for (index, value) in row.values.enumerated() {
                if let value { newest[index] = (value, row.at, row.members) }
            }
            next += 1
        }
        let ids = (0..<max(0, size)).map { "member-\($0)" }
        let members = ids.map { id in
            ScaledMember(
                id, started: now.advanced(bySeconds: -86_400), readyChanged: now.advanced(bySeconds: -86_400),
                limits: [.cpu: 1_000_000, .memory: 1_000_000])
        }
        let readings = zip(spec.metrics, columns).map { metric, column in
            column.flatMap { newest[$0] }.map { reading(metric, $0, ids) } ?? .failed("not recorded")
        }
        return ScalingInput(now: now, current: size, members: members, readings: readings)
    }

    private func reading(
        _ metric: Autoscaler.Metric, _ newest: (value: Double, at: Instant, members: Int?), _ ids: [String]
    ) -> MetricReading {
        guard metric.type == .resource else { return .whole(newest.value, at: newest.at) }
        guard newest.value.isFinite else { return .failed("the value is \(newest.value), which is no number") }
        // The same work on another number of members.
        let share = newest.members.map { Double($0) / Double(max(1, ids.count)) } ?? 1
        let isPercent =
            metric.strategy != .target || { if case .averageUtilization = metric.target { true } else { false } }()
        // Percent of a limit of a million thousandths, or the amount itself.
        let milli = ReplicaCalculator.saturated((newest.value * share * (isPercent ? 10_000 : 1_000)).rounded())
        let sample = MemberSample(milli: milli, at: newest.at)
        return .members(Dictionary(uniqueKeysWithValues: ids.map { ($0, sample) }))
    }
}
