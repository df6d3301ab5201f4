import ReconcileTesting
import Reconciler
import Synchronization

/// A journal on a disk of its own: what was committed survives the program, which may end before and after each commit.
///
/// What it keeps, and how, is the twin of the real store, which the store's own tests hold to the same rules.
final class SimulatedJournal: StateJournal {
    /// What the world must know of a commit.
    enum Entry: Sendable {
        case committed([StateChange])
        case failed
    }

    private struct Control {
        /// Since the world last asked.
        var log: [Entry] = []
        /// Points at which the program could have ended so far.
        var points = 0
        /// The number of the point at which it does.
        var crashAt: Int?
        var isCrashed = false
        var isFull = false
        /// Commits say that they happened, and forget what is begun.
        var losesIntents = false
        /// The same with claims.
        var losesClaims = false
        /// And with what autoscalers decide.
        var losesSizes = false
        var openIntents: Set<Int64> = []
        var accepted: AcceptedRevision?

        mutating func reach() -> Bool {
            if isCrashed { return true }
            points += 1
            if let crashAt, points >= crashAt { isCrashed = true }
            return isCrashed
        }

        func loses(_ change: StateChange) -> Bool {
            losesIntents && change.isBeginning || losesClaims && change.isClaim || losesSizes && change.isSize
        }

        mutating func note(_ changes: [StateChange]) {
            for change in changes {
                switch change {
                case .begin(let intent): openIntents.insert(intent.id)
                case .end(let intent, _): openIntents.remove(intent)
                case .accept(let revision): accepted = revision
                default: break
                }
            }
            log.append(.committed(changes))
        }
    }

    private let store = InMemoryStateStore()
    private let control = Mutex(Control())

    func load() throws(StateStoreError) -> StoredState { try store.load() }

    func commit(_ changes: [StateChange]) throws(StateStoreError) {
        let (isGone, isFull, kept) = control.withLock { control in
            (control.reach(), control.isFull, changes.filter { !control.loses($0) })
        }
        if isGone { throw Self.gone }
        if isFull {
            control.withLock { $0.log.append(.failed) }
            throw StateStoreError(.unavailable, "database or disk is full")
        }
        try store.commit(kept)
        let isGoneNow = control.withLock { control in
            control.note(kept)
            return control.reach()
        }
        if isGoneNow { throw Self.gone }
    }

    func events(limit: Int) throws(StateStoreError) -> [EventRecord] { try store.events(limit: limit) }
    func history(limit: Int) throws(StateStoreError) -> [RevisionRecord] { try store.history(limit: limit) }

    /// What a dead program hears; nothing that it does then matters.
    private static let gone = StateStoreError(.unavailable, "the program has ended")

    // MARK: The world's side

    /// The program could end here.
    ///
    /// - Returns: whether it does.
    func reach() -> Bool { control.withLock { $0.reach() } }

    var points: Int { control.withLock { $0.points } }
    var isCrashed: Bool { control.withLock { $0.isCrashed } }
    var openIntents: Int { control.withLock { $0.openIntents.count } }
    var accepted: AcceptedRevision? { control.withLock { $0.accepted } }

    /// Ends the program at the point after so many more.
    func crash(after more: Int) { control.withLock { $0.crashAt = $0.points + 1 + more } }

    /// How many points are left until the program ends; nil where it goes on.
    var pointsLeft: Int? { control.withLock { control in control.crashAt.map { $0 - control.points } } }

    /// Another run of the program begins, or the one that runs is left in peace.
    func revive() {
        control.withLock { control in
            control.isCrashed = false
            control.crashAt = nil
        }
    }

    func setFull(_ isFull: Bool) { control.withLock { $0.isFull = isFull } }
    func loseIntents() { control.withLock { $0.losesIntents = true } }
    func loseNewClaims() { control.withLock { $0.losesClaims = true } }
    func loseSizes() { control.withLock { $0.losesSizes = true } }
    func loseAllClaims() { store.loseClaims() }

    func takeLog() -> [Entry] {
        control.withLock { control in
            if control.log.isEmpty { return [] }
            defer { control.log = [] }
            return control.log
        }
    }
}

extension StateChange {
    fileprivate var isBeginning: Bool { if case .begin = self { true } else { false } }

    fileprivate var isClaim: Bool { if case .claim = self { true } else { false } }

    fileprivate var isSize: Bool { if case .scaled = self { true } else { false } }
}
