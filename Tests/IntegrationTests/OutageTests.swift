import FoundationEssentials
import ReconcileTesting
import Reconciler
import Testing

@Suite("the daemon and an engine that goes away", .serialized, .timeLimit(.minutes(3)))
struct OutageTests {
    @Test("an engine that is down at the start is waited for, and then filled")
    func downAtStart() async throws {
        try await PrivateEngine.with { engine in
            try await Bed.with(engine: engine.socketPath) { bed in
                let (repository, commit) = try await declare(bed)
                try await engine.stop()
                try await bed.daemon(repository) { daemon in
                    let status = try await daemon.awaitStatus("the revision is known") { $0.revision?.id == commit }
                    #expect(status.engine.reachable == false)
                    #expect(status.engine.message?.isEmpty == false)
                    try await engine.restart()
                    try await daemon.awaitConvergence(on: commit)
                }
                #expect(try await bed.members().count == 2)
            }
        }
    }

    enum Outage: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case restarted, killed

        var testDescription: String { rawValue }
    }

    @Test("after the engine has gone and come back, the same containers run again", arguments: Outage.allCases)
    func outage(_ outage: Outage) async throws {
        try await PrivateEngine.with { engine in
            try await Bed.with(engine: engine.socketPath) { bed in
                let (repository, commit) = try await declare(bed)
                try await bed.daemon(repository) { daemon in
                    try await daemon.awaitConvergence(on: commit)
                    let before = try await bed.members()
                    switch outage {
                    case .restarted: try await engine.restart()
                    case .killed:
                        try await engine.kill()
                        try await daemon.awaitStatus("the outage is seen") { !$0.engine.reachable }
                        try await engine.restart()
                    }
                    try await eventually("the members run again") {
                        // While the engine comes up it refuses to be asked.
                        guard let members = try? await bed.members() else { return false }
                        return members.map(\.id) == before.map(\.id)
                            && members.allSatisfy { $0.state.status == "running" }
                    }
                    try await daemon.awaitConvergence(on: commit)
                }
            }
        }
    }

    private func declare(_ bed: Bed) async throws -> (ScratchRepository, commit: String) {
        let repository = try await ScratchRepository.make(at: bed.folder.path + "/repo.git")
        let commit = try await repository.commit(
            ["pool.yaml": .file(bed.pool()), "web.yaml": .file(bed.workload("web", replicas: 2))], parent: nil)
        return (repository, commit)
    }
}
