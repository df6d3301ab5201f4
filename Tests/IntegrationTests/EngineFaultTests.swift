import Drivers
import FoundationEssentials
import ReconcileTesting
import Reconciler
import Testing

/// Rows D1 to D3, D5, D16 to D18, D20, H1 and H3 of the fault matrix, each on an engine of its own.
@Suite("an engine that breaks", .serialized, .timeLimit(.minutes(5)))
struct EngineFaultTests {
    /// A daemon in the network of an engine of its own, converged on two replicas of `web`.
    private func withDaemon(
        _ options: PrivateEngine.Options = .init(), throughProxy: Bool = false, web: ((Bed) -> String)? = nil,
        _ body: (Bed, PrivateEngine, RunningDaemon, ScratchRepository, _ commit: String) async throws -> Void
    ) async throws {
        try await PrivateEngine.with(options) { engine in
            try await Bed.with(engine: engine.socketPath) { bed in
                let (repository, commit) = try await bed.repository([
                    "web": web?(bed) ?? bed.workload("web", replicas: 2)
                ])
                let launcher = try engine.networkLauncher()
                try await bed.daemon(repository, throughProxy: throughProxy, launcher: launcher) { daemon in
                    try await daemon.awaitConvergence(on: commit)
                    try await body(bed, engine, daemon, repository, commit)
                }
            }
        }
    }

    /// Members while the engine may be on its way up.
    private func running(_ bed: Bed) async -> [InspectedContainer]? {
        guard let members = try? await bed.members() else { return nil }
        return members.allSatisfy { $0.state.status == "running" } ? members : nil
    }

    @Test("with live-restore a killed engine costs no container its life, and nothing is done about it")
    func liveRestore() async throws {
        try await withDaemon(.init(liveRestore: true)) { bed, engine, daemon, _, commit in
            let before = try await bed.members()
            try await engine.kill()
            try await daemon.awaitStatus("the outage is seen") { !$0.engine.reachable }
            try await engine.restart()
            try await daemon.awaitConvergence(on: commit)
            #expect(try await bed.members() == before, "not even started anew")
        }
    }

    @Test("an engine that hangs blocks neither the status nor what comes after it")
    func hangs() async throws {
        try await withDaemon { bed, engine, daemon, repository, first in
            let before = try await bed.members()
            try await engine.freeze()
            let second = try await bed.commit(
                ["web": bed.workload("web", replicas: 2), "new": bed.workload("new")], to: repository, after: first)
            for _ in 0..<3 {
                try await Task.sleep(for: .seconds(1))
                let begin = ContinuousClock.now
                #expect(try await daemon.process.status(stateDirectory: bed.stateDirectory) != nil)
                #expect(ContinuousClock.now - begin < .seconds(1))
            }
            try await engine.thaw()
            try await daemon.awaitConvergence(on: second)
            let after = try await bed.members()
            #expect(after.filter { $0.name.contains("-web-") } == before)
            #expect(after.count == 3)
        }
    }

