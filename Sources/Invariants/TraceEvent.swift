package import Reconciler
package import Specs

/// One thing that happened in a run, in the order in which it happened.
///
/// Whoever runs the program (the simulator, a proxy, a lab of real engines) writes down what went over its borders and
/// what really happened behind them; `Checker` reads it. Engine events are counted from 1 in the order of the trace, and
/// `asOf` names the last one that a look could see.
package enum TraceEvent: Hashable, Codable, Sendable {
    /// Why something in the engine changed.
    package enum Cause: Hashable, Codable, Sendable {
        /// A call of ours.
        case call(UInt64)
        /// The container or the engine by itself.
        case engine
        /// Somebody with root.
        case person
    }

    /// What the program was told about a call.
    package enum Reply: Hashable, Codable, Sendable {
        /// It happened; the reply shows the engine as of this event, and for a probe whether the container is ready.
        case done(asOf: Int, probed: Bool)
        case failed(DriverError.Disposition, String)
    }

    // MARK: The program

    /// A run of the program has begun, and has read its store.
    case booted(run: Int)
    case crashed(run: Int)
    /// The program has decided to follow a revision, and has written that down.
    case stored(revision: String)
    /// The program puts a revision in force: from here on it acts by it.
    case accepted(revision: String)
    /// A full observation was taken in; `unread` could not be inspected. `made` is when the engine was read.
    case observed(asOf: Int, made: Duration, isComplete: Bool, unread: [String])
    /// Single containers were looked at, and taken in.
    case looked(asOf: Int, made: Duration, containers: [String])
    /// The program is told whose rules the packet filter enforces, by the look at it with this number: of two the one with
    /// the higher number holds, in whichever order they come.
    case rules(inForce: [ResourceID], look: UInt64)
    /// The program is told to which addresses ports of the host lead, by the look at the packet filter with this number.
    case led(to: [String], look: UInt64)
    /// The program has written down that its probe found this container ready, which outlives the run.
    case probed(container: String)
    case intent(Intent)
    case outcome(intent: Int64)
    /// A container is to be taken away for good, and is not counted on any more.
    case retired(MemberInstance)
    /// The program has written down that it keeps an object as an earlier revision says, or does so no more.
    case pinned(ResourceID, revision: String?)
    case unpinned(ResourceID)
    /// The program has written down how far the switch of a blue-green rollout is.
    case switching(ResourceID, isSwitched: Bool)
    /// The program has written down which step of a canary rollout is under way; nil where none is.
    case stepping(ResourceID, step: Int?)
    /// The program has written down a claim.
    case claimed(Claim)
    /// The program has written down what it remembers of a task, or that it has forgotten it.
    case remembered(ResourceID, TaskMemory)
    case forgotten(ResourceID)
    /// Whoever asked is told: about this claim, or that there is none.
    case told(ask: UInt64, Claim?)
    /// The claims that a run knows at its beginning.
    case recalled([Claim])
    /// A holder is told that the claim lasts its `ttl` from now on.
    case renewed(ClaimID)
    /// The program has written down that it empties a pool of this host, or the host (nil), whether by its word the deadline
    /// is over, and how long ago it began by its clock.
    case drained(pool: String?, DrainFacts, isOverdue: Bool, age: Duration)
    /// It has written down that it does so no more.
    case uncordoned(pool: String?)
    /// The program asks what the autoscaler of an object goes by.
    case measuring(ask: UInt64, ResourceID)
    /// It is told, in the order of the metrics, whether it knows all members as of then or not.
    case measured(ask: UInt64, [Measurement], isInformed: Bool)
    /// The program puts a number of members in force.
    case sized(ResourceID, Int)
    /// It has written down the number that its autoscaler gives an object, or that nothing does so any more.
    case scaled(ResourceID, Int?)
    case unscaled(ResourceID)
    /// The store could not be written.
    case commitFailed
    /// A call has left the program.
    case sent(run: Int, call: UInt64, CallFacts)
    case replied(call: UInt64, Reply)
    /// The program does not wait for the call any more.
    case gaveUp(call: UInt64)
    /// What a plan of everything would change, made by a program that has just looked at everything at rest.
    case planned(changes: [String])
    /// The same inputs in another order gave another plan.
    case plansDiffer(String)
    /// Something that a person may read: an event, a plan, a status, a log line.
    case said(String)

    // MARK: The world

    /// Git shows a revision.
    case shown(RevisionFacts)
    /// A person allows this revision by name.
    case allowed(revision: String)
    /// A person allows a revision to remove these containers and networks.
    case approved(revision: String, removals: [String])
    /// Somebody asks for a member of a pool.
    case asked(ClaimAsk)
    /// Whoever asked does not wait any more.
    case wentAway(ask: UInt64)
    /// A holder gives a claim back, or tries to.
    case gaveBack(ClaimID)
    /// The claim file of this container says now whose it is.
    case handedOver(container: String, to: ClaimID)
    /// Somebody has taken away the claim folder of this container.
    case folderGone(container: String)
    /// The store has lost all claims; only their files tell of them.
    case claimsLost
    case container(ContainerFacts, Cause)
    case containerGone(String, Cause)
    case network(NetworkFacts, Cause)
    case networkGone(String, Cause)
    case image(reference: String, id: String?)
    /// Somebody reads the engine.
    case read
    /// Somebody sets the wall clock.
    case clockSet(by: Duration)
    /// Begins (or ends) a fault that lasts.
    case fault(String, isOn: Bool)
    /// From here on nothing goes wrong any more.
    case calm
    /// From here on nothing may be left to do.
    case due
    /// The end: intents that are still open in the store.
    case ended(openIntents: Int)

    /// Counted for `asOf`.
    package var isEngineEvent: Bool {
        switch self {
        case .container, .containerGone, .network, .networkGone, .image: true
        default: false
        }
    }
}

/// Somebody's request for a member of a pool.
package struct ClaimAsk: Hashable, Codable, Sendable {
    /// Counts requests, each repetition by itself.
    package var number: UInt64
    package var pool: ResourceID
    /// Another one for each person; repetitions have the same.
    package var holder: String
    package var key: String?
    /// Until when it would wait, since the world began; longer where a member is started because of it.
    package var deadline: Duration

    package init(number: UInt64, pool: ResourceID, holder: String, key: String?, deadline: Duration) {
        self.number = number
        self.pool = pool
        self.holder = holder
        self.key = key
        self.deadline = deadline
    }
}
