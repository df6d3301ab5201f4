package import Specs

/// What is remembered of the rollouts of one object, across restarts.
package struct RolloutState: Hashable, Codable, Sendable {
    package enum Phase: String, Hashable, Codable, Sendable, CaseIterable {
        /// Members are being replaced, or it is not known yet whether they do their work.
        case progressing = "Progressing"
        /// Every member was of this template and available at once. It stays so until something else is rolled out.
        case complete = "Complete"
        /// It made no progress for `progressDeadline`: nothing more is replaced.
        case failed = "Failed"
    }

    /// Why this template is rolled out.
    package enum Cause: String, Hashable, Codable, Sendable, CaseIterable {
        /// Git says so.
        case commit = "Commit"
        /// A person asked for new members of the same template.
        case restart = "Restart"
        /// A person went back to an earlier revision.
        case undo = "Undo"
        /// A newer template failed, and the last good one is brought back.
        case rollback = "Rollback"
    }

    /// A rollout that is over.
    package struct Entry: Hashable, Codable, Sendable {
        package enum Outcome: String, Hashable, Codable, Sendable, CaseIterable {
            case complete = "Complete"
            case failed = "Failed"
            /// It failed, and the last good template was brought back.
            case rolledBack = "RolledBack"
            /// A person went back before it was complete.
            case undone = "Undone"
            /// Something else was to be rolled out before it was complete.
            case superseded = "Superseded"
        }

        package var revision: Revision
        package var cause: Cause
        package var outcome: Outcome
        package var started: Instant
        package var ended: Instant
        /// Why it failed; empty otherwise.
        package var message: String
    }

    /// How many rollouts that are over are remembered; Kubernetes' revisionHistoryLimit.
    package static let mostEntries = 10

    /// A digest of what only a replacement can change: members with another one are replaced.
    package var generation: String
    /// The revision whose word it is.
    package var revision: Revision
    package var cause: Cause
    package var phase = Phase.progressing
    package var started: Instant
    package var lastProgress: Instant
    /// The furthest that it came; nil before the host was seen.
    package var reached: RolloutCounts?
    /// Why it failed; empty otherwise.
    package var message = ""
    /// All members were of this template and available at once, before whatever was asked for since: it does its work, and is
    /// never rolled back. A rollout of no members proves nothing.
    package private(set) var isProven = false
    /// The last revision with another template under which the object was complete: what a rollback goes back to.
    package var lastGood: Revision?
    /// Members of before are replaced; nil when all of them are.
    package var restart: RestartMark?
    /// How far the switch is, where the strategy is blue-green and the rollout is open.
    package var blueGreen: BlueGreenState?
    /// How far the steps are, where the rollout is open and its strategy, or that of what is given up, is a canary.
    package var canary: CanaryState?
    /// Oldest first.
    package private(set) var history: [Entry] = []

    package init(generation: String, revision: Revision, cause: Cause = .commit, at now: Instant) {
        self.generation = generation
        self.revision = revision
        self.cause = cause
        started = now
        lastProgress = now
    }

    /// Without its history and its generation, which is a digest of values.
    var bare: RolloutState {
        var bare = self
        (bare.history, bare.generation) = ([], "")
        return bare
    }

    /// Whether it may still come to something else by itself.
    package var isOpen: Bool { phase != .complete }

    /// Something else is rolled out from now on.
    ///
    /// - Parameter lastGood: where a rollback of that goes back to.
    package mutating func begin(
        generation: String, revision: Revision, cause: Cause, lastGood: Revision?, at now: Instant
    ) {
        end(cause, at: now)
        var next = RolloutState(generation: generation, revision: revision, cause: cause, at: now)
        next.lastGood = lastGood
        next.restart = restart
        next.history = history
        self = next
    }

    private mutating func end(_ next: Cause, at now: Instant) {
        switch (phase, next) {
        case (.complete, _): break
        case (.failed, .rollback): if !history.isEmpty { history[history.count - 1].outcome = .rolledBack }
        case (.failed, _): break
        case (.progressing, .undo): remember(.undone, at: now)
        case (.progressing, _): remember(.superseded, at: now)
        }
    }

    private mutating func remember(_ outcome: Entry.Outcome, at now: Instant) {
        // One that had failed and went on is one rollout.
        if let last = history.last, (last.revision, last.cause, last.started) == (revision, cause, started) {
            history.removeLast()
        }
        history.append(
            Entry(revision: revision, cause: cause, outcome: outcome, started: started, ended: now, message: message))
        if history.count > Self.mostEntries { history.removeFirst(history.count - Self.mostEntries) }
    }

    /// New members of the same template from now on.
    package mutating func restart(_ mark: RestartMark) {
        let wasProven = isProven
        begin(generation: generation, revision: revision, cause: .restart, lastGood: lastGood, at: mark.at)
        (restart, isProven) = (mark, wasProven)
    }

    /// What is left of before a restart stays.
    package mutating func endRestart(at now: Instant) {
        let (wasProven, before) = (isProven, lastGood)
        begin(generation: generation, revision: revision, cause: .undo, lastGood: before, at: now)
        (restart, isProven) = (nil, wasProven)
    }

    /// Git has come to say by itself what had been brought back.
    package mutating func adopt(_ revision: Revision, at now: Instant) {
        if phase == .failed {
            begin(generation: generation, revision: revision, cause: .commit, lastGood: lastGood, at: now)
        } else {
            (cause, self.revision) = (.commit, revision)
        }
    }

    /// Takes in how far it is.
    ///
    /// - Returns: whether it is further than it ever was.
    package mutating func advance(to counts: RolloutCounts, at now: Instant) -> Bool {
        guard let before = reached else {
            reached = counts
            return false
        }
        guard counts.hasProgressed(since: before) else { return false }
        reached = before.furthest(counts)
        lastProgress = now
        return true
    }

    /// - Parameter members: how many of them are available.
    package mutating func complete(with members: Int, at now: Instant) {
        (phase, message, restart, blueGreen, canary) = (.complete, "", nil, nil, nil)
        if members > 0 { isProven = true }
        lastProgress = now
        remember(.complete, at: now)
    }

    package mutating func fail(_ why: String, at now: Instant) {
        (phase, message) = (.failed, why)
        remember(.failed, at: now)
    }

    /// What the object is stalled by, where it has failed.
    var failureCode: Stall.Code { canary?.isRejected == true ? .analysisFailed : .progressDeadlineExceeded }

    /// It has become better after it had failed.
    package mutating func resume() { (phase, message) = (.progressing, "") }

    /// Nothing that could be counted stands against it, so its time begins anew, and from what is there now.
    package mutating func excuse(at now: Instant) { (lastProgress, reached) = (now, nil) }
}

extension RolloutCounts {
    /// The best of both in everything that counts as progress.
    func furthest(_ other: RolloutCounts) -> RolloutCounts {
        let most = max(updated, other.updated)
        return RolloutCounts(
            desired: other.desired, total: most + min(total - updated, other.total - other.updated), updated: most,
            available: max(available, other.available), ready: max(ready, other.ready))
    }
}
