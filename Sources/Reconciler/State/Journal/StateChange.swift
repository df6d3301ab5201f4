package import Specs

/// One change of what the store keeps. Changes are committed in groups: all of a group or none of it.
package enum StateChange: Hashable, Sendable {
    /// Replaces the revision in force.
    ///
    /// Kept are the files of that revision, of the one before it, of those that pins name or that rollouts would go back
    /// to, and, for an undo of what is complete, of `JournalBounds.undoRevisions` more; the others are dropped at the end of the group. A plain folder has one revision for ever: a pin to it holds its newest files.
    case accept(AcceptedRevision)
    /// Before the first call of a step.
    ///
    /// An id that is not above all earlier ones refuses the whole group with `conflict`.
    case begin(Intent)
    /// After its last call; the intent is open no more. One that is not open changes nothing.
    case end(intent: Int64, StepOutcome)
    /// A container of this incarnation was seen, so that the number is used up; a lower one changes nothing.
    ///
    /// Not the intent to create it: a retry after a lost answer must ask for the same name, to find its own work.
    case seen(MemberInstance)
    /// Compare-and-set: the whole group is refused with `StateStoreError.Code.conflict` when the phase is another, or
    /// when `MemberPhase.mayBecome` has no such transition.
    case transition(MemberInstance, from: MemberPhase, to: MemberPhase)
    /// The container is gone, and its phase with it; its probes are known by its id, and go with `forgetProbes`.
    case forget(MemberInstance)
    /// Replaces the record of the same claim, if there is one; ended ones are bounded, and the oldest go first.
    case claim(Claim)
    /// Replaces what the autoscaler of this object remembers.
    case scaled(ResourceID, ScalingState)
    /// Nothing scales the object any more.
    case forgetScaling(ResourceID)
    /// Replaces what is remembered of the rollouts of this object. The files of its last good revision are kept.
    case rollout(ResourceID, RolloutState)
    /// The object is gone.
    case forgetRollout(ResourceID)
    /// Replaces what is remembered of the runs of this task.
    case task(ResourceID, TaskMemory)
    /// The task is gone.
    case forgetTask(ResourceID)
    /// Our own probe found the container ready in the run that began then.
    case probed(container: String, startedAt: String)
    /// These containers are gone.
    case forgetProbes(Set<String>)
    case event(EventRecord)
    /// Replaces the record of the same revision, if there is one, and becomes the newest.
    ///
    /// A record that says nothing of the commit keeps what the one before said of it.
    case history(RevisionRecord)
    case pin(Pin)
    case unpin(ResourceID)
    case pause(Pause)
    /// nil resumes the whole host; objects that are paused by themselves stay so.
    case resume(ResourceID?)
    /// Replaces the override of the same object, or of the host.
    case override(WindowOverride)
    /// nil ends that of the whole host; those of single objects stay.
    case endOverride(ResourceID?)
    /// Replaces the drain of the same pool, or of the host.
    case drain(Drain)
    /// nil ends that of the host; those of pools stay.
    case endDrain(pool: String?)
    /// Replaces the approval of the same revision and set, if there is one, and becomes the newest.
    case approve(Approval)
}

/// How much of what only grows is kept; the oldest goes first.
package struct JournalBounds: Hashable, Sendable {
    package var events = 10_000
    package var history = 1_000
    package var approvals = 100
    /// Intents with an outcome, for people who look for what happened.
    package var endedIntents = 1_000
    /// Revisions that nobody but an undo of a complete rollout goes back to.
    package var undoRevisions = 5
    /// Claims that are over, for people who look for what happened and for requests that are asked again.
    package var endedClaims = 10_000

    package init() {}
}

/// What a start of the program needs to know of the runs before.
package struct StoredState: Hashable, Sendable {
    package var accepted: AcceptedRevision?
    /// The revision before the one in force, and those that pins and rollouts name, as far as their files are there, by id.
    package var earlierRevisions: [AcceptedRevision] = []
    /// Intents without an outcome, oldest first.
    package var openIntents: [Intent] = []
    /// Intents without an outcome that a newer version wrote, oldest first: their keys are held.
    package var unknownIntents: [UnknownIntent] = []
    /// The id of the last intent ever written; 0 before the first.
    package var lastIntent: Int64 = 0
    /// The highest incarnation ever seen, by slot.
    package var incarnations: [MemberID: Int] = [:]
    /// Instances that are not `ready`.
    package var phases: [MemberInstance: MemberPhase] = [:]
    /// Claims that are not over, and the newest of those that are, in the order of their ids.
    package var claims: [Claim] = []
    /// What autoscalers remember, by what they scale.
    package var scaling: [ResourceID: ScalingState] = [:]
    /// What is remembered of rollouts, by object.
    package var rollouts: [ResourceID: RolloutState] = [:]
    /// What is remembered of the runs of tasks.
    package var tasks: [ResourceID: TaskMemory] = [:]
    /// The start at which our own probe found each container ready, by container id.
    package var probedStarts: [String: String] = [:]
    /// By object.
    package var pins: [Pin] = []
    /// The host first, then by object.
    package var pauses: [Pause] = []
    /// The host first, then by object; those that are over by the clock may be among them.
    package var overrides: [WindowOverride] = []
    /// The host first, then by pool.
    package var drains: [Drain] = []
    /// Oldest first.
    package var approvals: [Approval] = []

    package init() {}
}
