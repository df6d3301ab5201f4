package import Specs

/// One container of a ScheduledTask: the attempt of this number, from 1, at what was due at this time.
///
/// Its slot is the time in seconds since 1970 and its incarnation the number, so that its name, such as
/// `report-1795222800-1`, says both: whoever asks for it again finds it, and nothing runs twice.
package struct TaskAttempt: Hashable, Comparable, Sendable {
    package var scheduled: Instant
    package var number: Int

    package init(_ scheduled: Instant, _ number: Int) {
        self.scheduled = scheduled
        self.number = number
    }

    package static func < (a: Self, b: Self) -> Bool { (a.scheduled, a.number) < (b.scheduled, b.number) }

    package enum State: Hashable, Sendable {
        /// Created, and nobody has tried to start it.
        case waiting
        case running(since: Instant)
        case ended(exitCode: Int, at: Instant)
    }
}

/// How one run, with all its attempts, came to its end.
package struct TaskResult: Hashable, Sendable {
    package enum Outcome: Hashable, Sendable {
        case succeeded
        case failed(Failure)
    }

    package enum Failure: Hashable, Sendable {
        case exitCode(Int)
        /// It had taken as long as `activeDeadline` lets it.
        case deadlineExceeded
        /// The next one was due, and `concurrencyPolicy` is `Replace`.
        case replaced
        /// Its container was taken away by somebody else.
        case lost
    }

    package var scheduled: Instant
    package var attempts: Int
    package var outcome: Outcome
    package var ended: Instant

    package init(scheduled: Instant, attempts: Int, outcome: Outcome, ended: Instant) {
        self.scheduled = scheduled
        self.attempts = attempts
        self.outcome = outcome
        self.ended = ended
    }

    package var succeeded: Bool { outcome == .succeeded }
}

extension TaskResult.Failure: Codable {
    /// One word in CamelCase, and of a failure by itself the exit code behind it: `Failed 3`.
    var text: String {
        switch self {
        case .exitCode(let code): "Failed \(code)"
        case .deadlineExceeded: "DeadlineExceeded"
        case .replaced: "Replaced"
        case .lost: "Lost"
        }
    }

    init?(_ text: String) {
        switch text {
        case "DeadlineExceeded": self = .deadlineExceeded
        case "Replaced": self = .replaced
        case "Lost": self = .lost
        default:
            guard text.hasPrefix("Failed "), let code = Int(text.dropFirst("Failed ".count)) else { return nil }
            self = .exitCode(code)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        try value.encode(text)
    }

    package init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        let text = try value.decode(String.self)
        guard let failure = Self(text) else {
            throw DecodingError.dataCorruptedError(in: value, debugDescription: "no run ends as '\(text)'")
        }
        self = failure
    }
}

extension TaskResult: Codable {
    private enum CodingKeys: String, CodingKey { case scheduled, attempts, outcome, exitCode, ended }

    /// One word in CamelCase: `Succeeded`, `Failed`, `DeadlineExceeded`, `Replaced` or `Lost`.
    package var reason: String {
        guard case .failed(let failure) = outcome else { return "Succeeded" }
        return String(failure.text.prefix { $0 != " " })
    }

    private var exitCode: Int? {
        if case .failed(.exitCode(let code)) = outcome { code } else { nil }
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(scheduled, forKey: .scheduled)
        try fields.encode(attempts, forKey: .attempts)
        try fields.encode(reason, forKey: .outcome)
        try fields.encodeIfPresent(exitCode, forKey: .exitCode)
        try fields.encode(ended, forKey: .ended)
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let word = try fields.decode(String.self, forKey: .outcome)
        let code = try fields.decodeIfPresent(Int.self, forKey: .exitCode)
        let failure = Failure(code.map { "\(word) \($0)" } ?? word)
        guard failure != nil || word == "Succeeded" else {
            throw DecodingError.dataCorruptedError(
                forKey: .outcome, in: fields, debugDescription: "no run ends as '\(word)'")
        }
        self.init(
            scheduled: try fields.decode(Instant.self, forKey: .scheduled),
            attempts: try fields.decode(Int.self, forKey: .attempts),
            outcome: failure.map { .failed($0) } ?? .succeeded,
            ended: try fields.decode(Instant.self, forKey: .ended))
    }
}

