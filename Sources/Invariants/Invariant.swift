/// What must hold in every run, whatever goes wrong. `docs/simulator.md` has the table of them.
///
/// S is safety, checked after every event of a trace; L is liveness, checked where a trace has come to rest. Claims of dead
/// hosts (L4) need more than one host; formats of other versions (S20) are the state store's own tests.
package enum Invariant: String, CaseIterable, Hashable, Codable, Sendable {
    /// Every deletion is justified: by the revision in force, a complete observation, and our mark.
    case justifiedDeletion = "S1"
    /// A revision that is not valid changes nothing.
    case brokenRevision = "S2"
    /// A rewritten or empty revision is not followed before a person says so.
    case vanishedRevision = "S3"
    /// Nothing foreign is touched.
    case foreign = "S4"
    /// No more members are missing by our doing than the budget allows.
    case budget = "S5"
    /// What people plan for is begun only when windows let it, and only if it is over before they do not; repair is not held,
    /// nor what may be finished.
    case window = "S6"
    /// No member of a pool is ever two holders', across crashes, retries and lost answers.
    case oneHolder = "S7"
    /// One controller acts at a time: a run that has ended sends nothing.
    case singleController = "S8"
    /// Nothing is done that is known to be done, and planning anew at rest finds nothing to do.
    case idempotence = "S9"
    /// No call without its intent on the disk, and a crash at any point leads to the same end.
    case crash = "S10"
    /// At rest everything of ours is what git asks for, and no intent is open.
    case orphan = "S11"
    /// Never more containers than members and surge, and one call per member at a time.
    case storm = "S12"
    /// Nothing is decided on what is older than our own last write, or on a revision that is no longer in force.
    case timeTravel = "S13"
    /// No member of an object with a network policy is made or started while its rules are not known to be in force.
    case restriction = "S14"
    /// At rest nothing is written, little is read, and what fails is tried less and less often.
    case quiet = "S15"
    /// What an autoscaler gives an object stays within the bounds, is never less where something was not measured or more was
    /// asked for lately, and is known after every restart.
    case scaling = "S16"
    /// Without a revision, an observation or a store, what runs is left running.
    case failStatic = "S17"
    /// The same inputs give the same plan.
    case determinism = "S18"
    /// No secret in anything that is said, logged or stored.
    case secret = "S19"
    /// What somebody has is not stopped, removed, replaced or started anew by us, and its claim ends for no reason that is
    /// not true.
    case claimedStays = "S21"
    /// Never more members of a pool than its size, whoever waits, and surge, and never more than `maxMembers` of all; what
    /// may have been made counts.
    case overCreation = "S22"
    /// The same idempotency key is answered with the same claim.
    case claimKey = "S23"
    /// What was answered is written down, and known after every restart.
    case claimMemory = "S24"
    /// While members are replaced there are never more containers than `maxSurge` allows, and never fewer members by our
    /// doing than `maxUnavailable` allows, whether the new ones come up or not.
    case rolloutBounds = "S25"
    /// No attempt of a run is made or started twice, none is made beside one that is under way or after one that succeeded,
    /// and none of what was never due.
    case oneAttempt = "S26"
    /// Under `Forbid` and `Replace` no run of a task is started while another one of it is under way.
    case noOverlap = "S27"
    /// Ports lead to nobody who is not known to be ready.
    case ledAreReady = "S28"
    /// Nobody is stopped as long as ports lead to it.
    case stoppedUnled = "S29"
    /// The old members of a blue-green rollout do the work until the switch, and are kept for as long as git says after it.
    case holdIsKept = "S30"
    /// No more members of a canary rollout are new than its step allows, and they have no larger part of new connections.
    case canaryStep = "S31"
    /// When the world turns good, the host becomes as git says, and stays so.
    case convergence = "L1"
    /// What fails for ever delays nobody else.
    case headOfLine = "L2"
    /// What a window has held is done when it lets it.
    case heldWork = "L3"
    /// The end does not depend on the way.
    case routeIndependence = "L5"
    /// A call without an answer is given up by its deadline.
    case wedgedCall = "L6"
    /// A claim whose container is lost says so as soon as the program has seen it.
    case lossAnnounced = "L7"
    /// Whoever asks for a member hears something by the end of its wait.
    case claimAnswer = "L8"
    /// What fails and asks for it goes back to the last good revision, once, and nothing else does.
    case rollback = "L10"
    /// What was due is begun, what failed is tried again as often as git says, and history is kept within its limits.
    case noRunForgotten = "L11"
    /// A pool that was claimed from is full again when nobody claims any more.
    case refill = "L9"
}

/// One invariant that did not hold.
package struct Violation: Hashable, Codable, Sendable, CustomStringConvertible {
    package var invariant: Invariant
    package var message: String
    /// Since the world began.
    package var at: Duration

    package init(_ invariant: Invariant, _ message: String, at time: Duration) {
        self.invariant = invariant
        self.message = message
        at = time
    }

    package var description: String { "\(invariant.rawValue) (\(invariant)) at \(at): \(message)" }
}
