package import Logging
import Specs

/// Brings the host to what git says and keeps it there: the whole of the controller's thinking, and none of its waiting.
///
///     Input --> Informer: what is known --> plan --> keys --> WorkQueue --> turn of a key: plan it, begin one step
///                                                                                |
///     Effect <-- StateJournal: intents are on the disk <---------------------------
///
/// A value that reads no clock and starts no task: everything comes in by `take`, and what the world should do comes
/// out of it. Under the daemon an actor carries the effects out; a simulator carries them out under a clock of its own,
/// in any order, with any answer, and stops the loop at any point.
///
/// Level-triggered: the queue holds keys and never actions, and a key is planned anew from what is known at its turn.
package struct ControlLoop: Sendable {
    /// When the work is over.
    package enum Mode: Sendable {
        /// When nothing is left that could be done now.
        case untilSettled
        /// When it is told to stop.
        case forever
    }

    let journal: any StateJournal
    let audit: (any AuditTrail)?
    let host: HostSettings
    let settings: ControllerSettings
    let logger: Logger

    /// The moment of the input that is being taken in.
    var now = Now()
    private(set) package var mode = Mode.forever
    private(set) package var isRunning = false
    private(set) package var isStopping = false

    /// What the host is brought to: the accepted revision with pins put over it.
    package internal(set) var desired: DesiredState?
    /// The accepted revision as git says it.
    var accepted: DesiredState?
    /// A revision that is put in force as soon as the host was looked at for what it names.
    package internal(set) var nextDesired: DesiredState?
    /// The revision that was in force before it.
    var previous: Revision?
    var pins: [ResourceID: Pin] = [:]
    /// What the revision before says, and those that pins name, by id.
    var earlierRevisions: [String: DesiredState] = [:]
    /// What holds actions back besides the specs and the host; times are filled in when something is planned.
    var gates = Gates()
    private var chains = ChainWatch()
    /// Whether the host was seen to be as the revision in force says.
    var isApplied = false
    package internal(set) var informer = Informer()

    var queue = WorkQueue<Key>()
    var limiter: RateLimiter<Key>
    var concurrency: ConcurrencyLimit
    var restarts: RestartLedger
    private var random: SplitMix64
    /// Keys that only a person or a commit can help, and why.
    var stalls: [Key: Stall] = [:]
    /// Keys that wait for another key to be done, and how urgent they are.
    var waiters: [Key: [Key: Lane]] = [:]
    /// Keys of an object that a gate holds: what is seen of another member may open it.
    var heldKeys: [ResourceID: [Key: Lane]] = [:]
    /// The last repair of each key that was not followed by a quiet plan; the same again would be a loop.
    var lastRepair: [Key: Step] = [:]
    /// Keys whose last step may have happened: not planned before a full observation that begins later.
    var doubts: [Key: Doubt] = [:]

    /// What each effect without an answer was asked for.
    var errands: [Ticket: Errand] = [:]
    /// The step that each key at its turn is taking.
    var flights: [Key: Flight] = [:]
    /// Containers that something happened to while a step of their member was under way.
    var hintsDuringSteps: [Key: Set<String>] = [:]
    /// Containers that are being looked at because of a hint; true when another hint came meanwhile.
    var looks: [String: Bool] = [:]
    /// Steps since the last full look in `untilSettled`, probes not counted.
    var stepsTaken = 0

    /// When the next full observation is due; nil when it is asked for by nobody.
    private var nextObservation: Duration?
    private var observationFailures = 0
    private var lastImageRefresh = Duration.zero
    /// The engine could not be observed in `untilSettled`, where nobody waits for it.
    private(set) package var failure: DriverError?

    private var lastTicket: Ticket = 0
    private var lastIntent: Int64 = 0
    /// What the world is asked to do at the end of `take`.
    private var effects: [Effect] = []
    /// What is committed before that, or with the next step.
    private var changes: [StateChange] = []

    /// - Parameters:
    ///   - audit: hears of every step and every command before it has an effect.
    ///   - seed: of the jitter of backoffs and observations.
    package init(
        journal: any StateJournal, audit: (any AuditTrail)? = nil, host: HostSettings,
        settings: ControllerSettings = .init(), logger: Logger,
        seed: UInt64
    ) {
        self.journal = journal
        self.audit = audit
        self.host = host
        self.settings = settings
        self.logger = logger
        limiter = RateLimiter(settings.backoff, seed: seed)
        concurrency = ConcurrencyLimit(upTo: settings.concurrency)
        restarts = RestartLedger(minReadyTime: settings.minReadyTime)
        random = SplitMix64(seed: seed &+ 1)
    }

    // MARK: The whole of its face

    /// Reads what the runs before left behind, and asks for the first observation.
    ///
    /// - Throws: `StateStoreError` when the journal cannot be read; nothing is begun then.
    package mutating func start(_ mode: Mode, now: Now) throws(StateStoreError) -> [Effect] {
        self.now = now
        self.mode = mode
        let stored = try journal.load()
        informer = Informer(stored)
        try recall(stored)
        lastIntent = stored.lastIntent
        queue = WorkQueue()
        failure = nil
        isRunning = true
        isStopping = false
        // Each of these may have happened. The first observation shows it, and no key is planned before.
        for intent in stored.openIntents {
            changes.append(.end(intent: intent.id, .unknown("the program ended before the answer")))
        }
        observe()
        return conclude()
    }

    /// Takes in what happened, and answers what is to be done now.
    ///
    /// Intents of the steps among the effects are on the disk when this returns.
    package mutating func take(_ input: Input, now: Now) -> [Effect] {
        self.now = now
        switch input {
        case .desired(let state): accept(state)
        case .observed(let ticket, let result): take(ticket, result)
        case .looked(let ticket, let result, let preflight):
            if let preflight { informer.record(preflight) }
            looked(ticket, result)
        case .stepEnded(let ticket, let result): stepEnded(ticket, result)
        case .hint(let hint): look(at: hint)
        case .streamOpened: observe()
        case .streamLost: lostStream()
        case .time: break
        case .command(let command):
            do throws(StateStoreError) { try hear(command) } catch { complain(error) }
        case .stop: stop()
        }
        return conclude()
    }

    /// The uptime at which `take(.time)` has something to do; nil when only an answer or an event has.
    package var nextDeadline: Duration? {
        guard isRunning, !isStopping else { return nil }
        return [queue.nextDeadline, informer.isObserving ? nil : nextObservation].compactMap { $0 }.min()
    }

    /// Nothing can be done now that was not done, and what was done was looked at again.
    package var isSettled: Bool {
        if failure != nil { return true }
        // A look that settles a doubt will not come any more when all of them miss something.
        let isInDoubt = !isHopeless && doubts.values.contains { $0.waitingIn != nil }
        let isWaiting = queue.hasDelayed || nextDesired != nil || isInDoubt
        let isSeen = informer.isCurrent && (informer.observed.isComplete || isHopeless)
        return isSeen && errands.isEmpty && queue.isDrained && !isWaiting && stepsTaken == 0
    }

    /// Told to stop, and nothing is in flight any more.
    package var isStopped: Bool { isStopping && flights.isEmpty }

    /// The plan for the whole host as of now; nil before there is a revision and an observation.
    package func currentPlan() -> Plan? {
        guard desired != nil, informer.lastObservation != nil else { return nil }
        return plan(.everything)
    }

    package func status() -> HostStatus {
        HostStatus(
            host: host, desired: desired, observed: informer.observed, plan: currentPlan(),
            stalls: stalls, pauses: gates.pauses, isObserved: informer.lastObservation != nil,
            engineProblem: informer.problem)
    }

    package func plan(_ scope: Planner.Scope) -> Plan {
        guard let desired else { return Plan() }
        var gates = gates
        gates.restartsNotBefore = restarts.notBefore
        gates.readyNotBefore = restarts.readyNotBefore
        gates.underWay = membersUnderWay
        return Planner.plan(desired: desired, observed: informer.observed, gates: gates, now: now, scope: scope)
    }

    private var membersUnderWay: Set<MemberID> {
        if flights.isEmpty && doubts.isEmpty { return [] }
        let keys = flights.filter { $0.value.step.changesNumber }.map(\.key) + doubts.keys
        return Set(keys.compactMap { if case .member(let member) = $0 { member } else { nil } })
    }

    // MARK: The end of each input

    /// Hands out turns, writes down what must be, and answers what the world is to do.
    mutating func conclude() -> [Effect] {
        if isRunning && !isStopping {
            if let due = nextObservation, due <= now.uptime { observe() }
            startTurns()
            if case .untilSettled = mode, stepsTaken > 0, errands.isEmpty, queue.isDrained, !queue.hasDelayed {
                // What was just done is looked at again: a container may stop as soon as it has started.
                stepsTaken = 0
                observe()
            }
        }
        if !changes.isEmpty { commit() }
        defer { effects = [] }
        return effects
    }

    mutating func ask(_ effect: Effect, for errand: Errand) {
        errands[effect.ticket] = errand
        effects.append(effect)
    }

    mutating func giveUp(_ ticket: Ticket) { effects.append(.giveUp(ticket)) }

    mutating func newTicket() -> Ticket {
        lastTicket += 1
        return lastTicket
    }

    mutating func newIntentID() -> Int64 {
        lastIntent += 1
        return lastIntent
    }

    /// To be written with the next commit, at the latest when this input has been taken in.
    mutating func note(_ change: StateChange) { changes.append(change) }

    func event(_ severity: EventRecord.Severity = .normal, _ key: Key?, _ reason: String, _ message: String)
        -> StateChange
    {
        .event(
            EventRecord(
                time: now.wall, severity: severity, key: key, reason: reason, message: message,
                revision: desired?.revision.id))
    }

    /// Writes what was noted and these, all of it or nothing.
    ///
    /// - Throws: when the store refuses: what was noted is kept for the next commit, and these are not.
    mutating func commit(_ more: [StateChange] = []) throws(StateStoreError) {
        try journal.commit(changes + more)
        changes = []
    }

    private mutating func commit() {
        do throws(StateStoreError) {
            try commit([])
        } catch {
            // Outcomes and events are only history: without an outcome a step counts as unknown, which is safe.
            complain(error)
        }
    }

    /// Containers that are not `ready`; nothing leads back from there.
    var phases: [MemberInstance: MemberPhase] {
        get { gates.phases }
        _modify { yield &gates.phases }
    }

    func complain(_ error: StateStoreError) {
        logger.error("state store", metadata: ["event": "store.failed", "message": "\(error)"])
    }

    private mutating func stop() {
        isStopping = true
        queue.shutDown(.atOnce)
        // A pull may take many minutes, and the engine keeps the layers that it has.
        for ticket in flights.values.filter(\.step.isPull).map(\.ticket).sorted() { giveUp(ticket) }
    }

    // MARK: Looking at the host

    /// Asks for a full observation that begins from now on; all who ask while one is under way share the next one.
    mutating func observe() {
        guard isRunning, !isStopping else { return }
        let ticket = newTicket()
        guard let interest = informer.begin(ticket, covering: Interest(owner: host.owner, images: images)) else {
            return
        }
        nextObservation = nil
        for key in doubts.keys { doubts[key]?.isBeingLookedAt = true }
        ask(.observe(ticket, interest), for: .observation(images: interest.images))
    }

    /// References that an object names, or will name soon.
    private var images: Set<String> { (desired?.images ?? []).union(nextDesired?.images ?? []) }

    private mutating func take(_ ticket: Ticket, _ result: Result<ObservedState, DriverError>) {
        guard case .observation(let images)? = errands.removeValue(forKey: ticket) else { return }
        switch result {
        case .success(let fresh):
            observed(fresh)
            if let nextDesired, nextDesired.images.isSubset(of: images) { putInForce() }
            enqueueChanges()
            if informer.wantsAnother || nextDesired != nil { observe() }
        case .failure(let error):
            couldNotObserve(error)
            // Whoever asks should see what is meant to be; nothing is begun before the engine was seen.
            putInForce()
        }
    }

    private mutating func observed(_ fresh: ObservedState) {
        let wasAway = informer.problem != nil
        let moved = informer.take(fresh, images: images, now: now.uptime)
        noticeMovedTags(moved)
        chains.record(informer.observed.preflight.firewallChains, engine: informer.observed.engine.start)
        gates.chainsWereSeen = chains.wereSeen
        if wasAway {
            logger.notice("engine is back", metadata: ["event": "engine.reachable"])
            // Nothing needs to wait any more for a failure that the engine's absence explains.
            limiter.forgetAll()
        }
        // What could not be read in full is read again soon.
        observationFailures = fresh.isComplete ? 0 : observationFailures + 1
        scheduleObservation()
        if now.uptime - lastImageRefresh >= settings.imageRefreshInterval {
            informer.forgetRefreshedImages()
            lastImageRefresh = now.uptime
        }
        let isComplete = informer.observed.isComplete
        if isComplete { settleDoubts() }
        noteIncarnations()
        if isComplete { forgetTheGone() }
    }

    private mutating func settleDoubts() {
        // In order, since the order of a dictionary is another one in each run of the program.
        for (key, doubt) in doubts.sorted(by: { $0.key < $1.key }) where doubt.isBeingLookedAt {
            doubts[key] = nil
            if let lane = doubt.waitingIn { add(key, lane) }
        }
    }

    /// A number that was seen is used up, whoever made the container and whatever becomes of it.
    private mutating func noteIncarnations() {
        for instance in informer.observed.containers.values.map(\.instance).filter(informer.isNews).sorted() {
            noteIncarnation(of: instance)
        }
    }

    mutating func noteIncarnation(of instance: MemberInstance) {
        guard informer.isNews(instance) else { return }
        informer.setIncarnation(instance.incarnation, of: instance.member)
        note(.seen(instance))
    }

    private mutating func forgetTheGone() {
        let gone = informer.forgetProbesOfTheGone()
        if !gone.isEmpty { note(.forgetProbes(gone)) }
        let present = Set(informer.observed.containers.values.map(\.instance))
        for instance in phases.keys.sorted() where !present.contains(instance) {
            phases[instance] = nil
            note(.forget(instance))
        }
        let (desired, observed) = (desired, informer.observed)
        restarts.keep { member in
            member.slot < desired?.objects[member.object]?.slots ?? 0
                || observed.hasContainers(of: member.object, slot: member.slot)
        }
    }

    private mutating func couldNotObserve(_ error: DriverError) {
        if informer.problem?.code != error.code {
            logger.error("engine cannot be observed", metadata: ["event": "engine.unreachable", "message": "\(error)"])
            note(event(.warning, nil, "EngineUnreachable", error.description))
        }
        informer.fail(error)
        for key in doubts.keys { doubts[key]?.isBeingLookedAt = false }
        observationFailures += 1
        scheduleObservation()
        if case .untilSettled = mode, informer.lastObservation == nil || isHopeless { failure = error }
    }

    /// The engine was away, or could not be read in full, so often in a row that a single run gives up.
    private var isHopeless: Bool { observationFailures >= settings.failuresBeforeStall }

    /// On an interval; while the engine is away or cannot be read in full, after pauses that grow up to that interval.
    private mutating func scheduleObservation() {
        let growing = settings.observationRetry * (1 << max(0, min(observationFailures - 1, 10)))
        let pause = observationFailures == 0 ? settings.resyncInterval : min(settings.resyncInterval, growing)
        nextObservation = now.uptime + pause + pause * Double.random(in: 0..<0.1, using: &random)
    }

    private mutating func lostStream() {
        logger.warning("event stream lost", metadata: ["event": "engine.stream-lost"])
        informer.void()
        observe()
    }

    /// Another image behind a tag is a new reason for a repair that was made before: no loop.
    mutating func noticeMovedTags(_ references: Set<String>) {
        if references.isEmpty { return }
        lastRepair = lastRepair.filter { key, _ in
            desired?.objects[key.object].map { !references.contains($0.container.template.image) } ?? true
        }
    }
}

/// What an effect was asked for.
enum Errand: Hashable, Sendable {
    /// - Parameter images: which references it looks for.
    case observation(images: Set<String>)
    /// A step of a key.
    case step(Key)
    /// The containers of a slot once more, before the step takes one of them away.
    case confirmation(Key, Step, began: UInt64)
    /// One container because something happened to it, or because Docker is at work on it.
    case look(container: String, began: UInt64, turn: Key?)
}

/// A key whose last step may have happened.
struct Doubt: Hashable, Sendable {
    /// A full observation is under way that began after the step.
    var isBeingLookedAt = false
    /// The lane that the key is queued in when the doubt is gone; nil when nobody asked for a turn.
    var waitingIn: Lane?
}

/// A step in flight.
struct Flight: Hashable, Sendable {
    var ticket: Ticket
    var intent: Int64?
    var action: Action
    var step: Step
    var begun: Duration
}
