import Specs

/// What one metric asks for.
package struct MetricRecommendation: Hashable, Codable, Sendable {
    /// `Resource/cpu`
    package var metric: String
    /// What was measured, in the metric's own unit, or percent; nil where nothing was.
    package var value: Double?
    /// `58% of 50%`, `12 above 10`
    package var reading: String
    /// nil where it has no opinion, or no value.
    package var replicas: Int?
    /// Why there is no value.
    package var problem: String?
    /// How many members were not measured, or not counted since they are not ready.
    package var missing: Int
    package var unready: Int
}

/// One metric, from what was measured to what it asks for.
struct MetricEvaluation {
    let spec: Autoscaler
    let metric: Autoscaler.Metric
    let input: ScalingInput
    private var missing = 0
    private var unready = 0

    private struct Answer {
        var replicas: Int?
        var value: Double
        var reading: String
    }

    init(_ metric: Autoscaler.Metric, of spec: Autoscaler, _ input: ScalingInput) {
        self.metric = metric
        self.spec = spec
        self.input = input
    }

    private var calculator: ReplicaCalculator {
        ReplicaCalculator(
            current: input.current,
            tolerance: Tolerance(down: spec.behavior.scaleDown.tolerance, up: spec.behavior.scaleUp.tolerance))
    }

    /// - Returns: what it asks for, and beside it the problem where there is one.
    mutating func run(
        _ name: String, _ reading: MetricReading?
    ) -> (recommendation: MetricRecommendation, problem: MetricProblem?) {
        do throws(MetricProblem) {
            let answer =
                switch reading {
                case .members(let samples)?: try members(samples)
                case .whole(let value, let at)?: try whole(value, at: at)
                case .failed(let message)?: throw MetricProblem(.failed, message)
                case .unsupported(let message)?: throw MetricProblem(.invalid, message)
                case nil: throw MetricProblem(.failed, "nothing was measured")
                }
            return (recommendation(name, answer, nil), nil)
        } catch {
            return (recommendation(name, nil, error), error)
        }
    }

    private func recommendation(_ name: String, _ answer: Answer?, _ problem: MetricProblem?) -> MetricRecommendation {
        MetricRecommendation(
            metric: name, value: answer?.value, reading: answer?.reading ?? "", replicas: answer?.replicas,
            problem: problem?.message, missing: missing, unready: unready)
    }

    // MARK: Of each member

    private mutating func members(_ all: [String: MemberSample]) throws(MetricProblem) -> Answer {
        let samples = all.filter { isFresh($0.value.at) }
        if samples.isEmpty {
            if all.isEmpty { throw MetricProblem(.failed, "no metrics returned from resource metrics API") }
            throw stale(all.values.map(\.at).max() ?? input.now)
        }
        if input.members.isEmpty {
            throw MetricProblem(.failed, "no pods returned by selector while calculating replica count")
        }
        let groups = MemberGroups(
            input.members, samples, isCPU: metric.type == .resource && metric.name == .cpu, at: input.now,
            input.patience)
        (missing, unready) = (groups.missing.count, groups.unready.count)
        if metric.strategy != .target { return try shareOfMembers(samples, groups) }
        switch metric.target {
        case .averageUtilization(let percent)?:
            let outcome = try calculator.utilization(
                samples, limits: try limits(), target: Int64(percent), groups: groups)
            let share = outcome.utilization ?? 0
            return Answer(replicas: outcome.replicas, value: Double(share), reading: "\(share)% of \(percent)%")
        case .averageValue(let target)?:
            let outcome = try calculator.memberAverage(samples, target: Self.milli(target), groups: groups)
            return answer(outcome, target)
        case .value(let target)?:
            let sum = samples.values.reduce(0) { ReplicaCalculator.saturatingSum($0, $1.milli) }
            return answer(
                calculator.value(sum, target: Self.milli(target), ready: try readyMembers()), target)
        case nil: throw MetricProblem(.invalid, "there is no target")
        }
    }

    /// The average share of all members for a strategy that needs no target. With members missing it asks for no fewer.
    private func shareOfMembers(
        _ samples: [String: MemberSample], _ groups: MemberGroups
    ) throws(MetricProblem) -> Answer {
        let outcome = try calculator.utilization(samples, limits: try limits(), target: 100, groups: groups)
        var answer = try byStrategy(Double(outcome.utilization ?? 0))
        if !groups.missing.isEmpty, let replicas = answer.replicas { answer.replicas = max(replicas, input.current) }
        return answer
    }

    private func limits() throws(MetricProblem) -> [String: Int64] {
        guard let name = metric.name else { throw MetricProblem(.invalid, "a share needs the name of a resource") }
        var limits: [String: Int64] = [:]
        for member in input.members {
            guard let limit = member.limits[name], limit > 0 else {
                throw MetricProblem(.failed, "missing request for \(name.rawValue) in \(member.id)")
            }
            limits[member.id] = limit
        }
        return limits
    }

