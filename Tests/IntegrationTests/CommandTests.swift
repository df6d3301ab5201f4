import Drivers
import ReconcileTesting
import Reconciler
import Specs
import Testing

@Suite("people and the daemon", .serialized, .timeLimit(.minutes(4)))
struct CommandTests {
    @Test("a commit that removes more than the budget is held until somebody approves just that")
    func approve() async throws {
        try await Bed.with { bed in
            let repository = try await ScratchRepository.make(at: bed.folder.path + "/repo.git")
            let pool = ["pool.yaml": ScratchRepository.Node.file(bed.pool())]
            let web = pool.merging(["web.yaml": .file(bed.workload("web"))]) { _, new in new }
            let old = web.merging(["old.yaml": .file(bed.workload("old", replicas: 3))]) { _, new in new }
            let first = try await repository.commit(old, parent: nil)
            try await bed.daemon(repository, pruneBudget: "1") { daemon in
                try await daemon.awaitConvergence(on: first)
                let second = try await repository.commit(web, parent: first)
                let gone = ResourceID(.workload, "\(bed.name)-old")
                let status = try await daemon.awaitStatus("held") { status in
                    status.revision?.id == second && status.ready(gone)?.reason == "PruneBudget"
                }
                #expect(try await bed.members().count == 4)

                let wrong = try await daemon.tell("approve", "00000000")
                #expect(wrong.exitCode == 1)
                let message = try #require(status.ready(gone)?.message)
                let digest = try #require(message.split(separator: " ").last?.prefix(8))
                #expect(wrong.errors.contains("that is '\(digest)': 3 containers and 1 network"), "\(wrong)")
                #expect(try await bed.members().count == 4)

                let right = try await daemon.tell("approve", String(digest))
                #expect(right.exitCode == 0, "\(right)")
                #expect(right.output.hasPrefix("approved: \(second.prefix(7)) may remove 3 containers and 1 network"))
                try await daemon.awaitConvergence(on: second)
                #expect(try await bed.members().count == 1)
            }
        }
    }

    @Test("what is paused is not repaired, also by a daemon that was killed meanwhile, until it is resumed")
    func pause() async throws {
        try await Bed.with { bed in
            let repository = try await ScratchRepository.make(at: bed.folder.path + "/repo.git")
            let commit = try await repository.commit(
                ["pool.yaml": .file(bed.pool()), "web.yaml": .file(bed.workload("web"))], parent: nil)
            let web = "Workload/\(bed.name)-web"
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                let said = try await daemon.tell("pause", web, "--reason", "by hand")
                #expect(
                    said.output
                        == "\(web) is paused: nothing of it is started, changed or removed until 'reconcile resume \(web)'\n"
                )
                try await bed.engine.remove(try #require(try await bed.members().first).id)
                try await daemon.awaitStatus("held") { $0.objects.first?.conditions.first?.reason == "Paused" }
            }
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitStatus("held") { $0.objects.first?.conditions.first?.reason == "Paused" }
                #expect(try await bed.members().isEmpty)
                #expect(try await daemon.tell("resume", web).exitCode == 0)
                try await daemon.awaitConvergence(on: commit)
                #expect(try await bed.members().count == 1)
            }
        }
    }
}

extension HostStatus {
    /// Whether the object is ready, and what stands in the way.
    fileprivate func ready(_ id: ResourceID) -> Condition? {
        objects.first { $0.id == id }?.conditions.first { $0.type == .ready }
    }
}
