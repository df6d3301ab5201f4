package import Specs

/// One change of what the store keeps. Changes are committed in groups: all of a group or none of it.
package enum StateChange: Hashable, Sendable {
    /// Replaces the revision in force, and remembers its files as long as a pin names it.
    case accept(AcceptedRevision)
    /// Before the first call of a step. A create also raises the highest incarnation of its slot.
    case begin(Intent)
    /// After its last call; the intent is open no more.
    case end(intent: Int64, StepOutcome)
    /// Compare-and-set: the whole group is refused with `StateStoreError.Code.conflict` when the phase is another.
    case transition(MemberInstance, from: MemberPhase, to: MemberPhase)
    /// The container is gone: its phase and what was remembered of its probes go as well.
    case forget(MemberInstance)
    /// Our own probe found the container ready in the run that began then.
    case probed(container: String, startedAt: String)
    /// These containers are gone.
    case forgetProbes(Set<String>)
    case event(EventRecord)
    /// Replaces the record of the same revision, if there is one.
    case history(RevisionRecord)
    case pin(Pin)
    case unpin(ResourceID)
    case pause(Pause)
    /// nil resumes the whole host; objects that are paused by themselves stay so.
    case resume(ResourceID?)
    case approve(Approval)
}

/// What a start of the program needs to know of the runs before.
package struct StoredState: Hashable, Sendable {
    package var accepted: AcceptedRevision?
    /// The files of revisions that pins name.
    package var pinnedRevisions: [AcceptedRevision] = []
    /// Intents without an outcome, oldest first.
    package var openIntents: [Intent] = []
    /// The id of the last intent ever written; 0 before the first.
    package var lastIntent: Int64 = 0
    /// The highest incarnation ever created or about to be, by slot.
    package var incarnations: [MemberID: Int] = [:]
    /// Instances that are not `ready`.
    package var phases: [MemberInstance: MemberPhase] = [:]
    /// The start at which our own probe found each container ready, by container id.
    package var probedStarts: [String: String] = [:]
    package var pins: [Pin] = []
    package var pauses: [Pause] = []
    package var approvals: [Approval] = []

    package init() {}
}
