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
        /// Created, and never started.
        case waiting
        case running(since: Instant)
        case ended(exitCode: Int, at: Instant)
    }
}

/// How one run, with all its attempts, came to its end.
package struct TaskResult: Hashable, Codable, Sendable {
    package enum Outcome: Hashable, Codable, Sendable {
        case succeeded
        case failed(Failure)
    }

    package enum Failure: Hashable, Codable, Sendable {
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

    package var succeeded: Bool { outcome == .succeeded }
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

    /// A task that is seen for the first time: what was due before is none of its business.
    package init(_ schedule: TaskSchedule, now: Instant) {
        self.schedule = "\(schedule)"
        decided = now
    }
}
