import Reconciler
package import Specs

/// Reads a trace, event by event, and says what in it must not be.
///
/// The rules are written from the outside: they recompute from the trace what may be done, and never ask the planner.
/// A decision is judged by what the program had been told when it was made, not by what nobody could know.
package struct Checker: Sendable {
    /// How strict it is about time.
    package struct Limits: Hashable, Sendable {
        /// After which a call without an answer must have been given up.
        package var longestCall: Duration = .seconds(60)
        /// Failures of one step on one subject within ten seconds.
        package var failuresInTenSeconds = 25
        /// Reads of the engine at rest, in any minute.
        package var readsPerMinute = 60

        package init() {}
    }

    package internal(set) var violations: [Violation] = []
    let owner: String
    let limits: Limits
    var mirror = EngineMirror()
    var revisions: [String: RevisionFacts] = [:]
    var allowed: Set<String> = []
    /// What each revision may remove beyond the budget.
    var approved: [String: Set<String>] = [:]
    /// The revision that the store says to follow.
    var stored: RevisionFacts?
    /// What is to be there: the revision in force, and of what is pinned what an earlier one says.
    var inForce: RevisionFacts?
    /// The revision in force, as the program said when it put it in force.
    var accepted: RevisionFacts?
    /// By the wall clock, when that was first put in force.
    var acceptedAt: Instant?
    /// Objects that are kept as an earlier revision says, and what git said of them when that was written down.
    var pins: [ResourceID: (revision: String, rejected: ObjectFacts)] = [:]
    /// Secrets that nobody may ever read.
    let canaries: [String]

    // MARK: The run that acts

    /// nil before the first and between two.
    var run: Int?
    var hasObserved = false
    var hasRevision = false
    var lastLookIsComplete = false
    /// Since when the store has refused; nil while it works.
    var storeFailsSince: Duration?
    /// Objects whose rules are in force, as this run was told.
    var ruled: Set<ResourceID> = []
    private var ruledBy: UInt64 = 0
    /// Addresses that ports of the host lead to, as this run was told.
    var led: Set<String> = []
    private var ledBy: UInt64 = 0
    /// Containers that ports ever led to.
    var everLed: Set<String> = []
    /// Since when the new members of an object do the work, as the program has written down.
    var switches: [ResourceID: Duration] = [:]
    /// The steps of canary rollouts that are under way, as the program has written down.
    var steps: [ResourceID: Int] = [:]
    /// Members of pools that were told to stop before.
    var begunLosses: Set<String> = []
    struct Retirement {
        /// Since the world began.
        var since: Duration
        /// The host was to be emptied of it then.
        var isOfDrain: Bool
    }

    /// Members that were written down to go.
    var retirements: [MemberInstance: Retirement] = [:]
    var beginnings = TimelyBeginnings()
    /// Objects whose new members took over the work when windows let them.
    var switchedInTime: Set<ResourceID> = []

    // MARK: Calls

    struct Call {
        var facts: CallFacts
        var run: Int
        var sent: Duration
        var isGivenUp = false
    }

    /// Sent by any run and not answered.
    var calls: [UInt64: Call] = [:]
    /// Subjects whose last call may or may not have happened; a look that was made later ends it.
    var unknown: [Subject: Doubt] = [:]
    /// Intents in the store without an outcome, of whichever run, and whether their call was sent.
    var openIntents: [Int64: (intent: Intent, isSent: Bool)] = [:]
    /// Members that were ready until we took their container away, and are not ready again.
    var takenAway: Set<MemberID> = []
    /// Members of which a container came of a call that nobody waited for any more: what there is too much of them,
    /// nobody could know.
    var lateMembers: Set<MemberID> = []
    var failures: [Attempt: [Duration]] = [:]
    var claims = ClaimBook()
    /// What empties pools of this host, and the host itself (nil), as the program has written down.
    var drains: [String?: DrainTrack] = [:]
    var tasks = TaskBook()
    var scaling = ScalingBook()
    /// What the program's wall clock shows, where whoever writes the trace says so.
    package var wall: Instant?
    var readsAtRest: [Duration] = []

    enum Phase { case trouble, calm, rest }

    var phase = Phase.trouble
    var now = Duration.zero

    /// What has one call at a time.
    enum Subject: Hashable {
        case member(MemberID)
        case other(String)
    }

    struct Doubt {
        var since: Duration
        /// The container that the call was about; nil where nobody could know one.
        var container: String?
        /// The call was to take that container away.
        var isOfLoss = false
        /// What the call was to create: whoever sees it knows that the call happened.
        var creation: MemberInstance?
    }

    struct Attempt: Hashable {
        var verb: CallFacts.Verb
        var subject: String
    }

    package init(owner: String, canaries: [String] = [], limits: Limits = Limits()) {
        self.owner = owner
        self.canaries = canaries
        self.limits = limits
    }

    /// Engine events so far: what a look that is made now can see.
    package var engineEvents: Int { mirror.lastEvent }

    /// Takes in what happened next.
    package mutating func take(_ event: TraceEvent, at time: Duration) {
        now = time
        switch event {
        case .booted(let run): boot(run)
        case .crashed: crash()
        case .shown(let revision): revisions[revision.id] = revision
        case .allowed(let revision): allowed.insert(revision)
        case .approved(let revision, let removals): approved[revision, default: []].formUnion(removals)
        case .stored(let revision): store(revision)
        case .pinned(let object, let revision): pin(object, to: revision)
        case .unpinned(let object):
            pins[object] = nil
            applyPins()
        case .accepted(let revision): accept(revision)
        case .observed(let event, let made, let isComplete, let unread):
            observed(asOf: event, made: made, isComplete: isComplete, unread: unread)
        case .looked(let event, let made, let containers): looked(asOf: event, made: made, at: containers)
        case .intent(let intent):
            openIntents[intent.id] = (intent, false)
            storeFailsSince = nil
        case .outcome(let intent): openIntents[intent] = nil
        case .rules(let objects, let look):
            if look >= ruledBy { (ruled, ruledBy) = (Set(objects), look) }
        case .led(let addresses, let look):
            if look >= ledBy { (led, ledBy) = (Set(addresses), look) }
            noteLed(to: addresses)
        case .switching(let object, let isSwitched): switched(object, isSwitched)
        case .stepping(let object, let step): steps[object] = step
        case .probed(let container): mirror.store(probed: container)
        case .retired(let instance): retired(instance)
        case .claimed(let claim): written(claim)
        case .remembered(let task, let memory): remembered(task, memory)
        case .forgotten(let task): tasks.memories[task] = nil
        case .told(let ask, let claim): told(ask, claim)
        case .recalled(let found): recalled(found)
        case .renewed(let claim): claims.renewed(claim, at: time)
        case .asked(let ask):
            claims.asks[ask.number] = ask
            claims.follow(inForce?.objects ?? [:])
        case .wentAway(let ask): claims.asks[ask] = nil
        case .gaveBack(let claim): claims.givenBack.insert(claim)
        case .handedOver(let container, let claim): handedOver(container, to: claim)
        case .folderGone(let container): claims.withoutFolder.insert(container)
        case .claimsLost: claims.loseStored()
        case .drained(let pool, let facts, let isOverdue, let age):
            drained(pool, facts, isOverdue: isOverdue, age: age)
        case .uncordoned(let pool): drains[pool] = nil
        case .measuring(let ask, let object): scaling.asks[ask] = object
        case .measured(let ask, let measurements, let isInformed): measured(ask, measurements, isInformed: isInformed)
        case .sized(let object, let size): sized(object, size)
        case .scaled(let object, let size): scaling[object].store(size)
        case .unscaled(let object): scaling[object].store(nil)
        case .clockSet(let seconds): clockWasSet(by: seconds)
        case .commitFailed:
            storeFailsSince = storeFailsSince ?? time
            claims.seenLost = [:]
            scaling.commitFailed()
        case .sent(let run, let call, let facts): send(facts, call: call, by: run)
        case .replied(let call, let reply): answer(call, reply)
        case .gaveUp(let call): calls[call]?.isGivenUp = true
        case .container(let facts, let cause): changed(facts, by: cause)
        case .containerGone(let id, let cause): gone(container: id, by: cause)
        case .network(let facts, let cause): changed(facts, by: cause)
        case .networkGone(let name, let cause): gone(network: name, by: cause)
        case .image(let reference, let id): mirror.record(image: reference, id: id)
        case .read: readAtRest()
        case .fault: break
        case .calm: phase = .calm
        case .due: checkConvergence()
        case .ended(let count): checkRest(openIntents: count)
        case .planned(let changes): checkNothingLeft(changes)
        case .plansDiffer(let what): violate(.determinism, what)
        case .said(let text): checkSecrets(in: text)
        }
        switch event {
        case .observed, .due, .ended:
            checkWedgedCalls()
            checkAnswers()
        default: break
        }
    }

    mutating func violate(_ invariant: Invariant, _ message: String) {
        // A broken world breaks everything; the first findings tell why.
        if violations.count < 20 { violations.append(Violation(invariant, message, at: now)) }
    }

    /// Says that something went wrong that only whoever ran the trace can see, such as another end than without a crash.
    package mutating func report(_ invariant: Invariant, _ message: String, at time: Duration) {
        now = time
        violate(invariant, message)
    }

    // MARK: Runs

    private mutating func boot(_ number: Int) {
        if run != nil { violate(.singleController, "run \(number) begins while another one acts") }
        run = number
        hasObserved = false
        hasRevision = false
        lastLookIsComplete = false
        (ruled, ruledBy, led, ledBy) = ([], 0, [], 0)
        storeFailsSince = nil
        mirror.forgetTold()
        scaling.endRun()
        // What the run before was waiting for is in its open intents, which this one has read.
        for (id, call) in calls where call.run != number { calls[id]?.isGivenUp = true }
    }

    private mutating func crash() {
        run = nil
        claims.endOfRun()
        for call in calls.values where !call.isGivenUp { doubt(call.facts) }
    }

    private mutating func store(_ id: String) {
        guard let revision = revisions[id] else { return violate(.brokenRevision, "nobody has shown revision '\(id)'") }
        if stored?.id == id { return }
        if revision.verdict == .broken { violate(.brokenRevision, "revision '\(id)' is not valid, and is followed") }
        let isRewritten = stored.map { $0.history != revision.history } ?? false
        if (revision.verdict == .empty || isRewritten) && !allowed.contains(id) {
            let what = isRewritten ? "of another history" : "empty"
            violate(.vanishedRevision, "revision '\(id)' is \(what), and nobody allowed it")
        }
        stored = revision
    }

    private mutating func accept(_ id: String) {
        hasRevision = true
        if accepted?.id != id { acceptedAt = wall }
        accepted = revisions[id]
        scaling.follow(accepted?.objects ?? [:], at: wall)
        applyPins()
        claims.follow(inForce?.objects ?? [:])
        if stored?.id != id {
            violate(.timeTravel, "revision '\(id)' is in force, and \(stored?.id ?? "none") is stored")
        }
    }

    // MARK: Looking

    private mutating func observed(asOf event: Int, made: Duration, isComplete: Bool, unread: [String]) {
        hasObserved = true
        lastLookIsComplete = isComplete
        mirror.tell(everythingAsOf: event, but: unread)
        if isComplete { checkLosses() }
        // What could not be read may be the very thing that is looked for.
        unknown = unknown.filter { _, doubt in
            if let creation = doubt.creation, mirror.isKnown(creation) { return false }
            return doubt.since > made || !(isComplete || doubt.container.map { !unread.contains($0) } ?? false)
        }
    }

    mutating func doubt(_ call: CallFacts) {
        var creation: MemberInstance?
        if let member = call.member, let incarnation = call.incarnation {
            creation = MemberInstance(member, incarnation)
        }
        unknown[subject(of: call)] = Doubt(
            since: now, container: call.container, isOfLoss: call.verb.isDisruptive, creation: creation)
    }

    private mutating func looked(asOf event: Int, made: Duration, at ids: [String]) {
        for id in ids { mirror.tell(id, asOf: event) }
    }

    func subject(of call: CallFacts) -> Subject { call.member.map(Subject.member) ?? .other(call.subject) }

    private mutating func checkSecrets(in text: String) {
        for canary in canaries where text.contains(canary) {
            violate(.secret, "'\(canary)' can be read in: \(text.prefix(200))")
        }
    }

    private mutating func checkWedgedCalls() {
        for (id, call) in calls where !call.isGivenUp && now - call.sent > limits.longestCall {
            violate(.wedgedCall, "\(call.facts.step) '\(call.facts.subject)' is awaited since \(call.sent)")
            calls[id]?.isGivenUp = true
        }
    }
}