/// What a task remembers, written down before anything that follows from it is done.
package struct TaskMemory: Hashable, Codable, Sendable {
    /// A run that is to be, or is under way.
    package struct OpenRun: Hashable, Codable, Sendable {
        package var scheduled: Instant
        /// Which attempt is to be made, or is under way.
        package var attempt = 1
        /// Its container was there.
        package var isSeen = false
        /// When the attempt may be made.
        package var notBefore: Instant
        /// When the first attempt began.
        package var begun: Instant?
        /// Why it is being stopped.
        package var ending: TaskResult.Failure?

        package init(_ scheduled: Instant) {
            self.scheduled = scheduled
            notBefore = scheduled
        }

        var current: TaskAttempt { TaskAttempt(scheduled, attempt) }
    }

    /// Of the schedule that `decided` is about: times that another one names were never due.
    package var schedule: String
    /// Everything that was due up to here was begun or missed.
    package var decided: Instant
    /// In the order of their times.
    package var open: [OpenRun] = []
    /// Those whose containers are kept, in the order of their times.
    package var ended: [TaskResult] = []
    /// What was due last and begun.
    package var lastScheduled: Instant?
    /// How the last one ended, whether its container is kept or not.
    package var lastResult: TaskResult?
    /// When a person asked for a run that has not begun yet.
    package var requested: Instant?

    package init(schedule: String, decided: Instant) {
        self.schedule = schedule
        self.decided = decided
    }

    /// A task of which nothing is remembered, since it is new or since the state was lost.
    ///
    /// What was due before is none of its business. Containers say which runs there were: what runs, or waits to be started,
    /// goes on; what has ended is history, and is not tried again, since nobody knows why it ended.
    package init(_ schedule: TaskSchedule, now: Instant, found attempts: [TaskAttempt: TaskAttempt.State] = [:]) {
        self.schedule = "\(schedule)"
        decided = now
        for (scheduled, numbers) in Dictionary(grouping: attempts.keys, by: \.scheduled).sorted(by: { $0.key < $1.key })
        {
            guard let last = numbers.max(), let state = attempts[last] else { continue }
            lastScheduled = scheduled
            decided = max(decided, scheduled)
            switch state {
            case .waiting, .running:
                var run = OpenRun(scheduled)
                (run.attempt, run.isSeen) = (last.number, true)
                open.append(run)
            case .ended(let code, let time):
                let outcome: TaskResult.Outcome = code == 0 ? .succeeded : .failed(.exitCode(code))
                let result = TaskResult(scheduled: scheduled, attempts: last.number, outcome: outcome, ended: time)
                ended.append(result)
                lastResult = result
            }
        }
    }
}

extension TaskAttempt {
    package init(_ instance: MemberInstance) {
        self.init(Instant(secondsSince1970: Int64(instance.member.slot)), instance.incarnation)
    }

    /// The slot of its container.
    package var slot: Int { Int(scheduled.secondsSince1970) }
}

extension TaskAttempt.State {
    /// What a container shows of its attempt.
    ///
    /// No run begins before it is due, nor ends after now, whatever the engine's clock says.
    package init(_ container: ObservedContainer, now: Instant) {
        let scheduled = TaskAttempt(container.instance).scheduled
        func bounded(_ text: String) -> Instant {
            // What never happened, or cannot be read, is as late as can be.
            guard let time = try? Instant.parse(text) else { return now }
            return min(max(time, scheduled), max(now, scheduled))
        }
        self =
            switch container.status {
            // One that was started and could not be has the exit code of the attempt, and stays created.
            case .created: container.exitCode == 0 ? .waiting : .ended(exitCode: container.exitCode, at: now)
            case .running, .paused, .restarting, .removing: .running(since: bounded(container.startedAt))
            case .exited, .dead: .ended(exitCode: container.exitCode, at: bounded(container.endedAt))
            }
    }
}

extension ObservedContainer {
    /// It uses what it was given: nothing that has ended, and nothing that was never started, does.
    package var isUnderWay: Bool {
        switch self.status {
        case .running, .paused, .restarting: true
        case .created, .exited, .dead, .removing: false
        }
    }
}
