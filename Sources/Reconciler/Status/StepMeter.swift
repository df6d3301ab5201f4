import Synchronization

/// Counts the steps of this run by what became of them, from what the journal writes down.
///
/// Steps have a bounded number of names, outcomes have five; nothing is kept of the keys that they were about.
package final class StepMeter: Sendable {
    /// A step by its name, and how it ended.
    package struct Ending: Hashable, Comparable, Sendable {
        package var step: String
        package var outcome: String

        package static func < (a: Self, b: Self) -> Bool { (a.step, a.outcome) < (b.step, b.outcome) }
    }

    package struct Figures: Sendable {
        package internal(set) var endings: [Ending: Int] = [:]
        /// How long steps took that were done, by name.
        package internal(set) var durations: [String: DurationHistogram] = [:]
        package internal(set) var events: [EventRecord.Severity: Int] = [:]
    }

    private struct Contents {
        var figures = Figures()
        var begun: [Int64: (step: String, at: ContinuousClock.Instant)] = [:]

        mutating func end(_ intent: Int64, _ outcome: StepOutcome, at now: ContinuousClock.Instant) {
            // An earlier run began it, and nobody knows what it was any more.
            let begin = begun.removeValue(forKey: intent)
            let step = begin?.step ?? "of-earlier-run"
            figures.endings[Ending(step: step, outcome: outcome.name), default: 0] += 1
            guard let begin, outcome == .done else { return }
            figures.durations[step, default: DurationHistogram()].observe(begin.at.duration(to: now))
        }
    }

    private let contents = Mutex(Contents())

    package init() {}

    package var figures: Figures { contents.withLock { $0.figures } }

    /// Takes in what was written just now.
    package func take(_ changes: [StateChange], at now: ContinuousClock.Instant = .now) {
        contents.withLock { contents in
            for change in changes {
                switch change {
                case .begin(let intent): contents.begun[intent.id] = (intent.step, now)
                case .end(let intent, let outcome): contents.end(intent, outcome, at: now)
                case .event(let event): contents.figures.events[event.severity, default: 0] += 1
                default: continue
                }
            }
        }
    }
}
