import FoundationEssentials
import GitSource
import ReconcileTesting
import Reconciler
import Specs
import Testing

@Suite("a working copy")
struct WorkingCopySourceTests {
    @Test("its spec files, and those that specs may name, are read in order, and nothing else")
    func reads() async throws {
        try await ScratchFolder.with { folder in
            try folder.write("b.yml", "b")
            try folder.write("a.yaml", "a")
            try folder.write("sub/c.yaml", "c")
            try folder.write("sub/d.json", "d")
            try folder.write("README.md", "no")
            try folder.write(".git/config.yaml", "no")
            try folder.write(".hidden.yaml", "no")
            let snapshot = try await WorkingCopySource(directory: folder.path).fetch(accepted: nil)
            #expect(snapshot.files.map(\.path) == ["a.yaml", "b.yml", "sub/c.yaml", "sub/d.json"])
            #expect(snapshot.files.map(\.bytes) == ["a", "b", "c", "d"].map { Array($0.utf8) })
            #expect(snapshot.revision == Revision(id: Revision.workingCopyID, reference: folder.path))
            #expect(snapshot.ancestry == .none)
            let again = try await WorkingCopySource(directory: folder.path).fetch(accepted: Revision.workingCopyID)
            #expect(again.ancestry == .same)
        }
    }

    @Test("links, big files and missing folders are errors, never fewer specs")
    func refuses() async throws {
        try await ScratchFolder.with { folder in
            await expect(.pathMissing, WorkingCopySource(directory: folder.path + "/none"))
            await expect(.emptyTree, WorkingCopySource(directory: folder.path))
            try folder.write("zero/a.json", "{}")
            await expect(.emptyTree, WorkingCopySource(directory: folder.path + "/zero"))
            try folder.write("one/a.yaml", "a")
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/one/b.yaml", withDestinationPath: "/etc/passwd")
            await expect(.hostileTree, WorkingCopySource(directory: folder.path + "/one"))
            try folder.write("two/a.yaml", "a")
            try FileManager.default.createSymbolicLink(
                atPath: folder.path + "/two/apps", withDestinationPath: "../one")
            await expect(.hostileTree, WorkingCopySource(directory: folder.path + "/two"))
            try folder.write("three/a.yaml", String(repeating: "a", count: (1 << 20) + 1))
            await expect(.limitExceeded, WorkingCopySource(directory: folder.path + "/three"))
            try folder.write("four/a.yaml", "a")
            try folder.write("four/A.yaml", "a")
            await expect(.hostileTree, WorkingCopySource(directory: folder.path + "/four"))
        }
    }
}
