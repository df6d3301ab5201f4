import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Rollouts of several members on a real engine, with the whole program.
@Suite("rollouts on a real engine", .serialized, .timeLimit(.minutes(5)))
struct RolloutTests {
    /// - Parameter fails: its health check never succeeds.
    private func workload(_ bed: Bed, version: String, replicas: Int = 4, strategy: String, fails: Bool = false)
        -> String
    {
        """
        apiVersion: reconcile.dev/v1
        kind: Workload
        metadata: {name: \(bed.name)-web}
        spec:
          hostPool: \(bed.name)
          replicas: \(replicas)
          strategy: {\(strategy)}
          template:
            image: busybox:local
            pullPolicy: Never
            command: \(Bed.sleeping)
            stopTimeout: 0s
            env: {VERSION: "\(version)"}
            healthCheck: {command: ["\(fails ? "false" : "true")"], interval: 1s, retries: 2}

        """
    }

    /// The versions of what runs, sorted.
    private func versions(_ bed: Bed) async throws -> [String] {
        var found: [String] = []
        for member in try await bed.members() {
            found += (member.configuration.environment ?? []).filter { $0.hasPrefix("VERSION=") }
        }
        return found.map { String($0.dropFirst("VERSION=".count)) }.sorted()
    }

    /// Waits until so many rollouts have come to their end.
    private func awaitComplete(_ count: Int, _ bed: Bed, _ daemon: RunningDaemon) async throws {
        try await eventually("\(count) complete rollouts", within: .seconds(60), every: .milliseconds(300)) {
            let history = try await daemon.tell("rollout", "history", "\(bed.name)-web")
            return history.output.split(separator: "\n").count { $0.contains("Complete") } == count
        }
    }

    @Test("a good template replaces all members within the bounds, and an undo brings the old one back")
    func good() async throws {
        try await Bed.with { bed in
            let strategy = "maxSurge: 1, maxUnavailable: 1, minHealthyTime: 1s"
            let (repository, first) = try await bed.repository([
                "web": workload(bed, version: "1", strategy: strategy)
            ])
            try await bed.daemon(repository) { daemon in
                // Nobody goes back to a template that was not seen to be good.
                try await awaitComplete(1, bed, daemon)
                let second = try await bed.commit(
                    ["web": workload(bed, version: "2", strategy: strategy)], to: repository, after: first)
                try await daemon.awaitStatus("rolled out within its bounds", within: .seconds(90)) { status in
                    guard let web = status.objects.first else { return false }
                    #expect(web.present <= 5, "4 members and a surge of 1")
                    #expect(web.ready >= 3, "1 of 4 may be missing")
                    return status.revision?.id == second && status.isConverged
                }
                #expect(try await versions(bed) == ["2", "2", "2", "2"])
                try await awaitComplete(2, bed, daemon)

                let undone = try await daemon.tell("rollout", "undo", "\(bed.name)-web")
                #expect(undone.exitCode == 0 && undone.output.contains("goes back to \(first.prefix(7))"), "\(undone)")
                try await eventually("the old template is back", within: .seconds(90)) {
                    try await versions(bed) == ["1", "1", "1", "1"]
                }
            }
        }
    }

    @Test("a template that does not come up takes no more than the bounds, and goes back by itself")
    func failing() async throws {
        try await Bed.with { bed in
            let strategy = "maxSurge: 1, maxUnavailable: 1, progressDeadline: 8s, autoRollback: true"
            let (repository, first) = try await bed.repository([
                "web": workload(bed, version: "1", strategy: strategy)
            ])
            let id = ResourceID(.workload, "\(bed.name)-web")
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: first)
                let second = try await bed.commit(
                    ["web": workload(bed, version: "2", strategy: strategy, fails: true)], to: repository, after: first)
                try await daemon.awaitStatus("rolled back", within: .seconds(90)) { status in
                    guard let web = status.objects.first(where: { $0.id == id }) else { return false }
                    #expect(web.ready >= 3, "1 of 4 may be missing")
                    return status.revision?.id == second && web.conditions.contains { $0.type == .pinned }
                }
                try await eventually("the old template is back", within: .seconds(60)) {
                    try await versions(bed) == ["1", "1", "1", "1"]
                }
                let shown = try await daemon.tell("rollout", "history", "\(bed.name)-web")
                #expect(shown.output.contains("RolledBack") && shown.output.contains("no progress for 8s"), "\(shown)")
                let third = try await bed.commit(
                    ["web": workload(bed, version: "3", strategy: strategy)], to: repository, after: second)
                try await daemon.awaitConvergence(on: third)
                #expect(try await versions(bed) == ["3", "3", "3", "3"])
            }
        }
    }

    @Test("a restart gives all members new containers of the same template")
    func restart() async throws {
        try await Bed.with { bed in
            let (repository, first) = try await bed.repository([
                "web": workload(bed, version: "1", replicas: 2, strategy: "maxSurge: 2")
            ])
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: first)
                let before = Set(try await bed.members().map(\.id))
                let said = try await daemon.tell("rollout", "restart", "\(bed.name)-web")
                #expect(said.exitCode == 0, "\(said)")
                try await eventually("two new members", within: .seconds(60)) {
                    let now = Set(try await bed.members().map(\.id))
                    return now.count == 2 && now.isDisjoint(with: before)
                }
            }
        }
    }
}
