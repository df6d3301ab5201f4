import FoundationEssentials
import ReconcileTesting
import Testing

@Suite("--once on a real engine", .serialized, .timeLimit(.minutes(3)))
struct OnceTests {
    @Test("it converges, and a second run changes nothing")
    func convergesAndStays() async throws {
        try await Bed.with { bed in
            try bed.write(
                bed.workload("web", replicas: 2, template: "healthCheck: {command: [test, -d, /tmp]}"),
                bed.warmPool("warm", size: 2, template: "resources: {memory: 64Mi, pids: 64}"))
            let ending = try await bed.once()
            #expect(ending.exitCode == 0, "\(ending)")
            let before = try await bed.containers()
            #expect(
                before.map(\.name) == ["warm-0-1", "warm-1-1", "web-0-1", "web-1-1"].map { "/\(bed.name)-\($0)" })
            #expect(before.allSatisfy { $0.state.status == "running" })

            bed.proxy.forget()
            let events = try await EngineEvents.during(bed.engine, name: bed.name) {
                let second = try await bed.once()
                #expect(second.exitCode == 0, "\(second)")
            }
            #expect(bed.proxy.changes.isEmpty)
            #expect(events.filter { $0.name.contains(bed.name) && !$0.isProbe }.isEmpty, "\(events)")
            #expect(try await bed.containers() == before)
        }
    }

    @Test("scaling up adds members, and scaling down takes the highest slots")
    func scales() async throws {
        try await Bed.with { bed in
            for (replicas, name) in [(1, "1"), (3, "3"), (2, "2"), (0, "0")] {
                try bed.write(bed.workload("web", replicas: replicas))
                let ending = try await bed.once()
                #expect(ending.exitCode == 0, "to \(name): \(ending)")
                let slots = try await bed.members().map { $0.labels["dev.reconcile.slot"] ?? "" }
                #expect(slots == (0..<replicas).map(String.init))
            }
        }
    }

    @Test("memory, cpus and pids change in place: the container stays, and its control group changes")
    func updatesInPlace() async throws {
        try await Bed.with { bed in
            try bed.write(bed.workload("web", template: "resources: {memory: 32Mi, cpus: 500m, pids: 64}"))
            #expect(try await bed.once().exitCode == 0)
            let before = try #require(try await bed.members().first)
            try bed.write(bed.workload("web", template: "resources: {memory: 48Mi, cpus: 250m, pids: 32}"))
            let ending = try await bed.once()
            #expect(ending.exitCode == 0, "\(ending)")

            let after = try #require(try await bed.members().first)
            #expect(after.id == before.id)
            #expect(after.state.startedAt == before.state.startedAt)
            #expect(after.limits == .init(memory: 48 << 20, nanoCPUs: 250_000_000, pids: 32))
            let limits = try await controlGroup(of: after.id, bed)
            #expect(limits == ["\(48 << 20)", "25000", "32"])
        }
    }

    /// The kernel's own files as the container sees them: memory, quota of 100 ms, processes.
    private func controlGroup(of id: String, _ bed: Bed) async throws -> [String] {
        let script = """
            cd /sys/fs/cgroup
            if [ -e memory.max ]; then cat memory.max; cut -d' ' -f1 cpu.max; cat pids.max
            else cat memory/memory.limit_in_bytes cpu/cpu.cfs_quota_us pids/pids.max; fi
            """
        return try await bed.engine.exec(["sh", "-c", script], in: id).split(separator: "\n").map(String.init)
    }

    @Test("a memory limit that is taken away replaces the container: Docker cannot lift it in place")
    func liftsLimit() async throws {
        try await Bed.with { bed in
            try bed.write(bed.workload("web", template: "resources: {memory: 32Mi}"))
            #expect(try await bed.once().exitCode == 0)
            let before = try #require(try await bed.members().first)
            try bed.write(bed.workload("web"))
            let ending = try await bed.once()
            #expect(ending.exitCode == 0, "\(ending)")
            let after = try await bed.members()
            #expect(after.map(\.name) == ["/\(bed.name)-web-0-2"])
            #expect(after.first?.id != before.id)
            #expect(after.first?.limits.memory == 0)
        }
    }

    @Test("a new image replaces one member at a time, the new one ready before the old one stops")
    func rollsOut() async throws {
        try await Bed.with { bed in
            // Ready only some time after its start, so that a controller which does not wait is caught.
            let command = #"[sh, -c, "sleep 1; touch /tmp/ready; exec sleep 1000000"]"#
            let check = "healthCheck: {command: [test, -e, /tmp/ready], interval: 60s}"
            try bed.write(bed.workload("web", replicas: 2, command: command, template: check))
            #expect(try await bed.once().exitCode == 0)

            try bed.write(
                bed.workload("web", replicas: 2, image: TestImage.other, command: command, template: check))
            let events = try await EngineEvents.during(bed.engine, name: bed.name) {
                let ending = try await bed.once()
                #expect(ending.exitCode == 0, "\(ending)")
            }
            let steps = events.compactMap { Self.step($0, bed.name + "-web-") }
            #expect(
                steps == [
                    "create 0-2", "start 0-2", "ready 0-2", "die 0-1", "destroy 0-1",
                    "create 1-2", "start 1-2", "ready 1-2", "die 1-1", "destroy 1-1",
                ])
        }
    }

    /// The events that tell of a rollout, in short words.
    private static func step(_ event: RecordedEvent, _ prefix: String) -> String? {
        guard event.type == "container", event.name.hasPrefix(prefix) else { return nil }
        let member = event.name.dropFirst(prefix.count)
        switch event.action {
        case "create", "start", "die", "destroy": return "\(event.action) \(member)"
        case "exec_die" where event.subject.attributes?["exitCode"] == "0": return "ready \(member)"
        default: return nil
        }
    }

    @Test("pruning takes only what carries our mark; foreign containers and networks keep every byte")
    func prunesOnlyOurs() async throws {
        try await Bed.with { bed in
            let hand = bed.engine
            try bed.write(bed.workload("web"), bed.warmPool("warm"))
            #expect(try await bed.once().exitCode == 0)
            // Names like ours without a mark, half a mark, and the mark of another owner.
            try await hand.makeForeignContainer("\(bed.name)-web-7-1")
            try await hand.makeForeignContainer(
                "\(bed.name)-half", labels: #"{"dev.reconcile.owner": "\#(bed.name)"}"#)
            try await hand.makeForeignContainer(
                "\(bed.name)-other",
                labels: """
                    {"dev.reconcile.owner": "\(bed.name)x", "dev.reconcile.object": "Workload/\(bed.name)-web",
                     "dev.reconcile.slot": "0", "dev.reconcile.incarnation": "1", "dev.reconcile.recreate-hash": "v1"}
                    """)
            try await hand.makeForeignNetwork("reconcile-\(bed.name)-other", subnet: "10.250.0.0/24")
            let foreign =
                ["web-7-1", "half", "other"].map { "/containers/\(bed.name)-\($0)/json" }
                + ["/networks/reconcile-\(bed.name)-other"]
            let before = try await bytes(of: foreign, hand)

            try bed.write(bed.warmPool("warm"))
            let ending = try await bed.once()
            #expect(ending.exitCode == 0, "\(ending)")
            #expect(try await bytes(of: foreign, hand) == before)
            #expect(
                try await bed.containers().map(\.name)
                    == ["half", "other", "warm-0-1", "web-7-1"].map { "/\(bed.name)-\($0)" })
            #expect(
                try await hand.networks(of: bed.name) == ["reconcile-\(bed.name)-other", "reconcile-\(bed.name)-warm"])
        }
    }

    @Test("what is pruned is given the time to stop that it was created with")
    func prunesWithStopTimeout() async throws {
        try await Bed.with { bed in
            // The first process of a container hears no SIGTERM unless it asks to; Docker's own default is 10 s.
            try bed.write(bed.workload("kept"), bed.workload("old", command: #"[sleep, "1000000"]"#))
            #expect(try await bed.once().exitCode == 0)
            try bed.write(bed.workload("kept"))
            bed.proxy.forget()
            let ending = try await bed.once()
            #expect(ending.exitCode == 0, "\(ending)")
            #expect(bed.proxy.changes.first { $0.path.hasSuffix("/stop") }?.query == "t=0")
        }
    }

    private func bytes(of paths: [String], _ hand: EngineByHand) async throws -> [Data] {
        var all: [Data] = []
        for path in paths { all.append(try await hand.get(path)) }
        return all
    }
}
