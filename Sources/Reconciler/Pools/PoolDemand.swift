package import Specs

/// What is asked of a pool now, beyond its spec.
package struct PoolDemand: Hashable, Sendable {
    /// How many unclaimed members are kept ready.
    package var size: Int
    /// Requests that wait for a member and may have one started: each is one more, until it has got one.
    package var waiting = 0
    /// How many members may be begun now; nil for no bound on the rate.
    package var startsLeft: Int?
    /// When the next may be begun, in time since the start; nil where there is no bound.
    package var nextStart: Duration?
    /// Members whose claim is over: they are on their way out, and not because the pool had too many.
    package var released: Set<MemberInstance> = []
    /// Containers, by id, that were lost, stopped or unhealthy, and are kept only until another has taken over what came with
    /// their claim: they take no room, or a full pool could replace none.
    package var lost: Set<String> = []
    /// What claimed members are limited to, below their template.
    package var limits: [MemberInstance: ClaimLimits] = [:]

    package init(size: Int) { self.size = size }

    /// Where nobody counts claims: as many as the spec or its Autoscaler says, or as there are, within its bounds.
    init(_ pool: WarmPool, _ live: LiveSize?, claimed: Int, unclaimed: Int) {
        size =
            live.map { pool.unclaimedSize(claimed: claimed, of: $0) }
            ?? pool.unclaimedSize(claimed: claimed, forecast: unclaimed)
    }

    /// How many unclaimed members there should be for everybody.
    var needed: Int { size + waiting }
}

extension WarmPool {
    /// How many unclaimed members are kept ready.
    ///
    /// - Parameters:
    ///   - claimed: members that somebody has.
    ///   - forecast: what the observed claims ask for, for `size: auto`.
    package func unclaimedSize(claimed: Int, forecast: Int) -> Int {
        let wanted =
            switch size {
            case .count(let count): count
            case .percentOfClaimed(let share): share.roundedUp(of: claimed)
            case .auto: forecast
            case nil: 0
            }
        if size?.fixed != nil { return wanted }
        // Where no claim has a member started, one has to be there for the first of them.
        let least = Swift.max(min ?? 0, claim.coldStart || size == nil ? 0 : 1)
        return Swift.min(Swift.max(wanted, least), max ?? 1_000)
    }
}
