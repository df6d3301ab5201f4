package import Invariants
package import Logging
package import ReconcileTesting
package import Reconciler
import Specs

/// One host in one process: the program's own heart, and around it an engine, a repository, a disk and a clock that do
/// what the seed says.
///
/// No task, no thread, no real time: the world takes the next thing that happens from its agenda, moves its clock there,
/// and tells whom it concerns. So the same seed gives the same trace, event by event, on any machine.
package struct World {
    /// Since the world began; never jumps.
    package internal(set) var now = Duration.zero
    package internal(set) var checker: Checker
    package internal(set) var engine: FakeEngine
    package internal(set) var figures = Figures()
    /// What happened, where somebody wants to read it.
    package internal(set) var trace: Trace?
    package var trouble = Trouble.none

    let journal = SimulatedJournal()
    var git: SimulatedGit
    var agenda = Agenda<Happening>()
    var dice: SplitMix64
    let drafts: RandomDrafts
    let settings: ControllerSettings
    let host: HostSettings
    let logger: Logger
    let bug: SeededBug?

    // MARK: The program, while it runs

    /// Behind a reference, or every question would copy all that it knows.
    var program: Program?
    var run = 0
    var bootedAt = Duration.zero
    var isStreamOpen = false
    /// What the checker was told to be in force.
    var announced: String?

    /// How much the program was told at this moment.
    var inputsNow = (time: Duration.zero, count: 0)
    static let mostInputsAtOnce = 5_000

    // MARK: The world's memory

    var calls: [UInt64: WireCall] = [:]
    var lastCall: UInt64 = 0
    var signatures: [String: Signature] = [:]
    /// Containers whose health check never succeeds.
    var neverReady: Set<String> = []
    /// What the containers of runs do: how long they take, and how they end.
    var runs: [String: RunOrder] = [:]
    /// Why the engine changes at this moment.
    var cause = TraceEvent.Cause.engine
    var faults: Set<Fault> = []
    /// The wall clock at the beginning, and how far it has jumped.
    var wallSeconds = World.wallAtStart
    var allowedRevision: String?
    /// That a person asked for, as the program has written it down.
    var hostDrain: Drain?
    var sabotage = Sabotage()
    /// Whoever wants a member of a pool, or has one.
    var crowd = Crowd()
    /// What the claim files of members say, by the container's id.
    var claimFiles: [String: Claim] = [:]
    /// The name of an object whose calls all hang until the driver's deadline.
    var poisoned: String?
    /// Objects of the revision in force that an autoscaler gives their number, and how their metrics go.
    var scaled: [ResourceID] = []
    var series: [String: MetricSeries] = [:]
    /// The points at which the program will end, counted from each boot.
    var crashPlan: [Int] = []

    /// - Parameters:
    ///   - drafts: the revisions that people may come to write.
    ///   - logger: of the program.
    ///   - tracing: whether what happens is kept for a person to read, and printed.
    ///   - bug: something that is wrong on purpose.
    package init(
        seed: UInt64, drafts: RandomDrafts = RandomDrafts(.large, .everything), settings: ControllerSettings,
        logger: Logger = .silent, tracing: Tracing = .none, bug: SeededBug? = nil
    ) {
        self.drafts = drafts
        self.settings = settings
        self.logger = logger
        self.bug = bug
        host = HostSettings(identity: HostIdentity(name: "host-a"))
        dice = SplitMix64(seed: seed)
        git = SimulatedGit(host: host)
        checker = Checker(owner: host.owner, canaries: [Self.canary])
        trace = tracing == .none ? nil : Trace(isPrinted: tracing == .printed)
        engine = FakeEngine(images: ["app:1"], registry: RandomDrafts.images, recordingChanges: true)
        engine.machine = PreflightFacts(dataFree: 50 << 30, dataSize: 100 << 30, firewallChains: .present)
        if bug == .loseIntents { journal.loseIntents() }
        if bug == .forgetClaims { journal.loseNewClaims() }
        if bug == .forgetSize { journal.loseSizes() }
        agenda.add(.boots, at: .zero)
    }

    /// 2023-11-14T22:13:20Z.
    static let wallAtStart: Int64 = 1_700_000_000

    /// A secret that is in the environment of some containers.
    static let canary = "canary-7f3a"

    // MARK: Time

    /// The next thing happens.
    ///
    /// - Returns: false when nothing will ever happen, or not before the end.
    package mutating func step(until end: Duration) -> Bool {
        let wake = program?.nextDeadline.map { max($0 + bootedAt, now) }
        guard let next = [agenda.nextTime, wake].compactMap({ $0 }).min(), next <= end else { return false }
        now = max(now, next)
        checker.wall = moment.wall
        engine.clock = moment.wall
        if agenda.nextTime == next, let (_, item) = agenda.popFirst() {
            happen(item)
        } else {
            tell(.time)
        }
        return true
    }

    /// Lets everything happen up to a moment, or to the first violation.
    package mutating func run(until end: Duration) {
        while checker.violations.isEmpty, step(until: end) {}
        if checker.violations.isEmpty { now = max(now, end) }
    }

    /// What the program takes for the time: its own since it began, and a wall clock that may jump.
    var moment: Now {
        Now(
            uptime: now - bootedAt,
            wall: Instant(secondsSince1970: wallSeconds + now.components.seconds))
    }

    mutating func schedule(_ item: Happening, in delay: Duration) { agenda.add(item, at: now + delay) }

    private mutating func happen(_ item: Happening) {
        switch item {
        case .arrives(let call): arrive(call)
        case .inspected(let call): inspect(call)
        case .answered(let call): answer(call)
        case .hint(let run, let hint): if run == self.run, isStreamOpen { tell(.hint(hint)) }
        case .streamOpens(let run): openStream(run)
        case .streamBreaks(let run): breakStream(run)
        case .looksAtGit(let run): if run == self.run { lookAtGit() }
        case .boots: boot()
        case .measured(let run, let ticket, let readings): if run == self.run { answer(ticket, readings) }
        case .asks(let person): ask(person)
        case .hears(let person, let ask, let result): hear(person, ask, result)
        case .hangsUp(let person, let ask): hangUp(person, ask)
        case .acts(let person): act(person)
        case .verdict(let container, let start): giveVerdict(on: container, start)
        case .uncordons: uncordon()
        case .exits(let container, let start): exit(container, start)
        case .tick: tick()
        case .ends(let fault): end(fault)
        }
    }

    // MARK: The trace

    mutating func emit(_ event: TraceEvent) {
        let before = checker.violations.count
        checker.take(event, at: now)
        trace?.add(event, at: now)
        for violation in checker.violations.dropFirst(before) { trace?.note("VIOLATION \(violation)", at: now) }
    }

    // MARK: Dice

    mutating func chance(_ thousandths: Int) -> Bool {
        thousandths > 0 && Int.random(in: 0..<1_000, using: &dice) < thousandths
    }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[Int.random(in: values.indices, using: &dice)] }

    mutating func between(_ low: Int, _ high: Int) -> Duration {
        .milliseconds(low == high ? low : Int.random(in: low...high, using: &dice))
    }
}

/// A run of the program.
final class Program {
    var loop: ControlLoop

    init(_ loop: ControlLoop) { self.loop = loop }

    /// Asked before every input, in place: the loop is large.
    var nextDeadline: Duration? { loop.nextDeadline }
}

extension Logger {
    /// Says nothing.
    package static var silent: Logger { Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() } }
}
