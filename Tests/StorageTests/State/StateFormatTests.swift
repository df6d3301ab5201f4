import Foundation
import GRDB
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import Storage

/// State files of every version that has shipped are kept for ever, as SQL.
struct StateFormatTests {
    private let web = ResourceID(.workload, "web")
    private let agents = ResourceID(.warmPool, "agents")
    private let first = accepted(
        "3f2c9e1", SpecFile(path: "a.yml", bytes: []), SpecFile(path: "profiles/web.JSON", bytes: [0x7b, 0x7d]),
        SpecFile(path: "web.yaml", bytes: Array("kind".utf8)))

    @Test("a file of the first version is brought up to date and loses nothing")
    func firstVersion() throws {
        let scratch = try ScratchState()
        try scratch.lay("1")
        var expected = StoredState()
        expected.accepted = first
        expected.incarnations = [MemberID(web, 3): 4]
        expected.probedStarts = ["c1": "2026-01-01T00:00:00Z"]
        for _ in 1...2 { #expect(try SQLiteStateStore(path: scratch.database, host: "host").load() == expected) }
        let kept = try DatabaseQueue(path: scratch.database).read {
            try Int.fetchOne($0, sql: "SELECT highest FROM incarnation WHERE kind = 'Gadget'")
        }
        #expect(kept == 7, "what a newer version wrote stays for it")
    }

    @Test("a reader does not bring a file up to date")
    func readsFirstVersion() throws {
        let scratch = try ScratchState()
        try scratch.lay("1")
        #expect(try SQLiteStateStore.acceptedRevision(readingFrom: scratch.database) == first)
        #expect(try SQLiteStateStore.events(readingFrom: scratch.database, limit: 5) == [])
        #expect(try SQLiteStateStore.history(readingFrom: scratch.database, limit: 5) == [])
        let applied = try DatabaseQueue(path: scratch.database).read(StateFormat.migrator.appliedIdentifiers)
        #expect(applied.count == 1)
    }

    @Test("a file of the first version without a revision is brought up to date as well")
    func firstVersionEmpty() throws {
        let scratch = try ScratchState()
        try scratch.lay("1")
        try DatabaseQueue(path: scratch.database).write {
            try $0.execute(sql: "DELETE FROM accepted_revision; DELETE FROM accepted_file")
        }
        #expect(try SQLiteStateStore(path: scratch.database).load().accepted == nil)
    }

    @Test("a file of the second version is read, and what a newer one wrote holds and is kept")
    func secondVersion() throws {
        let scratch = try ScratchState()
        try scratch.lay("2")
        let store = try SQLiteStateStore(path: scratch.database, host: "host-one")
        let state = try store.load()
        let old = accepted("aaaa", SpecFile(path: "web.yaml", bytes: [0x31]))
        #expect(
            state.accepted
                == accepted(
                    "bbbb", SpecFile(path: "z.yaml", bytes: [0x32], folder: "specs/"),
                    SpecFile(path: "a.json", bytes: [0x33])))
        #expect(state.earlierRevisions == [old])
        #expect(
            state.openIntents == [
                Intent(
                    id: 2, key: .member(MemberID(web, 3)), step: "create-container", subject: "web-3-5", incarnation: 5,
                    revision: "bbbb", observation: .max, engine: "engine@1",
                    begun: testMoment.advanced(bySeconds: 1))
            ])
        #expect(
            state.unknownIntents == [
                UnknownIntent(id: 3, format: 2, key: "Workload/web/4"),
                UnknownIntent(id: 4, format: 1, key: "Gadget/g/0"),
            ])
        #expect(state.lastIntent == 4)
        #expect(
            state.phases == [
                MemberInstance(MemberID(web, 3), 4): .retiring, MemberInstance(MemberID(agents, 0), 1): .claimed,
                MemberInstance(MemberID(agents, 1), 1): .claimed,
            ])
        #expect(state.pins.map(\.object) == [agents, web])
        #expect(state.pins.map(\.cause) == [.requested, .quarantined])
        #expect(state.pauses.map(\.object) == [nil])
        #expect(state.approvals.map(\.removals) == [["old-0-1", "old-net"]])
        #expect(try store.events(limit: 5).map(\.key) == [.member(MemberID(web, 3)), nil])
        #expect(try store.history(limit: 5).map(\.revision.id) == ["aaaa", "bbbb"])
        try keepsWhatItDoesNotKnow(store)
    }

    @Test("a file of the third version is brought up to date, and remembers autoscalers and overrides from then on")
    func thirdVersion() throws {
        let scratch = try ScratchState()
        try scratch.lay("3")
        #expect(try SQLiteStateStore.scaling(readingFrom: scratch.database).isEmpty, "a reader changes no file")
        let store = try SQLiteStateStore(path: scratch.database, host: "host-one")
        var expected = StoredState()
        expected.accepted = accepted("aaaa", SpecFile(path: "web.yaml", bytes: [0x31]))
        expected.pauses = [Pause(object: nil, reason: "upgrade", by: "ada", since: testMoment)]
        #expect(try store.load() == expected)
        let state = ScalingState(size: 4, recommendations: [.init(4, at: testMoment)], lastUp: testMoment)
        let over = WindowOverride(
            reason: "an outage", by: "ada", since: testMoment, until: testMoment.advanced(bySeconds: 60))
        try store.commit([.scaled(web, state), .override(over)])
        expected.scaling = [web: state]
        expected.overrides = [over]
        #expect(try SQLiteStateStore(path: scratch.database, host: "host-one").load() == expected)
        #expect(try SQLiteStateStore.scaling(readingFrom: scratch.database) == [web: state])
    }

    @Test("a file of the fourth version is brought up to date, and remembers drains and rollouts from then on")
    func fourthVersion() throws {
        let scratch = try ScratchState()
        try scratch.lay("4")
        let store = try SQLiteStateStore(path: scratch.database, host: "host-one")
        var expected = StoredState()
        expected.accepted = accepted("aaaa", SpecFile(path: "web.yaml", bytes: [0x31]))
        expected.pauses = [Pause(object: nil, reason: "upgrade", by: "ada", since: testMoment)]
        expected.overrides = [
            WindowOverride(
                reason: "an outage", by: "ada", since: testMoment, until: testMoment.advanced(bySeconds: 60))
        ]
        #expect(try store.load() == expected)
        var drain = Drain(reason: "a new kernel", by: "ada", since: testMoment)
        (drain.stage, drain.isOverdue) = (.drained, true)
        try store.commit([.drain(drain)])
        expected.drains = [drain]
        #expect(try SQLiteStateStore(path: scratch.database, host: "host-one").load() == expected)
        var state = RolloutState(generation: "m1:ab", revision: Revision(id: "bbbb", reference: "main"), at: testMoment)
        state.lastGood = Revision(id: "aaaa", reference: "main")
        try store.commit([.rollout(web, state)])
        expected.rollouts = [web: state]
        // What an open rollout would go back to is kept, also while it is the one in force.
        expected.earlierRevisions = [accepted("aaaa", SpecFile(path: "web.yaml", bytes: [0x31]))]
        #expect(try SQLiteStateStore(path: scratch.database, host: "host-one").load() == expected)
        try store.database.write { try $0.execute(sql: "UPDATE drain SET stage = 'Unheard'") }
        #expect(try store.load().drains.first?.stage == .exceeded, "what a newer version says takes nothing away")
    }

    @Test("a file of the fifth version is brought up to date, and remembers tasks from then on")
    func fifthVersion() throws {
        let scratch = try ScratchState()
        try scratch.lay("5")
        #expect(try SQLiteStateStore.tasks(readingFrom: scratch.database).isEmpty, "a reader changes no file")
        let store = try SQLiteStateStore(path: scratch.database, host: "host-one")
        var expected = try store.load()
        #expect(expected.drains.map(\.stage) == [.drained] && expected.pauses.count == 1 && expected.tasks.isEmpty)
        let report = ResourceID(.scheduledTask, "report")
        var memory = TaskMemory(schedule: "0 7 * * *", decided: testMoment)
        memory.open = [TaskMemory.OpenRun(testMoment)]
        memory.lastResult = TaskResult(
            scheduled: testMoment, attempts: 2, outcome: .failed(.deadlineExceeded), ended: testMoment)
        try store.commit([.task(report, memory)])
        expected.tasks = [report: memory]
        #expect(try SQLiteStateStore(path: scratch.database, host: "host-one").load() == expected)
        #expect(try SQLiteStateStore.tasks(readingFrom: scratch.database) == [report: memory])
        try store.database.write { try $0.execute(sql: "UPDATE task SET document = '{}'") }
        #expect(try store.load().tasks.isEmpty, "what cannot be read is as good as lost")
    }

    private func keepsWhatItDoesNotKnow(_ store: SQLiteStateStore) throws {
        let borrowed = MemberInstance(MemberID(agents, 1), 1)
        let error = #expect(throws: StateStoreError.self) {
            try store.commit([.transition(borrowed, from: .claimed, to: .retiring)])
        }
        #expect(error?.code == .conflict)
        try store.commit([.resume(nil), .unpin(web), .accept(accepted("cccc"))])
        let kept = try store.database.read { database in
            try ["pin", "pause", "intent", "phase"].map {
                try Int.fetchOne(database, sql: "SELECT count(*) FROM \($0)") ?? 0
            }
        }
        #expect(kept == [2, 1, 4, 4])
        #expect(
            try store.load().earlierRevisions.map(\.revision.id) == ["aaaa", "bbbb"],
            "the revision before is kept, and a pin that this version cannot read keeps its files")
    }
}
