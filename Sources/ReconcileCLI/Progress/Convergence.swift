import Reconciler

/// How far the way to a revision is, and how long the rest may take.
struct Convergence {
    /// What is seen at one moment.
    struct Sight: Hashable {
        /// Members that are as they should be.
        var settled: Int
        /// Members and networks that something is left to do about, by itself.
        var left: Int

        init(settled: Int, left: Int) {
            self.settled = settled
            self.left = left
        }

        init(_ plan: Plan) {
            settled = plan.settled
            left = Set(plan.actions.lazy.filter { !$0.isHeld && $0.verb != .pull }.map(\.key)).count + plan.outdated
        }

        /// As a daemon tells it.
        init(_ plan: PlanDocument) {
            let pull = Action.Verb.pull.rawValue
            settled = plan.summary.settled
            left =
                Set(plan.actions.lazy.filter { $0.held == nil && $0.verb != pull }.map(\.key)).count
                + plan.summary.outdated
        }
    }

    /// No estimate before so much has happened: a first member says little of the others.
    private static let leastDone = 3
    private static let leastTime = Duration.seconds(2)

    private(set) var newest: Sight?
    /// Since when something gets done, and how much was left then: the most that ever was.
    private var start: (time: Duration, left: Int)?
    private var now = Duration.zero

    /// - Parameter time: since any moment, always the same.
    mutating func note(_ sight: Sight, at time: Duration) {
        now = time
        newest = sight
        guard let start, sight.left <= start.left else {
            // More came to light: what was estimated does not hold for it.
            start = (time, sight.left)
            return
        }
    }

    /// 0 to 100, rounded down: 100 is only what is done. nil before anything was seen.
    var percent: Int? {
        guard let newest else { return nil }
        let all = newest.settled + newest.left
        return all == 0 ? 100 : newest.settled * 100 / all
    }

    /// As long as it took so far for each, for all that are left; nil where too little has been done to say.
    var timeLeft: Duration? {
        guard let start, let newest, newest.left > 0 else { return nil }
        let (done, elapsed) = (start.left - newest.left, now - start.time)
        guard done >= Self.leastDone, elapsed >= Self.leastTime else { return nil }
        return elapsed * Double(newest.left) / Double(done)
    }
}