    // MARK: As a whole

    private func whole(_ value: Double, at: Instant) throws(MetricProblem) -> Answer {
        guard value.isFinite else { throw MetricProblem(.failed, "the value is \(value), which is no number") }
        if !isFresh(at) { throw stale(at) }
        if metric.type == .poolExhausted || metric.strategy != .target { return try byStrategy(value) }
        switch metric.target {
        case .averageUtilization(let percent)?:
            let ready = try readyMembers()
            let outcome = calculator.value(Self.milli(value), target: Int64(percent) * 1_000, ready: ready)
            return Answer(replicas: outcome.replicas, value: value, reading: "\(Self.text(value))% of \(percent)%")
        case .value(let target)?:
            return answer(
                calculator.value(Self.milli(value), target: Self.milli(target), ready: try readyMembers()), target)
        case .averageValue(let target)?:
            let present = input.members.count { !$0.isLeaving && $0.phase != .failed }
            // Kubernetes divides by the number that its target says it has.
            let members = present == 0 ? input.current : present
            return answer(calculator.average(Self.milli(value), target: Self.milli(target), members: members), target)
        case nil: throw MetricProblem(.invalid, "there is no target")
        }
    }

    /// Members that do the work; without any there is nothing to compare with, unless there should be none.
    private func readyMembers() throws(MetricProblem) -> Int {
        if input.current == 0 { return 0 }
        if input.members.isEmpty {
            throw MetricProblem(.failed, "no pods returned by selector while calculating replica count")
        }
        return input.members.count { $0.phase == .running && $0.isReady == true }
    }

    private func answer(_ outcome: ReplicaCalculator.Outcome, _ target: Double) -> Answer {
        let value = Double(outcome.milli) / 1_000
        return Answer(
            replicas: outcome.replicas, value: value, reading: "\(Self.text(value)) of \(Self.text(target))")
    }

    // MARK: Other strategies

    private func byStrategy(_ value: Double) throws(MetricProblem) -> Answer {
        let current = input.current
        if metric.type == .poolExhausted {
            let times = "\(Self.text(value)) misses in a row, of \(metric.times)"
            let isExhausted = value >= Double(metric.times)
            return Answer(replicas: isExhausted ? current + metric.step : nil, value: value, reading: times)
        }
        if metric.strategy == .passThrough {
            let number = value < 0 ? 0 : value >= Double(Int32.max) ? Int(Int32.max) : Int(value)
            return Answer(replicas: number, value: value, reading: Self.text(value))
        }
        if let above = metric.above?.amount, value > above {
            let rule = ThresholdRule(from: above.nextUp, change: .delta(metric.step))
            let replicas = rule.count(from: current, samples: [value]) ?? current
            return Answer(replicas: replicas, value: value, reading: "\(Self.text(value)) above \(Self.text(above))")
        }
        if let below = metric.below?.amount, value < below {
            let rule = ThresholdRule(upTo: below, change: .delta(-metric.step))
            let replicas = rule.count(from: current, samples: [value]) ?? current
            return Answer(replicas: replicas, value: value, reading: "\(Self.text(value)) below \(Self.text(below))")
        }
        // Without a lower bound nobody could ever ask for fewer beside it.
        let opinion = metric.below == nil ? nil : current
        return Answer(replicas: opinion, value: value, reading: "\(Self.text(value)) within bounds")
    }

    // MARK: Words and units

    private func isFresh(_ at: Instant) -> Bool {
        at.advanced(bySeconds: metric.maxAge.roundedUpSeconds) >= input.now
    }

    private func stale(_ at: Instant) -> MetricProblem {
        let age = WindowText.span(seconds: input.now.secondsSince1970 - at.secondsSince1970)
        return MetricProblem(
            .stale, "the newest value is \(age) old, and the most is \(metric.maxAge.goText)")
    }

    private static func milli(_ value: Double) -> Int64 { ReplicaCalculator.saturated((value * 1_000).rounded()) }

    /// Up to three decimals.
    static func text(_ value: Double) -> String {
        let milli = ReplicaCalculator.saturated((value * 1_000).rounded())
        guard abs(value) < 1e15 else { return "\(value)" }
        var text = "\(milli / 1_000)"
        let rest = abs(milli % 1_000)
        if milli < 0, milli > -1_000 { text = "-0" }
        if rest > 0 {
            var digits = String(1_000 + rest).dropFirst()
            while digits.last == "0" { digits = digits.dropLast() }
            text += ".\(digits)"
        }
        return text
    }
}

extension Autoscaler.Bound {
    /// In percent, or in the unit of the metric.
    fileprivate var amount: Double {
        switch self {
        case .percent(let share): Double(share.hundredths) / 100
        case .number(let number): number
        }
    }
}
