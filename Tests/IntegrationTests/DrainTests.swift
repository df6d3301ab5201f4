import Drivers
import ReconcileTesting
import Reconciler
import Specs
import Testing

/// A host that is emptied, from the command line to the engine.
@Suite("drains, from the command line to the engine", .serialized, .timeLimit(.minutes(4)))
struct DrainTests {
    @Test("a budget of zero blocks a drain, by name, and it ends at its deadline; the rest goes, and all comes back")
    func blocked() async throws {
        try await Bed.with { bed in
            let guarded = bed.workload("guarded", replicas: 2)
                .replacing("replicas: 2", with: "replicas: 2\n  disruptionBudget: {maxUnavailable: 0}")
            let (repository, commit) = try await bed.repository([
                "guarded": guarded, "web": bed.workload("web"), "warm": bed.warmPool("warm", size: 2),
            ])
            let id = ResourceID(.workload, "\(bed.name)-guarded")
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                let said = try await daemon.tell("drain", "--deadline", "4s", "--reason", "a new kernel")
                #expect(said.exitCode == 0, "\(said)")
                #expect(said.output.hasPrefix("this host is drained: nothing new is started, and 5 containers go"))
                let status = try await daemon.awaitStatus("only what the budget keeps is left") { status in
                    status.drains?.first?.left == 2 && status.drains?.first?.blockers.isEmpty == false
                }
                let blocker = try #require(status.drains?.first?.blockers.first)
                #expect(blocker.object == id && blocker.members == 2)
                try await daemon.awaitStatus("ended at its deadline") { status in
                    status.drains?.first?.drain.stage == .exceeded
                        && status.conditions?.contains { $0.reason == "DrainDeadlineExceeded" } == true
                }
                #expect(try await bed.members().count == 2)
                let events = try await daemon.tell("events")
                #expect(events.output.contains("DrainDeadlineExceeded"), "\(events)")
                #expect(try await daemon.tell("uncordon").exitCode == 0)
                try await daemon.awaitConvergence(on: commit)
                #expect(try await bed.members().count == 5)
            }
        }
    }

    @Test("a drain in git outlasts a daemon that is killed, and goes by force at its deadline, a claim included")
    func forced() async throws {
        try await Bed.with { bed in
            let files = ["warm": bed.warmPool("warm", size: 2)]
            let (repository, first) = try await bed.repository(files)
            let drained = bed.pool().replacing(
                "  scope:", with: "  drain: {deadline: 3s, force: true, reason: it goes}\n  scope:")
            var second = ""
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: first)
                let claimed = try await daemon.tell(
                    "claim", "WarmPool/\(bed.name)-warm", "--holder", "ada", "--ttl", "10m")
                #expect(claimed.exitCode == 0, "\(claimed)")
                second = try await repository.commit(
                    ["pool.yaml": .file(drained), "warm.yaml": .file(files["warm"] ?? "")], parent: first)
                try await daemon.awaitStatus("drained by git") { $0.drains?.first?.drain.by == "git" }
            }
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitStatus("drained") {
                    $0.revision?.id == second && $0.drains?.first?.drain.stage == .drained
                }
                #expect(try await bed.members().isEmpty)
                let claims = try await daemon.tell("claims", "--all")
                #expect(claims.output.contains("ended (evicted)"), "\(claims)")
            }
        }
    }
}
