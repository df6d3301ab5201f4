package import Specs

/// How one task stands.
package struct TaskReport: Codable, Hashable, Sendable {
    /// One run that is under way, or about to be.
    package struct Run: Codable, Hashable, Sendable {
        package var scheduled: Instant
        package var attempt: Int
        /// The name of its container.
        package var container: String
        /// When the first attempt began; nil before that.
        package var begun: Instant?
        /// When the attempt may be made, where that is still to come.
        package var retriesAt: Instant?

        package init(
            scheduled: Instant, attempt: Int, container: String, begun: Instant? = nil, retriesAt: Instant? = nil
        ) {
            self.scheduled = scheduled
            self.attempt = attempt
            self.container = container
            self.begun = begun
            self.retriesAt = retriesAt
        }
    }

    package var task: ResourceID
    /// With its time zone, in the words of `WindowSchedule`.
    package var schedule: String
    package var concurrencyPolicy: String
    package var isSuspended: Bool
    /// When it is due next; nil where it never is, or is suspended.
    package var next: Instant?
    /// What is due and waits, and for what.
    package var waiting: Instant?
    package var waitsFor: String?
    package var open: [Run]
    /// Those whose containers are kept, oldest first.
    package var history: [TaskResult]
    package var lastScheduled: Instant?
    package var last: TaskResult?
    package var figures: TaskFigures

    package init(
        task: ResourceID, schedule: String, concurrencyPolicy: String, isSuspended: Bool, next: Instant?,
        waiting: Instant? = nil, waitsFor: String? = nil, open: [Run], history: [TaskResult], lastScheduled: Instant?,
        last: TaskResult?, figures: TaskFigures
    ) {
        self.task = task
        self.schedule = schedule
        self.concurrencyPolicy = concurrencyPolicy
        self.isSuspended = isSuspended
        self.next = next
        self.waiting = waiting
        self.waitsFor = waitsFor
        self.open = open
        self.history = history
        self.lastScheduled = lastScheduled
        self.last = last
        self.figures = figures
    }
}

/// What was counted of one task since this run of the program began.
package struct TaskFigures: Codable, Hashable, Sendable {
    package var succeeded = 0
    package var failed = 0
    package var missed = 0
    package var retried = 0

    package init(succeeded: Int = 0, failed: Int = 0, missed: Int = 0, retried: Int = 0) {
        self.succeeded = succeeded
        self.failed = failed
        self.missed = missed
        self.retried = retried
    }
}

extension TaskResult {
    /// `the run of 2026-11-22T07:00:00Z failed with exit code 3 after 2 attempts`.
    package var message: String {
        let how =
            switch outcome {
            case .succeeded: "succeeded"
            case .failed(let failure): failure.words
            }
        return "the run of \(scheduled) \(how)" + (attempts > 1 ? " after \(attempts) attempts" : "")
    }
}

extension TaskResult.Failure {
    var words: String {
        switch self {
        case .exitCode(let code): "failed with exit code \(code)"
        case .deadlineExceeded: "took longer than its activeDeadline and was stopped"
        case .replaced: "was stopped, since the next one was due"
        case .lost: "lost its container, which somebody else removed"
        }
    }
}
