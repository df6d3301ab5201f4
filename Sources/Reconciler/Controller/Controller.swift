package import Logging
import Specs

/// Brings the host to what git says and keeps it there: observes, plans, and lets workers take one step at a time.
///
///     setDesired --+
///     resync ------+--> plan everything --> keys --> WorkQueue --> work(key): plan this key, take one step
///     change hint -+                                    ^------------------------------' done, retry, wait
///
/// What was observed lives here and nowhere else. Every own step brings back what the host shows afterwards, so a
/// worker never plans on something older than the controller's own last write.
package actor Controller {
    /// When `run` returns.
    package enum Mode: Sendable {
        /// When nothing is left that could be done now.
        case untilSettled
        /// When the task is cancelled; steps in flight are finished first.
        case forever
    }

    let driver: any Driver
    let store: any StateStore
    let host: HostSettings
    let settings: ControllerSettings
    let logger: Logger
    private let clock: any Clock<Duration>
    private let started: ContinuousClock.Instant

    private(set) var desired: DesiredState?
    var observed = ObservedState()
    var queue = WorkQueue<Key>()
    var limiter: RateLimiter<Key>
    var restarts = RestartLedger()
    /// Keys that only a person or a commit can help, and why.
    var stalls: [Key: Stall] = [:]
    /// Keys that wait for another key to be done, and how urgent they are.
    var waiters: [Key: [Key: Lane]] = [:]
    /// The last repair of each key that was not followed by a quiet plan; the same again would be a loop.
    var lastRepair: [Key: Step] = [:]
    /// Results of own steps that ended while a full observation is under way, and are newer than it; nil between two.
    var resultsDuringObservation: [StepResult]?
    /// The full observation that was asked for last.
    var observation: (task: Task<Bool, Never>, hasBegun: Bool)?
    /// What the next full observation looks for beside the images of the revision in force.
    var imagesToObserve: Set<String> = []
    /// The start at which our probe found each container ready, by container id.
    var probedStarts: [String: String] = [:]
    /// Workers at their turn, and the step that each of them is taking.
    var workers: [Key: Task<Void, Never>] = [:]
    var stepsInFlight: [Key: Step] = [:]
    /// Containers that something happened to while a step of their member was under way.
    var hintsDuringSteps: [Key: Set<String>] = [:]
    /// Steps since the last full look in `untilSettled`, probes not counted.
    var stepsTaken = 0
    var mode = Mode.forever
    /// Why the engine cannot be observed; nil while it can.
    var engineProblem: DriverError?
    var lastObservation: Duration?
    private var shares: [String: Share] = [:]
    let wakeUps: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    package init(
        driver: any Driver, store: any StateStore, host: HostSettings, settings: ControllerSettings = .init(),
        logger: Logger, clock: any Clock<Duration> = ContinuousClock(), seed: UInt64 = .random(in: 0...(.max))
    ) {
        self.driver = driver
        self.store = store
        self.host = host
        self.settings = settings
        self.logger = logger
        self.clock = clock
        started = ContinuousClock.now
        limiter = RateLimiter(settings.backoff, seed: seed)
        (wakeUps, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: What others ask of it

    /// Puts a revision in force, after a look at the host that covers what it names.
    package func setDesired(_ state: DesiredState) async {
        // Before the loop runs there is nothing to bring up to date.
        let isSeen = observation == nil ? false : await observeAll(alsoFor: state.images)
        desired = state
        shares = SolitaryCoordinator.shares(of: state.hostPools, for: host.identity)
        // A new revision is what a stalled key was waiting for, and a reason to look behind moving tags again.
        observed.refreshedImages = []
        limiter.forgetAll()
        stalls = [:]
        lastRepair = [:]
        logger.info(
            "revision in force",
            metadata: [
                "event": "revision.accepted", "revision": "\(state.revision.id)", "objects": "\(state.objects.count)",
            ])
        if isSeen { enqueueChanges() }
    }

    /// The plan for the whole host as of now; nil before there is a revision and an observation.
    package func currentPlan() -> Plan? {
        guard desired != nil, lastObservation != nil else { return nil }
        return plan(.everything)
    }

    package func status() -> HostStatus {
        HostStatus(
            host: host, desired: desired, observed: observed, plan: currentPlan(), stalls: stalls,
            isObserved: lastObservation != nil, engineProblem: engineProblem)
    }

    // MARK: Shared by loop and workers

    /// Time since the controller started.
    var uptime: Duration { started.duration(to: .now) }

    func plan(_ scope: Planner.Scope) -> Plan {
        guard let desired else { return Plan() }
        let gates = Gates(
            shares: shares, restartsNotBefore: restarts.notBefore,
            readyNotBefore: restarts.lastStarts.mapValues { $0 + settings.minReadyTime })
        return Planner.plan(
            desired: desired, observed: observed, gates: gates, now: Now(uptime: uptime), scope: scope)
    }

    /// Queues every key for which something could be done.
    func enqueueChanges() {
        let actions = plan(.everything).actions
        // Somebody may have put right what only a person could.
        let open = Set(actions.map(\.key))
        stalls = stalls.filter { open.contains($0.key) }
        // A single run gives up on a key once, or it would never end.
        let givenUp: Set<Key> = if case .untilSettled = mode { Set(stalls.keys) } else { [] }
        for action in actions where !givenUp.contains(action.key) {
            switch action.verdict {
            case .held: continue
            case .notBefore(let time): add(action.key, lane(of: action), at: time)
            case .stalled(let stall): markStalled(action.key, stall)
            // A key that failed comes back by itself when its backoff is over, and not before.
            case .go, .waitFor: if limiter.failures(of: action.key) == 0 { add(action.key, lane(of: action)) }
            }
        }
        wakeUp()
    }

    func lane(of action: Action) -> Lane {
        guard case .member(let member) = action.key else { return Lane(action, wasMade: false) }
        return Lane(action, wasMade: observed.storedIncarnations[member] != nil)
    }

    func add(_ key: Key, _ lane: Lane) { queue.add(key, lane: lane, now: uptime) }

    func add(_ key: Key, _ lane: Lane, at time: Duration) { queue.add(key, lane: lane, at: time, now: uptime) }

    /// Asks for another turn of a key at its turn, as urgent as this one: what was begun is finished.
    func addAgain(_ key: Key, at time: Duration = .zero) {
        add(key, queue.lane(ofTurn: key) ?? .resync, at: time)
    }

    func wakeUp() { wake.yield() }

    func sleep(for duration: Duration) async throws { try await clock.sleep(for: duration) }
}
