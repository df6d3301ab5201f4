import Foundation
import GRDB
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import Storage

/// What a full or unwritable disk does to a commit: nothing, and it says so.
struct FullDiskTests {
    private static func revision(_ id: String, bytes: Int) -> AcceptedRevision {
        accepted(id, SpecFile(path: "a.yaml", bytes: [UInt8](repeating: 1, count: bytes)))
    }

    /// Commits a group that does not fit, and then, once there is room, the same group.
    private func fails(_ store: SQLiteStateStore, _ change: StateChange, makeRoom: () throws -> Void) throws {
        let before = try store.load()
        let group = [.event(EventRecord(time: testMoment, reason: "Before", message: "")), change]
        let error = #expect(throws: StateStoreError.self) { try store.commit(group) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("full") == true)
        #expect(try store.load() == before)
        #expect(try store.events(limit: 1) == [])
        try makeRoom()
        try store.commit(group)
        #expect(try store.events(limit: 1).count == 1)
    }

    @Test("a commit that does not fit leaves everything as before, and fits when there is room")
    func pageCount() throws {
        let scratch = try ScratchState()
        let store = try SQLiteStateStore(path: scratch.database)
        try store.commit([.accept(Self.revision("one", bytes: 10))])
        try store.database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1") }
        try fails(store, .accept(Self.revision("two", bytes: 100_000))) {
            try store.database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        }
        #expect(try store.load().accepted == Self.revision("two", bytes: 100_000))
    }

    @Test(
        "the same on a file system that is full", .enabled("mounting is not allowed here") { await TinyDisk.isAllowed })
    func fullDisk() async throws {
        try await TinyDisk.with(kilobytes: 1_024) { folder in
            let store = try SQLiteStateStore(path: folder + "/state.sqlite")
            try store.commit([.accept(Self.revision("one", bytes: 10))])
            let filler = URL(fileURLWithPath: folder + "/filler")
            // What does not fit is not written: the disk is full then.
            for size in [1 << 16, 1 << 12] { while fill(filler, size) {} }
            try fails(store, .accept(Self.revision("two", bytes: 100_000))) {
                try FileManager.default.removeItem(at: filler)
            }
            try store.database.close()
        }
    }

    private func fill(_ file: URL, _ size: Int) -> Bool {
        let descriptor = open(file.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(descriptor) }
        return write(descriptor, [UInt8](repeating: 0, count: size), size) == size
    }

    @Test(
        "a file system that cannot be written is no damage",
        .enabled("mounting is not allowed here") { await TinyDisk.isAllowed })
    func readOnly() async throws {
        try await TinyDisk.with(kilobytes: 1_024) { folder in
            let path = folder + "/state.sqlite"
            try SQLiteStateStore(path: path).database.close()
            try await TestCommand.run("mount", ["-o", "remount,ro", folder])
            let error = #expect(throws: StateStoreError.self) {
                let opened = try StateRecovery.open(path, host: "host", now: testMoment)
                try opened.store.commit([.unpin(ResourceID(.workload, "web"))])
            }
            #expect(error?.code == .unavailable)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).contains("state.sqlite"))
        }
    }
}

/// A file system in memory, too small for much.
private enum TinyDisk {
    static var isAllowed: Bool {
        get async {
            // The answer is the result; a mount that is refused is no error here.
            (try? await with(kilobytes: 64) { _ in }) != nil
        }
    }

    static func with(kilobytes: Int, _ body: (String) async throws -> Void) async throws {
        try await ScratchFolder.with { folder in
            try await TestCommand.run("mount", ["-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", folder.path])
            do {
                try await body(folder.path)
            } catch {
                // The failure of the test is the one to show.
                _ = try? await TestCommand.run("umount", ["--lazy", folder.path])
                throw error
            }
            try await TestCommand.run("umount", ["--lazy", folder.path])
        }
    }
}
