import Specs

/// One judgement of the new members of a canary.
struct CanaryJudgement: Hashable, Sendable {
    enum Outcome: String, Hashable, Sendable {
        case passed
        case failed
        /// Something was not measured: nothing goes on by it, and nothing fails.
        case inconclusive
    }

    var outcome: Outcome
    /// What speaks against it, or what was measured where nothing does.
    var message: String
    var at: Instant

    /// - Parameters:
    ///   - health: how the members themselves are.
    ///   - readings: the answers to `questions`, in their order.
    init(
        by analysis: RolloutStrategy.Analysis, _ health: (Outcome, String), _ readings: [MetricReading],
        at now: Instant
    ) {
        let judges = analysis.judges
        var findings = judges.enumerated().map { index, judge in
            judge.finding(index < readings.count ? readings[index] : nil, maxAge: analysis.maxAge, at: now)
        }
        findings.insert(health, at: 0)
        at = now
        outcome = [.failed, .inconclusive].first { outcome in findings.contains { $0.0 == outcome } } ?? .passed
        let decisive = findings.filter { [outcome] in $0.0 == outcome }
        message = decisive.map(\.1).joined(separator: "; ")
    }

    /// `passed at 2026-11-22T07:00:04Z: errors is 0.1, at most 1`
    var sentence: String { "\(outcome.rawValue) at \(at): \(message)" }
}

/// What one query is judged by.
private struct CanaryJudge {
    var name: String
    var min: Double?
    var max: Double?
    /// What a share of failures is divided by, for a rate at which a budget is used up; nil for what is no share.
    var budget: Double?

    func finding(
        _ reading: MetricReading?, maxAge: Duration, at now: Instant
    ) -> (CanaryJudgement.Outcome, String) {
        switch reading {
        case .whole(let value, let at)?:
            if at.advanced(bySeconds: maxAge.roundedUpSeconds) < now {
                return (.inconclusive, "\(name) is from \(at), which is too long ago")
            }
            guard value.isFinite else { return (.inconclusive, "\(name) is \(value), which is no number") }
            return judged(value)
        case .failed(let why)?, .unsupported(let why)?: return (.inconclusive, "\(name): \(why)")
        case .members?, nil: return (.inconclusive, "\(name) was not measured")
        }
    }

    private func judged(_ measured: Double) -> (CanaryJudgement.Outcome, String) {
        var value = measured
        if let budget {
            guard (0...1).contains(measured) else {
                return (.inconclusive, "\(name): \(MetricEvaluation.text(measured)) is no share of requests")
            }
            value = measured / budget
        }
        let text = "\(name) is \(MetricEvaluation.text(value))"
        if let max, value > max { return (.failed, "\(text), more than \(MetricEvaluation.text(max))") }
        if let min, value < min { return (.failed, "\(text), less than \(MetricEvaluation.text(min))") }
        return (.passed, text)
    }
}

extension RolloutStrategy.Analysis {
    /// Samples that are older say nothing; as for autoscalers, and no less than the time between two judgements.
    var maxAge: Duration { max(.seconds(60), interval) }

    /// What only the world can say.
    ///
    /// - Parameter members: the names of the containers that are judged.
    func questions(about members: [String]) -> [MetricQuestion] {
        let queries =
            metrics.map { $0.query.filled(members: members) }
            + (errorBudget.map { [$0.query.filled(members: members, window: $0.window)] } ?? [])
        return queries.map { .prometheus($0, maxAge: maxAge) }
    }

    /// In the order of the questions. The rate at which a budget is used up is the share of failures by what the objective
    /// leaves (SRE workbook, "Alerting on SLOs").
    fileprivate var judges: [CanaryJudge] {
        metrics.map { CanaryJudge(name: $0.name, min: $0.min, max: $0.max) }
            + (errorBudget.map { budget in
                let left = Double(10_000 - budget.objective.hundredths) / 10_000
                return [CanaryJudge(name: "the burn rate of the error budget", max: budget.burnRate, budget: left)]
            } ?? [])
    }
}
