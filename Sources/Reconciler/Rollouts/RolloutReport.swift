package import Specs

/// How the rollout of one object stands, and those before it.
package struct RolloutReport: Codable, Hashable, Sendable {
    package var object: ResourceID
    package var phase: RolloutState.Phase
    package var cause: RolloutState.Cause
    package var revision: Revision
    /// How far it is now; nil before the host was seen.
    package var counts: RolloutCounts?
    /// How far the switch of a blue-green rollout or the steps of a canary are, as a sentence; nil where there are none.
    package var stage: String?
    /// What the last judgement of a canary by this run of the program said; nil before it, and for other rollouts.
    package var analysis: String?
    /// Why it failed; empty otherwise.
    package var message: String
    package var started: Instant
    package var lastProgress: Instant
    /// When it has failed if nothing more happens, in seconds from now; nil where nobody waits for it.
    package var secondsLeft: Int?
    /// What an undo goes back to; nil where nothing is known that is good.
    package var lastGood: Revision?
    /// Those that are over, oldest first.
    package var history: [RolloutState.Entry]

    init(_ object: ResourceID, _ state: RolloutState) {
        self.object = object
        phase = state.phase
        cause = state.cause
        revision = state.revision
        message = state.message
        started = state.started
        lastProgress = state.lastProgress
        lastGood = state.lastGood
        history = state.history
    }
}
