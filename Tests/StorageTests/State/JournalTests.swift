import GRDB
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import Storage

struct JournalTests {
    @Test("the file is a journal", arguments: JournalConformance.checks)
    func conforms(_ check: JournalCheck) throws {
        let scratch = try ScratchState()
        try check.run { bounds in try SQLiteStateStore(path: scratch.database, bounds: bounds) }
    }

    @Test("its twin in memory is a journal", arguments: JournalConformance.checks)
    func twinConforms(_ check: JournalCheck) throws {
        var store: InMemoryStateStore?
        try check.run { bounds in
            let opened = store ?? InMemoryStateStore(bounds: bounds)
            store = opened
            return opened
        }
    }

    @Test("any sequence of changes leaves the same in the file, in its twin, and after reopening", arguments: 0..<12)
    func sameAsTwin(seed: UInt64) throws {
        let scratch = try ScratchState()
        var bounds = JournalBounds()
        (bounds.events, bounds.history, bounds.approvals, bounds.endedIntents) = (10, 4, 3, 5)
        let twin = InMemoryStateStore(bounds: bounds)
        var changes = RandomChanges(seed: seed)
        for _ in 0..<4 {
            let store = try SQLiteStateStore(path: scratch.database, bounds: bounds)
            #expect(try store.load() == twin.load())
            for _ in 0..<50 {
                let group = changes.group()
                #expect(outcome(of: group, on: store) == outcome(of: group, on: twin), "\(group)")
            }
            #expect(try store.load() == twin.load())
            #expect(try store.events(limit: .max) == twin.events(limit: .max))
            #expect(try store.history(limit: .max) == twin.history(limit: .max))
        }
    }

    private func outcome(of group: [StateChange], on journal: some StateJournal) -> StateStoreError? {
        do throws(StateStoreError) {
            try journal.commit(group)
            return nil
        } catch {
            return error
        }
    }

    @Test("ended intents and events are trimmed now and then, not at each insert")
    func trims() throws {
        let scratch = try ScratchState()
        var bounds = JournalBounds()
        (bounds.events, bounds.endedIntents) = (10, 10)
        let store = try SQLiteStateStore(path: scratch.database, bounds: bounds)
        for id in 1...Int64(600) {
            let intent = Intent(
                id: id, key: .object(ResourceID(.workload, "web")), step: "start", subject: "web-0-1", revision: "one",
                observation: 1, engine: "engine", begun: testMoment)
            try store.commit([
                .begin(intent), .end(intent: id, .done),
                .event(EventRecord(time: testMoment, reason: "Started", message: "")),
            ])
        }
        for table in ["intent", "event"] {
            let count = try store.database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") }
            #expect((10...10 + 256).contains(count ?? 0), "\(table)")
        }
    }

    @Test("people read events and history beside the store, and nothing where there is no file")
    func readers() throws {
        let scratch = try ScratchState()
        #expect(try SQLiteStateStore.events(readingFrom: scratch.database, limit: 5) == [])
        #expect(try SQLiteStateStore.history(readingFrom: scratch.database, limit: 5) == [])
        #expect(try SQLiteStateStore.openIntents(readingFrom: scratch.database) == [])
        let store = try SQLiteStateStore(path: scratch.database)
        let record = RevisionRecord(
            revision: Revision(id: "one", reference: "main"), outcome: .held, message: "no", time: testMoment)
        let events = (0..<3).map { EventRecord(time: testMoment, reason: "Started", message: "\($0)") }
        let intent = Intent(
            id: 1, key: .object(ResourceID(.workload, "web")), step: "start", subject: "web-0-1", revision: "one",
            observation: 1, engine: "engine", begun: testMoment)
        try store.commit(events.map { .event($0) } + [.history(record), .begin(intent)])
        #expect(try SQLiteStateStore.openIntents(readingFrom: scratch.database) == [intent])
        #expect(try SQLiteStateStore.events(readingFrom: scratch.database, limit: 2) == Array(events.dropFirst()))
        #expect(try SQLiteStateStore.history(readingFrom: scratch.database, limit: 5) == [record])
    }
}

struct InMemoryStateStoreTests {
    private let begin = StateChange.begin(
        Intent(
            id: 1, key: .object(ResourceID(.workload, "web")), step: "start", subject: "web-0-1", revision: "one",
            observation: 1, engine: "engine", begun: testMoment))

    @Test("a hook stops a commit before it counts, or after", arguments: [(true, 0), (false, 1)])
    func hook(isBefore: Bool, intents: Int) throws {
        let store = InMemoryStateStore()
        store.onCommit = { point throws(StateStoreError) in
            if point.number == 2 && point.phase == (isBefore ? .before : .after) {
                throw StateStoreError(.unavailable, "crash")
            }
        }
        try store.commit([.event(EventRecord(time: testMoment, reason: "Started", message: ""))])
        #expect(throws: StateStoreError.self) { try store.commit([begin]) }
        #expect(try store.load().openIntents.count == intents)
        #expect(store.commits == 2)
    }

    @Test("a copy is what the next run finds; later commits are not in it")
    func copy() throws {
        let store = InMemoryStateStore()
        let before = store.copy()
        try store.commit([begin])
        #expect(try before.load() == StoredState())
        #expect(try store.copy().load() == store.load())
    }
}
