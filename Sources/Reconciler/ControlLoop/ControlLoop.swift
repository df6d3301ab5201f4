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
    /// The one that an earlier run had in force at its end, until this run has one.
    var inForceBefore: Revision?
    var pins: [ResourceID: Pin] = [:]
    /// What the revision before says, and those that pins and rollouts name, by id.
    var earlierRevisions: [String: DesiredState] = [:]
    /// Their ids, the one that was in force last at the end; those that an earlier run left behind first.
    var undoOrder: [String] = []
    /// What holds actions back besides the specs and the host; times are filled in when something is planned.
    var gates = Gates()
    var chains = ChainWatch()
    /// Whether the host was seen to be as the revision in force says.
    var isApplied = false
    /// Something has settled since it was last asked whether it is.
    var hasSettled = false
    package internal(set) var informer = Informer()

    var queue = WorkQueue<Key>()
    var limiter: RateLimiter<Key>
    var concurrency: ConcurrencyLimit
    var restarts: RestartLedger
    var claims = ClaimLedger()
    var pools: [ResourceID: PoolWatch] = [:]
    /// Pools of which something is new.
    var dirtyPools: Set<ResourceID> = []
    /// Pools in which nothing becomes ready, and why.
    var slowPools: [ResourceID: Stall] = [:]
    /// What autoscalers remember, by what they scale.
    var autoscalers: [ResourceID: ScalingWatch] = [:]
    /// What those of earlier runs remembered, by what they scale.
    var storedScaling: [ResourceID: ScalingState] = [:]
    /// Scaled pools in which something happened that their metrics count.
    var dirtyAutoscalers: Set<ResourceID> = []
    /// What is rolled out, by object.
    var rollouts: [ResourceID: RolloutWatch] = [:]
    /// What earlier runs remembered of rollouts, by object; nil before it was read.
    var storedRollouts: [ResourceID: RolloutState]?
    /// Objects of whose rollout something may be new.
    var dirtyRollouts: Set<ResourceID> = []
    /// When the next rollout is looked at; nil where none is open.
    var nextRollout: Duration?
    /// What is remembered of tasks.
    var tasks: [ResourceID: TaskWatch] = [:]
    /// What earlier runs remembered of tasks; nil before it was read.
    var storedTasks: [ResourceID: TaskMemory]?
    /// Tasks of which something is new.
    var dirtyTasks: Set<ResourceID> = []
    /// How often the host was seen in full since the start.
    var fullLooks = 0
    /// Up to when openings of windows were announced, and when the next is due.
    var noticedUntil: Instant?
    var nextNotice: Duration?
    /// That moment is known.
    var windowsAreTended = false
    /// When the next drain must have come to its end; nil where none must.
    var nextDrain: Duration?
    /// Drains of git's are as the revision in force says.
    var drainsFollowGit = false
    /// When the next autoscaler is due; nil where none is.
    var nextScaling: Duration?
    /// Members that somebody had.
    var formerlyClaimed: Set<MemberInstance> = []
    /// Members that the last complete look did not show, and that nobody has.
    var absentMembers: Set<MemberInstance> = []
    var random: SplitMix64
    /// Keys that only a person or a commit can help, and why.
    var stalls: [Key: Stall] = [:]
    /// Keys that wait for another key to be done, and how urgent they are.
    var waiters: [Key: [Key: Lane]] = [:]
    /// Members that wait for others of their object to be replaced, and how urgent they are.
    var turnWaiters: [ResourceID: [Key: Lane]] = [:]
    /// Keys of an object that a gate holds: what is seen of another member may open it.
    var heldKeys: [ResourceID: [Key: Lane]] = [:]
    var repairs = RepairLedger()
    var firewallMeter = FirewallMeter()
    /// Something was seen of a member that ports lead to, or may have to.
    var isTrafficDirty = false
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
    var nextObservation: Duration?
    var observationFailures = 0
    var lastImageRefresh = Duration.zero
    /// The engine could not be observed in `untilSettled`, where nobody waits for it.
    package internal(set) var failure: DriverError?

    private var lastTicket: Ticket = 0
    var lastIntent: Int64 = 0
    /// The uptime at which `take(.time)` has something to do; nil when only an answer or an event has.
    private(set) package var nextDeadline: Duration?
    /// What the world is asked to do at the end of `take`.
    private var effects: [Effect] = []
    /// When the turn comes that something waits for, see `concludeLater`.
    private var turnDue: Duration?
    /// Until when claims come before all else, see `conclude`; nil while no claim has put anything off.
    private var servesFirstUntil: Duration?
    /// What is committed before that, or with the next step.
    var changes: [StateChange] = []

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
        (noticedUntil, windowsAreTended, drainsFollowGit, nextScaling, fullLooks) = (nil, false, false, nil, 0)
        informer = Informer(stored)
        informer.clock = now.uptime
        try recall(stored)
        lastIntent = stored.lastIntent
        queue = WorkQueue()
        failure = nil
        isRunning = true
        isStopping = false
        // Each of these may have happened, which a look at everything shows, or at what it was about.
        recall(claims: stored.claims)
        for intent in stored.openIntents { doubts[intent.key, default: Doubt()].add(intent) }
        observe()
        return conclude()
    }

    /// Takes in what happened, and answers what is to be done now.
    ///
    /// Intents of the steps among the effects are on the disk when this returns.
    package mutating func take(_ input: Input, now: Now) -> [Effect] {
        self.now = now
        informer.clock = now.uptime
        // What is over by now is over for all that this input leads to.
        if !gates.drains.isEmpty { tendDrains() }
        switch input {
        case .desired(let state): accept(state)
        case .observed(let ticket, let result): take(ticket, result)
        case .looked(let ticket, let result, let preflight):
            if let preflight { informer.record(preflight) }
            looked(ticket, result)
        case .stepEnded(let ticket, let result): stepEnded(ticket, result)
        case .claim(let claimant, let request, let name):
            take(request, from: claimant, by: name)
            // One that is due already stays as it is: a crowd would put it off again and again.
            turnDue = min(turnDue ?? now.uptime, now.uptime)
            return concludeLater()
        case .abandoned(let claimant): abandon(claimant)
        case .bound(let ticket, let result):
            bound(ticket, result)
            return concludeLater()
        case .ran(let ticket, let result): ran(ticket, result)
        // Many of these come at once as well. What is ordered from others is written down before they hear of it.
        case .measured(let ticket, let readings):
            measured(ticket, readings)
            if effects.isEmpty { return concludeLater() }
        case .ordered(let ticket, let problem):
            ordered(ticket, problem)
            if effects.isEmpty { return concludeLater() }
        case .hint(let hint): look(at: hint)
        case .firewall(let facts): firewallChanged(facts)
        case .streamOpened: observe()
        case .streamLost: lostStream()
        case .time: break
        case .command(let command):
            do throws(StateStoreError) { try hear(command) } catch { complain(error) }
        case .stop: stop()
        }
        return conclude()
    }

    private var nextDeadlineNow: Duration? {
        guard isRunning, !isStopping else { return nil }
        if let turnDue { return turnDue }
        let pools = pools.values.lazy.compactMap(\.wake).min()
        return [
            queue.nextDeadline, claims.nextDeadline, pools, scalingDeadline, taskDeadline, nextNotice, nextDrain,
            informer.isCurrent ? nextRollout : nil,
            informer.isObserving ? nil : nextObservation,
        ].compactMap { $0 }.min()
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
    package var isStopped: Bool {
        isStopping && flights.isEmpty && claims.bindings.values.allSatisfy { $0.retry != nil }
    }

    /// All claims that are not over, and the newest of those that are, in the order of their ids.
    package var knownClaims: [Claim] { claims.all }

    /// The plan for the whole host as of now; nil before there is a revision and an observation.
    package func currentPlan() -> Plan? {
        guard desired != nil, informer.lastObservation != nil else { return nil }
        return plan(.everything)
    }

    package func status() -> HostStatus {
        status(with: currentPlan())
    }

    package func plan(_ scope: Planner.Scope) -> Plan {
        guard let desired else { return Plan() }
        return Planner.plan(desired: desired, observed: informer.observed, gates: currentGates, now: now, scope: scope)
    }

    /// What planning starts from as of now; nil before there is a revision.
    var context: PlanContext? { desired.map { PlanContext($0, informer.observed, currentGates, now) } }

    var currentGates: Gates {
        var gates = gates
        gates.restartsNotBefore = restarts.notBefore
        gates.readyNotBefore = restarts.readyNotBefore
        gates.readySince = informer.readySince
        gates.underWay = membersUnderWay
        gates.coming = comingMembers
        gates.startingRuns = startingRuns
        gates.holders = claims.holders
        if case .applyFirewall(let intent)? = flights[.firewall]?.step { gates.trafficUnderWay = intent.traffic }
        gates.isTrafficInDoubt = doubts[.firewall] != nil
        return gates
    }

    // MARK: The end of each input

    /// Hands out turns, writes down what must be, and answers what the world is to do.
    mutating func conclude() -> [Effect] {
        turnDue = nil
        meterFirewall()
        // Whoever can be served at once is answered before anything else is thought about, but not for long, or nothing else
        // would be done as long as claims come.
        let lastsUntil = servesFirstUntil ?? now.uptime + Self.serving
        if now.uptime < lastsUntil, serveReady() {
            servesFirstUntil = lastsUntil
            // Who is not served by now needs a member that is yet to be started.
            turnDue = claims.waiting.isEmpty ? lastsUntil : now.uptime
        } else {
            servesFirstUntil = nil
            work()
        }
        if !changes.isEmpty { commit() }
        return takeEffects()
    }

    /// How long claims may come before all else: longer than a member takes to be handed out, and much shorter than anything
    /// takes that is done for it.
    private static let serving = Duration.milliseconds(10)

    /// Puts the turn off to `nextDeadline`, which is now unless claims are served first: what comes in until then, as claims do
    /// in crowds, is thought about once and written down in one go.
    mutating func concludeLater() -> [Effect] {
        guard isRunning, !isStopping else { return conclude() }
        if turnDue == nil { turnDue = now.uptime }
        return takeEffects()
    }

    private mutating func work() {
        tendWindows()
        tendDrains()
        tendPools()
        tendAutoscalers()
        // An autoscaler may have asked for more of what it has just heard of.
        if !dirtyPools.isEmpty { tendPools() }
        tendTasks()
        tendRollouts()
        tendTraffic()
        guard isRunning, !isStopping else { return }
        if let due = nextObservation, due <= now.uptime { observe() }
        startTurns()
        if !dirtyRollouts.isEmpty {
            // Somebody who was waited for is done.
            tendRollouts()
            tendTraffic()
            startTurns()
        }
        if hasSettled, queue.isDrained, !queue.hasDelayed {
            hasSettled = false
            noteApplied()
        }
        if case .untilSettled = mode, stepsTaken > 0, errands.isEmpty, queue.isDrained, !queue.hasDelayed {
            // What was just done is looked at again: a container may stop as soon as it has started.
            stepsTaken = 0
            observe()
        }
    }

    private mutating func takeEffects() -> [Effect] {
        nextDeadline = nextDeadlineNow
        defer { effects = [] }
        return effects
    }

    mutating func ask(_ effect: Effect, for errand: Errand) {
        errands[effect.ticket] = errand
        effects.append(effect)
    }

    mutating func rewrite(_ claim: Claim) { effects.append(.rewrite(newTicket(), claim)) }

    /// Tells whoever asked for a claim.
    mutating func answer(_ claimant: Ticket, _ result: Result<Claim, ClaimRefusal>) {
        effects.append(.answer(claimant, result))
    }

    mutating func giveUp(_ ticket: Ticket) { effects.append(.giveUp(ticket)) }

    mutating func newTicket() -> Ticket {
        lastTicket += 1
        return lastTicket
    }

    private mutating func stop() {
        isStopping = true
        queue.shutDown(.atOnce)
        refuseAllWaiting()
        // A pull may take many minutes, and the engine keeps the layers that it has.
        for ticket in flights.values.filter(\.step.isPull).map(\.ticket).sorted() { giveUp(ticket) }
    }
}
