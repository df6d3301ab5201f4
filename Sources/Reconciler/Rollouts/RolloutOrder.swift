package import Specs

/// What planning must know of the rollout of one object besides its spec.
package struct RolloutOrder: Hashable, Sendable {
    /// The field that plans name where a restart replaces a member.
    static let restartField = "restart"

    /// Why nothing more is replaced; nil while the rollout goes on.
    package var failure: String?
    /// Which members a person asked to have replaced without a change in git.
    package var restart: RestartMark?
    /// How far the switch of a blue-green rollout is; nil where the strategy is another one.
    package var blueGreen: BlueGreenOrder?
    /// How far the steps of a canary rollout are; nil where there are none, and none were given up.
    package var canary: CanaryOrder?

    package init(
        failure: String? = nil, restart: RestartMark? = nil, blueGreen: BlueGreenOrder? = nil,
        canary: CanaryOrder? = nil
    ) {
        self.failure = failure
        self.restart = restart
        self.blueGreen = blueGreen
        self.canary = canary
    }

    /// nil where planning need not know anything.
    ///
    /// - Parameter isHoldOver: old members need not be kept behind a switch any more.
    init?(_ state: RolloutState, of object: DesiredObject, isHoldOver: Bool) {
        // What is brought back goes on being brought back.
        if state.phase == .failed, !state.isWayBack { failure = state.message }
        restart = state.restart
        blueGreen = BlueGreenOrder(state, of: object, isHoldOver: isHoldOver)
        canary = CanaryOrder(state, of: object)
        if self == RolloutOrder() { return nil }
    }
}

/// The members that there were when a person asked for a restart.
///
/// By incarnation and not by time: what comes later has a higher number, whatever the clocks say.
package struct RestartMark: Hashable, Codable, Sendable {
    /// The highest incarnation that was ever seen of each slot, by slot; 0 where there was none.
    package var incarnations: [Int]
    package var by: String
    package var at: Instant

    package init(incarnations: [Int], by: String, at: Instant) {
        self.incarnations = incarnations
        self.by = by
        self.at = at
    }

    /// Whether the container was there already.
    package func covers(_ instance: MemberInstance) -> Bool {
        let slot = instance.member.slot
        return slot < incarnations.count && instance.incarnation <= incarnations[slot]
    }
}
