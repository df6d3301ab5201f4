import FoundationEssentials
import GitSource
import ReconcileTesting
import Reconciler
import Testing

@Suite("a repository on this host that nobody wrote to")
struct UnchangedTests {
    /// What was written within the last seconds could be written again unseen.
    private func settle(_ source: GitSource) async throws {
        #expect(
            try await eventually {
                if source.isUnchanged { return true }
                _ = try await source.fetch(accepted: nil)
                return source.isUnchanged
            })
    }

    @Test(
        "whatever moves a branch or a tag is seen before the next fetch",
        arguments: [("branch", "other"), ("tag", "v1"), ("pack-refs", "--all")])
    func changes(command: String, argument: String) async throws {
        try await World.with { world in
            try await world.repository.commit(["a.yaml": "1"], parent: nil)
            let source = try world.source()
            #expect(!source.isUnchanged, "nothing was fetched yet")
            try await settle(source)
            try await world.repository.git(command, argument)
            #expect(!source.isUnchanged)
        }
    }

    @Test("a commit is seen, and a repository that is gone")
    func commits() async throws {
        try await World.with { world in
            let first = try await world.repository.commit(["a.yaml": "1"], parent: nil)
            let source = try world.source()
            try await settle(source)
            let second = try await world.repository.commit(["a.yaml": "2"], parent: first)
            #expect(!source.isUnchanged)
            #expect(try await source.fetch(accepted: first).revision.id == second)
            try await settle(source)
            try FileManager.default.removeItem(atPath: world.repository.path)
            #expect(!source.isUnchanged)
        }
    }
}
