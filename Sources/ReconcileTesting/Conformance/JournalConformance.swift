package import Reconciler
import Specs

/// What every journal must do, the real one and its twin alike: the contract of `StateJournal` as a list of checks.
package enum JournalConformance {
    package static let checks: [JournalCheck] =
        revisionChecks + intentChecks + memberChecks + recordChecks + groupChecks
}

/// One behaviour, as a sentence and the code that checks it.
package struct JournalCheck: Sendable, CustomStringConvertible {
    /// A sentence: what the journal does.
    package var description: String
    private let body: @Sendable (JournalBench) throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (JournalBench) throws -> Void) {
        self.description = description
        self.body = body
    }

    /// - Parameter open: opens the journal of this check, a new one at first, and the same one at every later call.
    /// - Throws: `ConformanceFailure`, or the `StateStoreError` of a commit that should have worked.
    package func run(opening open: @escaping (JournalBounds) throws -> any StateJournal) throws {
        try body(JournalBench(open: open))
    }
}

/// The journal under one check, and the short words that checks are written in.
struct JournalBench {
    /// Small, so that a check can fill them.
    static let bounds = {
        var bounds = JournalBounds()
        bounds.events = 20
        bounds.history = 5
        bounds.approvals = 3
        bounds.endedIntents = 4
        return bounds
    }()

    let journal: any StateJournal
    private let open: (JournalBounds) throws -> any StateJournal

    init(open: @escaping (JournalBounds) throws -> any StateJournal) throws {
        self.open = open
        journal = try open(Self.bounds)
    }

    func commit(_ changes: StateChange...) throws { try journal.commit(changes) }

    /// Expects this of what is there now, and of what is there after reopening.
    func expect<Value: Equatable>(_ part: (StoredState) -> Value, _ expected: Value, _ what: String) throws {
        try expectEqual(part(try journal.load()), expected, what)
        try expectEqual(part(try open(Self.bounds).load()), expected, "\(what), after reopening,")
    }

    func expectEqual<Value: Equatable>(_ value: Value, _ expected: Value, _ what: String) throws {
        if value != expected { throw ConformanceFailure(description: "\(what) is \(value), and should be \(expected)") }
    }

    /// Commits a group that must be refused as a conflict and change nothing.
    func expectConflict(_ changes: StateChange...) throws {
        let state = try journal.load()
        let events = try journal.events(limit: .max)
        let history = try journal.history(limit: .max)
        do throws(StateStoreError) {
            try journal.commit(changes)
        } catch {
            try expectEqual(error.code, .conflict, "the code of '\(error)'")
            try expect(\.self, state, "the state after a refused group")
            try expectEqual(try journal.events(limit: .max), events, "the events after a refused group")
            try expectEqual(try journal.history(limit: .max), history, "the history after a refused group")
            return
        }
        throw ConformanceFailure(description: "not refused: \(changes)")
    }

    // What checks talk about.

    static let web = ResourceID(.workload, "web")
    static let agents = ResourceID(.warmPool, "agents")
    static let now = Instant(secondsSince1970: 1_795_267_500)

    static func instance(_ incarnation: Int = 1) -> MemberInstance { MemberInstance(MemberID(web, 0), incarnation) }

    static func revision(_ id: String) -> Revision { Revision(id: id, reference: "main") }

    static func accepted(_ id: String, _ files: String...) -> AcceptedRevision {
        AcceptedRevision(revision: revision(id), files: files.map { SpecFile(path: $0, bytes: Array($0.utf8)) })
    }

    static func intent(_ id: Int64, of key: Key = .object(web), incarnation: Int? = nil) -> Intent {
        Intent(
            id: id, key: key, step: "create-container", subject: "web-0-1", incarnation: incarnation, revision: "one",
            observation: .max - UInt64(id), engine: "engine@1", begun: now)
    }

    static func event(_ number: Int) -> EventRecord {
        EventRecord(
            time: now.advanced(bySeconds: Int64(number)), severity: number % 2 == 0 ? .normal : .warning,
            key: number % 3 == 0 ? nil : .member(MemberID(web, number)), reason: "Started", message: "number \(number)",
            revision: number % 5 == 0 ? nil : "one")
    }

    static func record(_ id: String, _ outcome: RevisionRecord.Outcome, commit: CommitFacts? = nil) -> RevisionRecord {
        RevisionRecord(revision: revision(id), commit: commit, outcome: outcome, message: "because of \(id)", time: now)
    }

    static func pin(_ object: ResourceID, to id: String?) -> Pin {
        Pin(
            object: object, revision: id.map(revision), cause: .quarantined, reason: "it crashed", rejected: "meaning",
            since: now)
    }
}
