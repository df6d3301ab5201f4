import Foundation
import GRDB
import Reconciler
import Specs
import Testing

@testable import Storage

struct SQLiteStateStoreTests {
    private let member = MemberID(ResourceID(.workload, "web"), 3)

    @Test("what was written is read after reopening")
    func roundTrip() throws {
        let scratch = try ScratchState()
        let accepted = AcceptedRevision(
            revision: Revision(id: "3f2c9e1", reference: "main"),
            files: [SpecFile(path: "a.yaml", bytes: [0, 255, 10]), SpecFile(path: "b/c.yaml", bytes: [])])
        do {
            let store = try SQLiteStateStore(path: scratch.database)
            #expect(try store.load().accepted == nil)
            try store.commit([.accept(accepted)])
            try store.commit([.seen(MemberInstance(member, 4))])
            try store.commit([.probed(container: "c1", startedAt: "2026-01-01T00:00:00Z")])
        }
        let store = try SQLiteStateStore(path: scratch.database)
        #expect(try store.load().accepted == accepted)
        #expect(try SQLiteStateStore.acceptedRevision(readingFrom: scratch.database) == accepted)
        #expect(try SQLiteStateStore.acceptedRevision(readingFrom: scratch.path + "/nothing") == nil)
        #expect(try store.load().incarnations == [member: 4])
        #expect(try store.load().probedStarts == ["c1": "2026-01-01T00:00:00Z"])
    }

    @Test("a revision replaces the one before it, files included")
    func replacesRevision() throws {
        let scratch = try ScratchState()
        let store = try SQLiteStateStore(path: scratch.database)
        for (id, path) in [("one", "a.yaml"), ("two", "b.yaml")] {
            let files = [SpecFile(path: path, bytes: [1])]
            try store.commit([.accept(AcceptedRevision(revision: Revision(id: id, reference: "main"), files: files))])
        }
        #expect(try store.load().accepted?.revision.id == "two")
        #expect(try store.load().accepted?.files.map(\.path) == ["b.yaml"])
    }

    @Test("an incarnation never goes back")
    func incarnationsOnlyGrow() throws {
        let scratch = try ScratchState()
        let store = try SQLiteStateStore(path: scratch.database)
        for number in [2, 5, 3] { try store.commit([.seen(MemberInstance(member, number))]) }
        #expect(try store.load().incarnations[member] == 5)
    }

    @Test("probes of containers that are gone are forgotten")
    func forgetsProbes() throws {
        let scratch = try ScratchState()
        let store = try SQLiteStateStore(path: scratch.database)
        try store.commit([.probed(container: "c1", startedAt: "a")])
        try store.commit([.probed(container: "c2", startedAt: "b")])
        try store.commit([.forgetProbes(["c1", "never-seen"])])
        #expect(try store.load().probedStarts == ["c2": "b"])
    }

    @Test("a file of a newer version is refused and left as it is")
    func newerFormat() throws {
        let scratch = try ScratchState()
        _ = try SQLiteStateStore(path: scratch.database)
        let database = try DatabaseQueue(path: scratch.database)
        try database.write { database in
            try database.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99: from the future')")
        }
        let error = #expect(throws: StateStoreError.self) { try SQLiteStateStore(path: scratch.database) }
        #expect(error?.code == .newerFormat)
        let migrations = try database.read { try String.fetchAll($0, sql: "SELECT identifier FROM grdb_migrations") }
        #expect(migrations.contains("99: from the future"))
    }

    @Test("a damaged file is refused with advice and left as it is")
    func damagedFile() throws {
        let scratch = try ScratchState()
        let rubbish = Data("this is no database, and longer than a header of SQLite would be".utf8)
        try rubbish.write(to: URL(fileURLWithPath: scratch.database))
        let error = #expect(throws: StateStoreError.self) { try SQLiteStateStore(path: scratch.database) }
        #expect(error?.code == .corrupt)
        #expect(error?.message.contains("move it away") == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.database)) == rubbish)
    }

    @Test("a file that was cut anywhere is found damaged", arguments: 1...24)
    func cutFile(part: Int) throws {
        let scratch = try ScratchState()
        try scratch.lay("2")
        let url = URL(fileURLWithPath: scratch.database)
        let whole = try Data(contentsOf: url)
        try whole.prefix(whole.count * part / 25).write(to: url)
        let error = #expect(throws: StateStoreError.self) { try SQLiteStateStore(path: scratch.database) }
        #expect(error?.code == .corrupt)
    }

    @Test("a commit is on the disk when the call returns")
    func isDurable() throws {
        let scratch = try ScratchState()
        let store = try SQLiteStateStore(path: scratch.database)
        // Of the very connection that writes: `synchronous` is not kept in the file.
        let synchronous = try store.database.read { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
        let journal = try store.database.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
        #expect(synchronous == 2, "2 is FULL: with 1 (NORMAL) a power loss takes acknowledged commits")
        #expect(journal == "wal")
    }

    @Test("a store whose commits would not be durable is refused")
    func notDurable() throws {
        // A database in memory cannot keep a log, and SQLite says nothing about it.
        let error = #expect(throws: StateStoreError.self) { try SQLiteStateStore(path: ":memory:") }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("journal_mode 'memory' and should have 'wal'") == true)
    }
}
