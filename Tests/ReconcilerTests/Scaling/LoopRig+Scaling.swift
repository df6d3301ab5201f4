import Reconciler
import Specs

/// What autoscalers ask of a test's world, and its answers.
extension LoopRig {
    /// The questions of measurements without an answer.
    var measures: [[MetricQuestion]] {
        pending.compactMap { if case .measure(_, let questions) = $0 { questions } else { nil } }
    }

    var orders: [HostPoolOrder] {
        pending.compactMap { if case .order(_, let order, _) = $0 { order } else { nil } }
    }

    /// Answers the measurement that was asked for first, and lets the turn come that follows from it.
    mutating func measured(_ readings: MetricReading...) {
        guard let ticket = take(where: \.isMeasurement) else { return }
        tell(.measured(ticket, readings))
        tell(.time)
    }

    mutating func ordered(_ problem: String?) {
        guard let ticket = take(where: { if case .order = $0 { true } else { false } }) else { return }
        tell(.ordered(ticket, problem))
        tell(.time)
    }

    /// Whether nothing is to be done before time passes or somebody says something.
    var isAtRest: Bool { loop.nextDeadline.map { $0 > uptime } ?? true }
}

extension Effect {
    var isMeasurement: Bool { if case .measure = self { true } else { false } }
}

extension RecordingJournal {
    /// What autoscalers were last remembered as.
    var scaled: [ResourceID: ScalingState] {
        let pairs = commits.joined().compactMap { change in
            if case .scaled(let object, let state) = change { (object, state) } else { nil }
        }
        return Dictionary(pairs) { _, last in last }
    }

    /// `SuccessfulRescale: from 2 to 4: External is at 4`
    var eventTexts: [String] {
        commits.joined().compactMap { change in
            if case .event(let event) = change { "\(event.reason): \(event.message)" } else { nil }
        }
    }
}
