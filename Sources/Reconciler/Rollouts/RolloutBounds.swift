package import Specs

/// How far a rollout may go at once: the arithmetic of Kubernetes' Deployment, for one generation of members that grows
/// and older ones that give way to it.
///
/// Source: kubernetes/pkg/controller/deployment/rolling.go and util/deployment_util.go; the cases of
/// `rolling_update.json` are run against it.
package struct RolloutBounds: Hashable, Sendable {
    /// How many members there should be.
    package let desired: Int
    /// How many containers there may be beyond that.
    package let surge: Int
    /// How many members may be missing.
    package let unavailable: Int

    /// Shares of the surge are rounded up, those of what may be missing down; where both come to nothing, one may be
    /// missing, or nothing could ever be replaced.
    package init(desired: Int, maxSurge: CountOrPercent, maxUnavailable: CountOrPercent) {
        self.desired = desired
        surge = maxSurge.roundedUp(of: desired)
        let missing = maxUnavailable.roundedDown(of: desired)
        unavailable = min(desired, surge == 0 && missing == 0 ? 1 : missing)
    }

    /// How many members must stay available.
    package var leastAvailable: Int { desired - unavailable }

    /// The size that the new generation may have now.
    ///
    /// - Parameters:
    ///   - size: what it has. More than is desired shrinks to that.
    ///   - all: the containers of all generations.
    package func newGeneration(from size: Int, all: Int) -> Int {
        if size >= desired { return desired }
        return size + max(0, min(desired + surge - all, desired - size))
    }

    /// How many members of old generations may go now, before anything has come in their place.
    ///
    /// Those that do no work go first: they cost no availability.
    /// - Parameters:
    ///   - all: the containers of all generations.
    ///   - newlyMissing: members of the new generation that are not available.
    ///   - unhealthy: members of old generations that are not available.
    ///   - available: those of all generations that are.
    package func leaving(
        all: Int, newlyMissing: Int, unhealthy: Int, available: Int
    ) -> (unhealthy: Int, healthy: Int) {
        let most = all - leastAvailable - newlyMissing
        if most <= 0 { return (0, 0) }
        return (Self.cleaned(unhealthy, atMost: most), healthyLeaving(available: available))
    }

    /// How many of those that do no work go, where so many may go in all.
    package static func cleaned(_ unhealthy: Int, atMost most: Int) -> Int { max(0, min(unhealthy, most)) }

    /// How many of those that do their work may go.
    package func healthyLeaving(available: Int) -> Int { max(0, available - leastAvailable) }
}

/// How far a rollout has come, in numbers of members.
package struct RolloutCounts: Hashable, Codable, Sendable {
    /// How many there should be.
    package var desired: Int
    /// Containers of all generations.
    package var total: Int
    /// Members of the new generation.
    package var updated: Int
    /// Members of the new generation that are available: ready for `minHealthyTime` without interruption.
    package var available: Int
    /// Members of any generation that are ready.
    package var ready: Int

    package init(desired: Int = 0, total: Int = 0, updated: Int = 0, available: Int = 0, ready: Int = 0) {
        self.desired = desired
        self.total = total
        self.updated = updated
        self.available = available
        self.ready = ready
    }

    private var old: Int { total - updated }

    /// Every member is of the new generation and available, and nothing else is left.
    package var isComplete: Bool { updated == desired && total == desired && available == desired }

    /// Whether it is further than it was: more new members, fewer old ones, more that are ready or available.
    package func hasProgressed(since before: RolloutCounts) -> Bool {
        updated > before.updated || old < before.old || ready > before.ready || available > before.available
    }

    /// Whether a rollout that has made no progress for so long has failed; one that was complete never does.
    ///
    /// - Parameter deadline: nil waits for ever.
    package static func isTimedOut(after pause: Duration, deadline: Duration?, wasComplete: Bool) -> Bool {
        guard let deadline, !wasComplete else { return false }
        return pause > deadline
    }
}
