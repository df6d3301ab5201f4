import FoundationEssentials
import ReconcileTesting
import Reconciler
import Testing

/// Limits as the kernel has them, on a real engine, with the whole program.
@Suite(
    "limits are what the kernel enforces", .serialized, .timeLimit(.minutes(5)),
    .enabled(if: KernelByHand.isVersionOne, "the files that are written to are those of version 1 of control groups"))
struct LimitsTests {
    private static let limits = """
        resources:
          cpus: 500m
          memory: 32Mi
          memorySwap: 32Mi
          memoryReservation: 16Mi
          pids: 64
          cpuset: "0"
          cpuShares: 512
          oomScoreAdjustment: 600
          shm: 8Mi
          ulimits: {nofile: {soft: 64, hard: 128}}
        """

    /// A member with all limits, under a daemon that has nothing left to do.
    private func limited(
        _ body: (Bed, RunningDaemon, InspectedContainer, KernelByHand) async throws -> Void
    ) async throws {
        try await Bed.with { bed in
            let (repository, commit) = try await bed.repository(["web": bed.workload("web", template: Self.limits)])
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                let member = try #require(try await bed.members().first)
                try await body(bed, daemon, member, try await KernelByHand(bed.engine, member.id))
                try await daemon.awaitConvergence(on: commit)
            }
        }
    }

    @Test("cgroup files that somebody wrote to are put right without a restart, although no event tells of it")
    func handEdits() async throws {
        try await limited { bed, _, member, kernel in
            let files = [
                "memory.memsw.limit_in_bytes": "134217728", "memory.limit_in_bytes": "134217728",
                "cpu.cfs_quota_us": "-1", "pids.max": "max", "cpuset.cpus": "0-1", "cpu.shares": "4096",
                "memory.soft_limit_in_bytes": "-1",
            ]
            let before = try files.keys.map { ($0, try kernel.cgroup($0)) }
            // Swap first: the kernel keeps memory below both together.
            for (file, text) in files.sorted(by: { $0.key > $1.key }) { try kernel.write(text, to: file) }
            // The files are looked at every ten seconds.
            try await eventually("repaired", within: .seconds(25)) {
                try before.allSatisfy { try kernel.cgroup($0.0) == $0.1 }
            }
            #expect(try await bed.members().map(\.id) == [member.id])
        }
    }

    @Test(
        "a limit that Docker cannot put right in place makes the container give way to another one",
        arguments: ["oom_score_adj", "/dev/shm"])
    func raisedByHand(limit: String) async throws {
        try await limited { bed, daemon, member, kernel in
            if limit == "/dev/shm" {
                #expect(try kernel.size(ofFileSystem: limit) == 8 << 20)
                try await kernel.resize(limit, to: "32m")
            } else {
                #expect(try kernel.process(limit) == "600")
                try kernel.write("0", toProcess: limit)
            }
            // Any event makes it look; the next full look would as well.
            _ = try await daemon.tell("sync")
            try await eventually("replaced", within: .seconds(30)) {
                let members = try await bed.members()
                return members.count == 1 && members[0].id != member.id && members[0].state.status == "running"
            }
        }
    }

    private func work(_ bed: Bed, memory: String, strategy: String) -> String {
        // 24 MiB that cannot be given back.
        let command =
            #"[sh, -c, "trap 'exit 0' TERM; dd if=/dev/zero of=/dev/shm/x bs=1M count=24; sleep 1000000 & wait"]"#
        return bed.workload(
            "web", command: command, template: "resources: {memory: \(memory), memorySwap: \(memory)}"
        ).replacing("spec:\n", with: "spec:\n  strategy: {type: \(strategy)}\n")
    }

    @Test("less memory than is used waits where the old one would go first, and nobody is killed")
    func heldShrink() async throws {
        try await Bed.with { bed in
            let (repository, commit) = try await bed.repository(["web": work(bed, memory: "64Mi", strategy: "recreate")]
            )
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                let member = try #require(try await bed.members().first)
                let kernel = try await KernelByHand(bed.engine, member.id)
                try await eventually("memory is used") {
                    (Int64(try kernel.cgroup("memory.usage_in_bytes")) ?? 0) > 24 << 20
                }
                let next = try await bed.commit(
                    ["web": work(bed, memory: "16Mi", strategy: "recreate")], to: repository, after: commit)
                let status = try await daemon.awaitStatus("held") { status in
                    status.revision?.id == next
                        && status.objects.contains { $0.conditions.contains { $0.reason == "MemoryInUse" } }
                }
                let message = status.objects.flatMap(\.conditions).map(\.message).joined(separator: " ")
                #expect(message.contains("a limit of 16Mi is below what the container uses"), "\(message)")
                #expect(try await bed.members().map(\.state) == [member.state], "it was not touched")
                #expect(try kernel.cgroup("memory.limit_in_bytes") == "\(64 << 20)")
                // As soon as it uses less it is limited, by the next full look or this one.
                _ = try await bed.engine.exec(["rm", "/dev/shm/x"], in: member.id)
                _ = try await daemon.tell("sync")
                try await daemon.awaitConvergence(on: next)
                #expect(try kernel.cgroup("memory.limit_in_bytes") == "\(16 << 20)")
                #expect(try await bed.members().map(\.state) == [member.state])
            }
        }
    }

    @Test("less memory than is used makes the container give way where its successor comes first")
    func replacedShrink() async throws {
        try await Bed.with { bed in
            let (repository, commit) = try await bed.repository(["web": work(bed, memory: "64Mi", strategy: "rolling")])
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                let member = try #require(try await bed.members().first)
                let kernel = try await KernelByHand(bed.engine, member.id)
                try await eventually("memory is used") {
                    (Int64(try kernel.cgroup("memory.usage_in_bytes")) ?? 0) > 24 << 20
                }
                try await bed.commit(
                    ["web": work(bed, memory: "16Mi", strategy: "rolling")], to: repository, after: commit)
                try await eventually("replaced", within: .seconds(30)) {
                    try await !bed.members().contains { $0.id == member.id }
                }
            }
        }
    }

    @Test("a plan says which change is made in place, which needs a replacement, and why")
    func plans() async throws {
        try await Bed.with { bed in
            try bed.write(bed.workload("web", template: "resources: {cpus: 500m, memory: 32Mi, shm: 8Mi}"))
            #expect(try await bed.once().exitCode == 0)
            try bed.write(bed.workload("web", template: "resources: {cpus: 250m, memory: 48Mi, shm: 8Mi}"))
            let inPlace = try await bed.dryRun().output
            #expect(inPlace.contains("  ~  Workload/"), "\(inPlace)")
            #expect(inPlace.contains("resources.memory 32Mi -> 48Mi") && !inPlace.contains("forces replacement"))
            try bed.write(bed.workload("web", template: "resources: {memory: 32Mi, shm: 16Mi}"))
            let replaced = try await bed.dryRun().output
            #expect(
                replaced.contains(
                    "resources.shm, resources.cpus 500m -> none # forces replacement (resources.cpus: Docker cannot take a CPU limit away)"
                ), "\(replaced)")
        }
    }

    @Test("a size of the container's file system is held where the engine's storage has no quota")
    func disk() async throws {
        try await Bed.with { bed in
            try bed.write(bed.workload("web", template: "resources: {disk: 1Gi}"))
            let ending = try await bed.once()
            try #require(ending.exitCode != 0, "this engine has a quota")
            #expect(ending.exitCode == 4, "\(ending)")
            #expect(ending.output.contains("NotSupported") && ending.output.contains("pquota"), "\(ending)")
            #expect(try await bed.members().isEmpty)
        }
    }

    @Test("what a host does not have is not eligible there, and nothing is created")
    func ineligible() async throws {
        try await Bed.with { bed in
            try bed.write(
                bed.workload("big", template: "resources: {cpus: 4000}"),
                bed.workload("far", template: "resources: {cpuset: \"4000\"}"), bed.workload("good"))
            let ending = try await bed.once()
            #expect(ending.exitCode == 4 && ending.output.contains("Ineligible"), "\(ending)")
            #expect(try await bed.members().map(\.name) == ["/\(bed.name)-good-0-1"])
        }
    }

    @Test("a fork bomb is bounded by its pids limit, and the host goes on")
    func forkBomb() async throws {
        try await Bed.with { bed in
            let bomb = #"[sh, -c, "b() { b | b & }; while :; do b 2>/dev/null; sleep 1; done"]"#
            try bed.write(
                bed.workload("bomb", command: bomb, template: "resources: {pids: 40, memory: 64Mi, cpus: 200m}"))
            _ = try await bed.once()
            let member = try #require(try await bed.members().first)
            let kernel = try await KernelByHand(bed.engine, member.id)
            for _ in 0..<20 {
                // It may have ended by then, which is as good.
                if let count = try? kernel.cgroup("pids.current") { #expect((Int(count) ?? 0) <= 40) }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    @Test("a memory bomb is killed within its limit, and nobody else is")
    func memoryBomb() async throws {
        try await Bed.with { bed in
            let bomb = #"[sh, -c, "sleep 2; exec tail /dev/zero"]"#
            try bed.write(
                bed.workload(
                    "bomb", command: bomb,
                    template: "resources: {memory: 32Mi, memorySwap: 32Mi, oomScoreAdjustment: 900}"),
                bed.workload("good", template: "resources: {memory: 32Mi, memorySwap: 32Mi}"))
            _ = try await bed.once("--timeout", "20s")
            try await eventually("killed", within: .seconds(20)) {
                try await bed.members().contains { $0.name.contains("-bomb-") && $0.state.status == "exited" }
            }
            let good = try await bed.members().filter { $0.name.contains("-good-") }
            #expect(good.map(\.state.status) == ["running"])
        }
    }

    @Test("the daemon suggests limits that fit, as YAML to paste")
    func recommends() async throws {
        try await Bed.with { bed in
            let (repository, commit) = try await bed.repository([
                "web": bed.workload("web", template: "resources: {cpus: 1, memory: 512Mi}")
            ])
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                var text = ""
                try await eventually("known", within: .seconds(40)) {
                    text = try await daemon.tell("recommend", "Workload/\(bed.name)-web").output
                    return text.contains("cpus:") && text.contains("memory: 6Mi")
                }
                #expect(text.contains("# too little to rely on"), "\(text)")
                #expect(text.contains("spec:\n  template:\n    resources:\n      cpus: "), "\(text)")
                #expect(text.contains("of 512Mi"), "\(text)")
            }
        }
    }
}
