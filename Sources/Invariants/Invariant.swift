/// What must hold in every run, whatever goes wrong. `docs/simulator.md` has the table of them.
///
/// S is safety, checked after every event of a trace; L is liveness, checked where a trace has come to rest. Maintenance
/// windows (S6), claims (S7), scaling (S16), held work (L3) and claims of dead hosts (L4) have no part of
/// the program yet; formats of other versions (S20) are the state store's own tests.
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
    /// Without a revision, an observation or a store, what runs is left running.
    case failStatic = "S17"
    /// The same inputs give the same plan.
    case determinism = "S18"
    /// No secret in anything that is said, logged or stored.
    case secret = "S19"
    /// When the world turns good, the host becomes as git says, and stays so.
    case convergence = "L1"
    /// What fails for ever delays nobody else.
    case headOfLine = "L2"
    /// The end does not depend on the way.
    case routeIndependence = "L5"
    /// A call without an answer is given up by its deadline.
    case wedgedCall = "L6"
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
