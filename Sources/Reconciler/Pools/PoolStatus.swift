package import Specs

/// How a WarmPool stands on this host: its members by what they are good for. Each member counts once, but for
/// `updatedReady`, which is a part of `ready`.
package struct PoolStatus: Codable, Hashable, Sendable {
    package var pool: ResourceID
    /// How many unclaimed members should be kept ready now.
    package var size: Int
    /// Unclaimed, and can be claimed now.
    package var ready: Int
    /// Of those, made from the template that is in force.
    package var updatedReady: Int
    /// Unclaimed, and on its way to be ready.
    package var warming: Int
    /// Somebody has it.
    package var claimed: Int
    /// Made from a template that is no longer in force, claimed or not.
    package var stale: Int
    /// Claims whose container was lost, and that wait for another.
    package var lost: Int
    /// On its way out.
    package var retiring: Int
    /// Requests that wait for a member.
    package var waiting: Int
    /// How often in a row a request found no ready member; 0 as soon as one did.
    package var consecutiveMisses: Int

    package init(pool: ResourceID) {
        self.pool = pool
        size = 0
        ready = 0
        updatedReady = 0
        warming = 0
        claimed = 0
        stale = 0
        lost = 0
        retiring = 0
        waiting = 0
        consecutiveMisses = 0
    }
}

/// What a pool counts since the program started, for metrics.
package struct PoolMeter: Hashable, Sendable {
    /// From the request to the answer, of those that got a member.
    package var warmClaims = DurationHistogram()
    package var coldClaims = DurationHistogram()
    /// Requests that found a ready member at once.
    package var hits = 0
    /// Requests that did not, whatever became of them.
    package var misses = 0
    /// Requests that got none in time.
    package var refused = 0
    /// Claims that were over by their time: not renewed, or at the maximum age.
    package var expired = 0
    /// Claims whose container was lost, and how many of them got another.
    package var lost = 0
    package var recovered = 0
    /// Members that ended before anybody had claimed them.
    package var crashed = 0
    /// Members beyond size and surge that were seen: must stay 0.
    package var overCreated = 0
    /// From a member's creation to its being ready.
    package var startToReady = DurationHistogram()

    package init() {}
}