    @Test("a full disk holds what needs a start, costs no container its life, and is over when there is room")
    func fullDisk() async throws {
        try await withDaemon(.init(diskMiB: 64)) { bed, engine, daemon, repository, first in
            let before = try await bed.members()
            try await engine.fillDisk()
            let second = try await bed.commit(
                ["web": bed.workload("web", replicas: 2, image: TestImage.other)], to: repository, after: first)
            let status = try await daemon.awaitStatus("held") { status in
                status.revision?.id == second && status.objects.first?.conditions.first?.reason == "LowDisk"
            }
            #expect(status.objects.first?.conditions.first?.message.contains("make room") == true)
            #expect(try await bed.members() == before)
            // What is down is started all the same, as often as it takes.
            try await bed.engine.send(.post, "/containers/\(try #require(before.last).id)/kill")
            try await Task.sleep(for: .seconds(1))
            #expect(try await bed.members().first == before.first)
            try await engine.freeDisk()
            let third = try await bed.commit(
                ["web": bed.workload("web", replicas: 2, image: TestImage.other), "new": bed.workload("new")],
                to: repository, after: second)
            try await daemon.awaitConvergence(on: third, within: .seconds(60))
            #expect(
                try await bed.members().map(\.configuration.image) == [
                    "busybox:local", "busybox:local2", "busybox:local2",
                ])
        }
    }

    @Test("a firewall that was flushed holds what needs a start until the engine was restarted")
    func flushedFirewall() async throws {
        try await withDaemon { bed, engine, daemon, repository, first in
            let before = try await bed.members()
            try await engine.flushFirewall()
            let second = try await bed.commit(
                ["web": bed.workload("web", replicas: 2, image: TestImage.other)], to: repository, after: first)
            try await daemon.awaitStatus("held") { status in
                status.revision?.id == second && status.objects.first?.conditions.first?.reason == "FirewallDamaged"
            }
            #expect(try await bed.members() == before)
            try await engine.restart()
            try await daemon.awaitConvergence(on: second, within: .seconds(60))
            #expect(try await bed.members().map(\.configuration.image) == [TestImage.other, TestImage.other])
        }
    }

    @Test("after a power cut of the host the same containers run again")
    func reboots() async throws {
        try await withDaemon { bed, engine, daemon, _, commit in
            let before = try await bed.members()
            // As on a real host, the daemon goes with it.
            daemon.process.kill()
            await daemon.process.waitUntilEnded()
            try await engine.reboot()
            let repository = ScratchRepository(path: bed.folder.path + "/repo.git")
            let begin = ContinuousClock.now
            try await bed.daemon(repository) { daemon in
                let after = try await eventually("they run") { await running(bed) }
                #expect(after.map(\.id) == before.map(\.id))
                #expect(ContinuousClock.now - begin < .seconds(10), "P7: acting within ten seconds")
                try await daemon.awaitConvergence(on: commit)
            }
        }
    }

    /// What of the disk survives the power cut.
    enum PowerCut: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case everythingWritten, unsyncedLost

        var testDescription: String { rawValue }
    }

    /// By the number of a changing call of the rollout of two replicas.
    @Test(
        "a power cut in the middle of a rollout leaves the same members as none",
        arguments: zip(
            [.everythingWritten, .everythingWritten, .unsyncedLost, .unsyncedLost] as [PowerCut], [1, 4, 2, 5]))
    func powerCut(_ cut: PowerCut, at number: Int) async throws {
        try await withDaemon(.init(diskMiB: 64), throughProxy: true) { bed, engine, daemon, repository, first in
            try await bed.engine.makeForeignContainer("\(bed.name)-foreign")
            let foreign = try await bed.engine.inspect("\(bed.name)-foreign")
            bed.proxy.forget()
            bed.proxy.inject(
                ProxyFault(.beforeReplying, ofChange: number, .hangUp) {
                    // A failure to boot shows as a host that does not converge.
                    switch cut {
                    case .everythingWritten: try? await engine.reboot()
                    case .unsyncedLost: try? await engine.losePower()
                    }
                })
            let commit = try await bed.commit(
                ["web": bed.workload("web", replicas: 2, image: TestImage.other)], to: repository, after: first)
            try await daemon.awaitConvergence(on: commit, within: .seconds(40))
            #expect(bed.proxy.firedFaults == 1)
            let members = try await bed.members()
            #expect(members.map { $0.labels["dev.reconcile.slot"] } == ["0", "1"])
            #expect(members.allSatisfy { $0.state.status == "running" && $0.configuration.image == TestImage.other })
            let after = try await bed.engine.inspect("\(bed.name)-foreign")
            #expect((after.id, after.name, after.configuration) == (foreign.id, foreign.name, foreign.configuration))
        }
    }

    @Test("a container that takes more memory than it has is started later and later; the others are left alone")
    func outOfMemory() async throws {
        try await Bed.with { bed in
            let greedy = bed.workload(
                "greedy", command: #"[dd, "if=/dev/zero", "of=/dev/null", "bs=64M"]"#,
                template: "resources: {memory: 8Mi}\nhealthCheck: {command: [test, -e, /tmp/never]}")
            let (repository, _) = try await bed.repository(["greedy": greedy, "good": bed.workload("good")])
            try await bed.daemon(repository) { _ in
                try await eventually("the other one runs") {
                    try await bed.members().contains {
                        $0.name == "/\(bed.name)-good-0-1" && $0.state.status == "running"
                    }
                }
                // One second later, then two, four and eight.
                let events = try await EngineEvents.during(bed.engine, name: bed.name) {
                    try await Task.sleep(for: .seconds(6))
                }
                let starts = events.filter { $0.action == "start" && $0.name.hasSuffix("-greedy-0-1") }
                #expect((1...4).contains(starts.count))
                #expect(events.contains { $0.action == "oom" })
                let members = try await bed.members()
                #expect(members.map(\.name) == ["good", "greedy"].map { "/\(bed.name)-\($0)-0-1" })
            }
        }
    }

    @Test("a container that the host kills for want of memory is started again")
    func hostOutOfMemory() async throws {
        try await withDaemon { bed, engine, daemon, _, commit in
            let before = try await bed.members()
            let group = try engine.controlGroup("memory")
            try await TestCommand.run("sh", ["-c", "echo 24M > \(group)/memory.limit_in_bytes"])
            let victim = try #require(before.first)
            // dd takes more than the host has, and the kernel chooses among all of its containers.
            _ = try? await bed.engine.exec(["dd", "if=/dev/zero", "of=/dev/null", "bs=64M"], in: victim.id)
            try await TestCommand.run("sh", ["-c", "echo 4G > \(group)/memory.limit_in_bytes"])
            let after = try await eventually("they run") { await running(bed) }
            #expect(after.map(\.id) == before.map(\.id))
            try await daemon.awaitConvergence(on: commit)
        }
    }
}
