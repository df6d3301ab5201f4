import Foundation
import GRDB
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import Storage

struct StateRecoveryTests {
    private func open(_ scratch: ScratchState, host: String = "host-one") throws -> StateRecovery {
        try StateRecovery.open(scratch.database, host: host, now: testMoment)
    }

    /// A file with enough in it that damage meets something.
    private func fill(_ scratch: ScratchState) throws {
        let store = try open(scratch).store
        let files = (0..<50).map { SpecFile(path: "\($0).yaml", bytes: [UInt8](repeating: 7, count: 1_000)) }
        try store.commit([.accept(AcceptedRevision(revision: Revision(id: "one", reference: "main"), files: files))])
        try store.database.close()
    }

    @Test("a file in order is opened as it is")
    func inOrder() throws {
        let scratch = try ScratchState()
        try fill(scratch)
        let opened = try open(scratch)
        #expect(opened.setAside == nil)
        #expect(try opened.store.load().accepted?.files.count == 50)
    }

    @Test("a file that is no database is set aside under the date, and a new one is made")
    func noDatabase() throws {
        let scratch = try ScratchState()
        let rubbish = Data(repeating: 0x23, count: 20_000)
        for suffix in ["", "-wal", "-shm"] {
            try rubbish.write(to: URL(fileURLWithPath: scratch.database + suffix))
        }
        let opened = try open(scratch)
        let aside = scratch.database + ".damaged-20261121T132500Z"
        #expect(opened.setAside?.path == aside)
        #expect(opened.setAside?.reason.contains("is damaged") == true)
        #expect(try Data(contentsOf: URL(fileURLWithPath: aside)) == rubbish)
        #expect(try opened.store.load() == StoredState())
        try opened.store.commit([.accept(accepted("one"))])
        #expect(try open(scratch).setAside == nil)
    }

    @Test("a damaged page is found when the file is opened, wherever it is", arguments: 0..<12)
    func damagedPage(part: Int) throws {
        let scratch = try ScratchState()
        try fill(scratch)
        let url = URL(fileURLWithPath: scratch.database)
        var bytes = try Data(contentsOf: url)
        let page = bytes.count / 4_096 * part / 12 * 4_096
        bytes.replaceSubrange(page..<page + 4_096, with: [UInt8](repeating: 0xA5, count: 4_096))
        try bytes.write(to: url)
        let opened = try open(scratch)
        // A page of a file's contents has no structure that could be wrong: what was read of it is checked as specs are.
        let found = opened.setAside != nil
        let isOverflow = try !found && opened.store.load().accepted?.files.contains { $0.bytes.contains(0xA5) } == true
        #expect(found || isOverflow)
    }

    @Test("damage twice within a second keeps both files")
    func twice() throws {
        let scratch = try ScratchState()
        for _ in 1...2 {
            try Data(repeating: 1, count: 5_000).write(to: URL(fileURLWithPath: scratch.database))
            let opened = try open(scratch)
            #expect(opened.setAside != nil)
            try opened.store.database.close()
        }
        #expect(
            try scratch.names.filter { $0.contains("damaged") } == [
                "state.sqlite.damaged-20261121T132500Z", "state.sqlite.damaged-20261121T132500Z-2",
            ])
    }

    @Test("a file of a newer version is refused and stays where it is")
    func newerFormat() throws {
        let scratch = try ScratchState()
        try fill(scratch)
        try DatabaseQueue(path: scratch.database).write {
            try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99: from the future')")
        }
        let error = #expect(throws: StateStoreError.self) { try open(scratch) }
        #expect(error?.code == .newerFormat)
        #expect(try !scratch.names.contains { $0.contains("damaged") })
    }

    @Test("a copy of another host's state is refused and stays where it is")
    func otherHost() throws {
        let scratch = try ScratchState()
        try fill(scratch)
        let error = #expect(throws: StateStoreError.self) { try open(scratch, host: "host-two") }
        #expect(error?.code == .foreignHost)
        #expect(error?.message.contains("belongs to host 'host-one', and this host is 'host-two'") == true)
        #expect(try open(scratch).store.load().accepted?.files.count == 50)
        #expect(try !scratch.names.contains { $0.contains("damaged") })
    }

    @Test("a file of the first version belongs to the host that brings it up to date")
    func bindsFirstVersion() throws {
        let scratch = try ScratchState()
        try scratch.lay("1")
        #expect(try open(scratch).setAside == nil)
        #expect(throws: StateStoreError.self) { try open(scratch, host: "host-two") }
    }

    @Test("what cannot be opened at all is not damaged")
    func unavailable() throws {
        let scratch = try ScratchState()
        try FileManager.default.createDirectory(atPath: scratch.database, withIntermediateDirectories: true)
        let error = #expect(throws: StateStoreError.self) { try open(scratch) }
        #expect(error?.code == .unavailable)
        #expect(try scratch.names == ["state.sqlite"])
    }

    @Test("wherever a crash cuts SQLite's log, whole groups are there or not, in their order")
    func cutLog() throws {
        let scratch = try ScratchState()
        let store = try open(scratch).store
        var states = [try store.load()]
        var changes = RandomChanges(seed: 11)
        while states.count < 12 {
            // A group that does not fit, or says what is known already, changes nothing, and is no state of its own.
            try? store.commit(changes.group())
            let state = try store.load()
            if state != states.last { states.append(state) }
        }
        let log = try Data(contentsOf: URL(fileURLWithPath: scratch.database + "-wal"))
        let file = try Data(contentsOf: URL(fileURLWithPath: scratch.database))
        var last = 0
        for length in stride(from: 0, through: log.count, by: 1_999) + [log.count] {
            let copy = try ScratchState()
            try file.write(to: URL(fileURLWithPath: copy.database))
            try log.prefix(length).write(to: URL(fileURLWithPath: copy.database + "-wal"))
            let opened = try open(copy)
            #expect(opened.setAside == nil)
            let state = try opened.store.load()
            let index = try #require(states[last...].firstIndex(of: state), "cut at \(length)")
            last = index
        }
        #expect(last == states.count - 1)
    }
}
