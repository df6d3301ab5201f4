import Drivers
import FoundationEssentials
import ReconcileTesting
import Testing

@Suite("the daemon against people who meddle", .serialized, .timeLimit(.minutes(3)))
struct DriftTests {
    /// What somebody does to a container by hand.
    enum Meddling: String, CaseIterable, CustomTestStringConvertible, Sendable {
        case removed, stopped, killed, paused, updated, renamed

        var testDescription: String { rawValue }

        func happen(to container: InspectedContainer, _ bed: Bed) async throws {
            let path = "/containers/\(container.id)"
            switch self {
            case .removed: try await bed.engine.remove(container.id)
            case .stopped: try await bed.engine.send(.post, path + "/stop", query: [("t", "0")])
            case .killed: try await bed.engine.send(.post, path + "/kill")
            case .paused: try await bed.engine.send(.post, path + "/pause")
            case .updated:
                try await bed.engine.send(
                    .post, path + "/update", body: #"{"Memory": 50331648, "MemorySwap": 100663296, "CpuQuota": 0}"#)
            case .renamed: try await bed.engine.send(.post, path + "/rename", query: [("name", "\(bed.name)-mine")])
            }
        }

        /// Whether the repair keeps the container.
        var keepsContainer: Bool { self != .removed }
    }

    @Test("a container that was changed by hand is brought back within seconds", arguments: Meddling.allCases)
    func repairs(_ meddling: Meddling) async throws {
        try await Bed.with { bed in
            let repository = try await ScratchRepository.make(at: bed.folder.path + "/repo.git")
            let commit = try await repository.commit(
                [
                    "pool.yaml": .file(bed.pool()),
                    "web.yaml": .file(
                        bed.workload("web", replicas: 2, template: "resources: {memory: 32Mi, pids: 64}")),
                ], parent: nil)
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                let before = try await bed.members()
                let victim = try #require(before.first)
                try await meddling.happen(to: victim, bed)
                // Events wake it up: nobody waits for the resync, which comes every 30 s.
                try await eventually("repaired") { try await isAsDeclared(bed) }
                let after = try await bed.members()
                #expect(after.contains { $0.id == victim.id } == meddling.keepsContainer)
                #expect(after.last == before.last, "the other member was not touched")
                try await daemon.awaitConvergence(on: commit)
            }
        }
    }

    private func isAsDeclared(_ bed: Bed) async throws -> Bool {
        let members = try await bed.members()
        return members.map { $0.labels["dev.reconcile.slot"] } == ["0", "1"]
            && members.allSatisfy { container in
                let labels = container.labels
                let numbers = ["slot", "incarnation"].map { labels["dev.reconcile.\($0)"] ?? "" }
                let name = "/\(bed.name)-web-" + numbers.joined(separator: "-")
                return container.name == name && container.state.status == "running"
                    && container.limits.memory == 32 << 20
            }
    }

    @Test("a container that keeps dying is started again later and later, and the others are left alone")
    func crashLoop() async throws {
        try await Bed.with { bed in
            // Without a health check it would count as ready for the moment that it runs.
            let check = "healthCheck: {command: [test, -e, /tmp/never]}"
            try bed.write(
                bed.workload("bad", command: #"[sh, -c, "exit 7"]"#, template: check), bed.workload("good"))
            let ending = try await bed.once()
            #expect(ending.exitCode == 3, "\(ending)")
            #expect(ending.output.contains("CrashLoop"), "\(ending)")
            #expect(try await bed.members().map(\.state.status) == ["exited", "running"])
        }
    }
}
