import Logging
import ReconcileTesting
import Reconciler
import Specs
import Synchronization

/// A control loop whose world is the test: it sees every effect, and answers when and how it likes.
struct LoopRig {
    let journal: RecordingJournal
    var loop: ControlLoop
    /// Effects without an answer, oldest first.
    private(set) var pending: [Effect] = []
    var uptime: Duration = .zero
    var wall: Instant
    private var now: Now { Now(uptime: uptime, wall: wall) }

    init(
        _ desired: DesiredState?, stored: StoredState = StoredState(), audit: RecordingAudit? = nil,
        mode: ControlLoop.Mode = .forever, refusing: StateStoreError? = nil,
        wall: Instant = Instant(secondsSince1970: 0)
    ) throws {
        self.wall = wall
        journal = RecordingJournal(stored)
        journal.refuse(with: refusing)
        loop = ControlLoop(
            journal: journal, audit: audit, host: Declared.host,
            settings: ControllerSettings(resyncInterval: .seconds(30)),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            seed: 1)
        let now = Now(uptime: uptime, wall: wall)
        if let desired { _ = loop.take(.desired(desired), now: now) }
        pending = try loop.start(mode, now: now)
    }

    mutating func tell(_ input: Input) { pending += loop.take(input, now: now) }

    /// What alice asks for; answers what she is told.
    mutating func ask(_ request: CommandRequest) throws(CommandRefusal) -> String {
        let (message, effects) = try loop.take(request, by: "alice", now: now)
        pending += effects
        return message
    }

    /// What the loop asks for when somebody wants it to look.
    mutating func lookAgain() -> [Effect] {
        let effects = loop.lookAgain(now: now)
        pending += effects
        return effects
    }

    /// Lets time pass.
    mutating func wait(_ duration: Duration) {
        uptime += duration
        wall = wall.advanced(bySeconds: duration.components.seconds)
        tell(.time)
    }

    /// The full observation that was asked for first.
    mutating func observed(_ state: ObservedState) { observed(.success(state)) }

    mutating func observed(_ result: Result<ObservedState, DriverError>) {
        guard let index = pending.firstIndex(where: { if case .observe = $0 { true } else { false } }) else { return }
        tell(.observed(pending.remove(at: index).ticket, result))
    }

    /// Answers the look that was asked for first.
    mutating func looked(_ containers: [String: ObservedContainer?], preflight: PreflightFacts? = nil) {
        guard let index = pending.firstIndex(where: { if case .look = $0 { true } else { false } }) else { return }
        tell(.looked(pending.remove(at: index).ticket, .success(containers), preflight: preflight))
    }

    /// Answers the step that was asked for first.
    mutating func ended(_ result: Result<StepResult, DriverError>) {
        guard let index = pending.firstIndex(where: { if case .apply = $0 { true } else { false } }) else { return }
        tell(.stepEnded(pending.remove(at: index).ticket, result))
    }

    /// What the loop asked for in a way of its own.
    mutating func add(_ effects: [Effect]) { pending += effects }

    /// Takes the first effect of a kind out of those without an answer.
    mutating func take(where isMeant: (Effect) -> Bool) -> Ticket? {
        pending.firstIndex(where: isMeant).map { pending.remove(at: $0).ticket }
    }

    var steps: [Step] { pending.compactMap { if case .apply(_, let step) = $0 { step } else { nil } } }
    var stepNames: [String] { steps.map(\.name) }
    var observations: [Interest] {
        pending.compactMap { if case .observe(_, let interest) = $0 { interest } else { nil } }
    }
    var looks: [[String]] { pending.compactMap { if case .look(_, let ids, _, _) = $0 { ids } else { nil } } }
}

/// A journal that keeps every commit for the test to read, and refuses when told to.
final class RecordingJournal: StateJournal {
    private struct Contents {
        var stored: StoredState
        var commits: [[StateChange]] = []
        var refusal: StateStoreError?
        /// How many commits are still refused.
        var refusals = Int.max
    }

    private let contents: Mutex<Contents>

    init(_ stored: StoredState) { contents = Mutex(Contents(stored: stored)) }

    var commits: [[StateChange]] { contents.withLock { $0.commits } }

    func refuse(with error: StateStoreError?, times: Int = .max) {
        contents.withLock { ($0.refusal, $0.refusals) = (error, times) }
    }

    func load() throws(StateStoreError) -> StoredState { contents.withLock { $0.stored } }

    func commit(_ changes: [StateChange]) throws(StateStoreError) {
        let refusal = contents.withLock { contents -> StateStoreError? in
            if contents.refusal != nil, contents.refusals > 0 {
                contents.refusals -= 1
                return contents.refusal
            }
            contents.commits.append(changes)
            return nil
        }
        if let refusal { throw refusal }
    }

    func events(limit: Int) throws(StateStoreError) -> [EventRecord] { [] }

    func history(limit: Int) throws(StateStoreError) -> [RevisionRecord] { [] }

    /// The intents that were written, in order.
    var intents: [Intent] {
        commits.joined().compactMap { if case .begin(let intent) = $0 { intent } else { nil } }
    }

    /// How each of them ended, by id.
    var outcomes: [Int64: StepOutcome] {
        let pairs = commits.joined().compactMap { change in
            if case .end(let intent, let outcome) = change { (intent, outcome) } else { nil }
        }
        return Dictionary(pairs) { _, last in last }
    }
}

/// An audit log that keeps every line for the test to read, and refuses when told to.
final class RecordingAudit: AuditTrail {
    private struct Contents {
        var entries: [AuditEntry] = []
        var refusal: StateStoreError?
    }

    private let contents = Mutex(Contents())

    var entries: [AuditEntry] { contents.withLock { $0.entries } }

    func refuse(with error: StateStoreError?) { contents.withLock { $0.refusal = error } }

    func append(_ entries: [AuditEntry], isSynced: Bool) throws(StateStoreError) {
        let refusal = contents.withLock { contents in
            if contents.refusal == nil { contents.entries += entries }
            return contents.refusal
        }
        if let refusal { throw refusal }
    }
}
