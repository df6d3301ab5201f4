import Drivers
import FoundationEssentials
import ReconcileTesting
import Reconciler
import Specs
import Testing

@Suite("the daemon and a repository in trouble", .serialized, .timeLimit(.minutes(4)))
struct RevisionTests {
    /// A bed with a repository in it, and the commit of one Workload.
    private func withRepository(_ body: (Bed, ScratchRepository, _ commit: String) async throws -> Void) async throws {
        try await Bed.with { bed in
            let repository = try await ScratchRepository.make(at: bed.folder.path + "/repo.git")
            try await body(bed, repository, try await repository.commit(files(bed), parent: nil))
        }
    }

    private func files(
        _ bed: Bed, replicas: Int = 1, more: [String: ScratchRepository.Node] = [:]
    ) -> [String: ScratchRepository.Node] {
        ["pool.yaml": .file(bed.pool()), "web.yaml": .file(bed.workload("web", replicas: replicas))]
            .merging(more) { _, new in new }
    }

    @Test("a commit is followed")
    func follows() async throws {
        try await withRepository { bed, repository, first in
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: first)
                let second = try await repository.commit(files(bed, replicas: 2), parent: first)
                try await daemon.awaitConvergence(on: second)
                #expect(try await bed.members().count == 2)
            }
        }
    }

    enum Trouble: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case repositoryGone, branchDeleted, allFilesRemoved

        var testDescription: String { rawValue }

        func happen(to repository: ScratchRepository, after commit: String) async throws {
            switch self {
            case .repositoryGone: try FileManager.default.removeItem(atPath: repository.path)
            case .branchDeleted: try await repository.git("update-ref", "-d", "refs/heads/main")
            case .allFilesRemoved: try await repository.commit([:], parent: commit)
            }
        }
    }

    @Test("whatever goes away in git, the last good revision stays in force and is kept", arguments: Trouble.allCases)
    func trouble(_ trouble: Trouble) async throws {
        try await withRepository { bed, repository, commit in
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                let before = try #require(try await bed.members().first)
                try await trouble.happen(to: repository, after: commit)
                let status = try await daemon.awaitStatus("the trouble is seen") { $0.source?.state == .failing }
                #expect(status.revision?.id == commit)
                #expect(status.source?.message.isEmpty == false)
                #expect(try await bed.members().map(\.id) == [before.id])
                // Drift is still repaired.
                try await bed.engine.send(.post, "/containers/\(before.id)/kill")
                try await eventually("the container runs again") {
                    let member = try await bed.engine.inspect(before.id)
                    return member.state.status == "running" && member.state.startedAt != before.state.startedAt
                }
            }
        }
    }

    @Test("a rewritten history is held until a person accepts it")
    func forcePush() async throws {
        try await withRepository { bed, repository, first in
            var rewritten = ""
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: first)
                let before = try await bed.members()
                rewritten = try await repository.commit(
                    files(bed, replicas: 3), parent: nil, message: "another history")
                let status = try await daemon.awaitStatus("held") { $0.source?.state == .historyRewritten }
                #expect(status.source?.candidate == rewritten)
                #expect(status.source?.message.contains("--accept-revision \(rewritten)") == true)
                #expect(status.revision?.id == first)
                #expect(try await bed.members() == before)
                daemon.process.terminate()
                await daemon.process.waitUntilEnded()
            }
            let source = ["--once", "--repo", repository.url, "--allow-insecure"]
            let held = try await bed.program.run(bed.arguments(source))
            #expect(held.exitCode == 4, "\(held)")
            let dryRun = ["--dry-run", "--detailed-exitcode"] + source.dropFirst()
            let planned = try await bed.program.run(bed.arguments(dryRun))
            #expect(planned.exitCode == 0 && planned.errors.contains("held: HistoryRewritten: "), "\(planned)")
            let allowed = try await bed.program.run(bed.arguments(dryRun + ["--accept-revision", rewritten]))
            #expect(allowed.exitCode == 2, "\(allowed)")
            #expect(try await bed.members().count == 1)
            let accepted = try await bed.program.run(bed.arguments(source + ["--accept-revision", rewritten]))
            #expect(accepted.exitCode == 0, "\(accepted)")
            #expect(try await bed.members().count == 3)
        }
    }

    @Test("an empty repository starts nothing and removes nothing")
    func emptyRepository() async throws {
        try await Bed.with { bed in
            let repository = try await ScratchRepository.make(at: bed.folder.path + "/repo.git")
            try await bed.daemon(repository) { daemon in
                let status = try await daemon.awaitStatus("the failure is seen") { $0.source?.state == .failing }
                #expect(status.revision == nil)
                let first = try await repository.commit(files(bed), parent: nil)
                try await daemon.awaitConvergence(on: first)
            }
            let empty = try await ScratchRepository.make(at: bed.folder.path + "/empty.git")
            let source = ["--once", "--repo", empty.url, "--allow-insecure"]
            let ending = try await bed.program.run(bed.arguments(source))
            #expect(ending.exitCode == 1, "\(ending)")
            #expect(try await bed.members().count == 1)
        }
    }

    @Test("a broken file in a commit is reported with its place; the last good revision stays, the next one applies")
    func brokenFile() async throws {
        try await withRepository { bed, repository, first in
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: first)
                let before = try await bed.members()
                let broken = try await repository.commit(
                    files(bed, replicas: 2, more: ["bad.yaml": "apiVersion: reconcile.dev/v1\nkind: Wrokload\n"]),
                    parent: first)
                let status = try await daemon.awaitStatus("rejected") { $0.source?.state == .rejected }
                #expect(status.source?.candidate == broken)
                #expect(status.source?.diagnostics.first?.description.contains("bad.yaml:2:7: error: ") == true)
                #expect(status.revision?.id == first)
                #expect(try await bed.members() == before)
                let fixed = try await repository.commit(files(bed, replicas: 2), parent: broken)
                try await daemon.awaitConvergence(on: fixed)
                #expect(try await bed.members().count == 2)
            }
        }
    }

    @Test("SIGTERM ends the daemon within five seconds with exit code 0, and leaves the containers")
    func terminates() async throws {
        try await withRepository { bed, repository, commit in
            let ending = try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                daemon.process.terminate()
                try await eventually("the daemon has ended") { !daemon.process.isRunning }
            }
            #expect(ending.exitCode == 0, "\(ending)")
            #expect(try await bed.members().map(\.state.status) == ["running"])
        }
    }

    @Test("a daemon whose repository is gone starts from the revision that it stored")
    func bootsFromStore() async throws {
        try await withRepository { bed, repository, commit in
            try await bed.daemon(repository) { try await $0.awaitConvergence(on: commit) }
            try FileManager.default.removeItem(atPath: repository.path)
            let member = try #require(try await bed.members().first)
            try await bed.engine.remove(member.id)
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                let status = try await daemon.awaitStatus("the failure is seen") { $0.source?.state == .failing }
                #expect(status.revision?.id == commit)
                // The number goes on from where it was, although its container is gone.
                #expect(try await bed.members().map(\.name) == ["/\(bed.name)-web-0-2"])
            }
        }
    }
}
