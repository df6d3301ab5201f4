/// How urgent a turn of a key is: the raw value is the order, 0 first.
package enum Lane: Int, CaseIterable, Hashable, Comparable, Codable, Sendable {
    /// A policy that should be in force is not.
    case policyRepair
    /// Somebody waits for a member.
    case claim
    /// What ran does not run any more.
    case heal
    /// A pool has fewer members in store than it should.
    case refill
    /// A commit asks for something else.
    case rollOut
    /// What is no longer declared is taken away.
    case prune
    /// A look without a known reason.
    case resync

    /// The more urgent lane is the smaller one.
    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension Lane {
    /// The lane of what a plan found.
    ///
    /// - Parameter wasMade: whether the key had a container before; then a missing one was lost and is healed.
    package init(_ action: Action, wasMade: Bool) {
        self =
            switch action.reason {
            case .missing: wasMade ? .heal : .rollOut
            case .stopped, .paused, .unhealthy, .renamed: .heal
            case .released, .idle: .refill
            case .runEnds: .heal
            case .outOfHistory: .prune
            case .changed, .tooOld, .noClaimFolder, .notStarted, .notReadyYet, .surplus, .retiring, .tainted, .draining,
                .scaledDown:
                .rollOut
            case .undeclared, .notSelected, .unused: .prune
            case .policyNotInForce, .portsLeadElsewhere: .policyRepair
            case .tagMayHaveMoved, .notCarriedOut, .notEnforced: .resync
            }
    }
}
