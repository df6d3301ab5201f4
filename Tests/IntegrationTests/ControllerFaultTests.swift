import Drivers
import FoundationEssentials
import Glibc
import ReconcileTesting
import Reconciler
import Testing

/// Rows C3, C5, C6, H4, H5, H7 and H8 of the fault matrix: trouble of the controller's own process.
@Suite("a controller in trouble", .serialized, .timeLimit(.minutes(4)))
struct ControllerFaultTests {
    @Test("a second controller on one engine ends with 5, and one that was killed leaves no lock")
    func secondController() async throws {
        try await Bed.with { bed in
            let (repository, commit) = try await bed.repository(["web": bed.workload("web")])
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                // The same engine and owner from another state directory, such as a copy of this one.
                try await TestCommand.run("cp", ["-r", bed.stateDirectory, bed.folder.path + "/copy"])
                let arguments = bed.arguments(
                    ["--once", "--repo", repository.url, "--allow-insecure"], throughProxy: false
                ).map { $0 == bed.stateDirectory ? bed.folder.path + "/copy" : $0 }
                let second = try await bed.program.run(arguments)
                #expect(second.exitCode == 5, "\(second)")
                daemon.process.kill()
                await daemon.process.waitUntilEnded()
                let third = try await bed.program.run(arguments)
                #expect(third.exitCode == 0, "\(third)")
            }
            #expect(try await bed.members().count == 1)
        }
    }

    @Test("a daemon that was stopped in a rollout looks again before it takes the old one away")
    func stoppedInRollout() async throws {
        try await Bed.with { bed in
            let check = "healthCheck: {command: [test, -d, /tmp]}"
            let (repository, first) = try await bed.repository(["web": bed.workload("web", template: check)])
            try await bed.daemon(repository, throughProxy: true) { daemon in
                try await daemon.awaitConvergence(on: first)
                let old = try #require(try await bed.members().first)
                bed.proxy.forget()
                // It hears that the new one has started, and is stopped before it can do anything about it.
                let process = daemon.process
                bed.proxy.inject(
                    ProxyFault(
                        .beforeReplying, .none, on: "POST /containers/*/start", hook: { process.signal(SIGSTOP) }))
                let second = try await bed.commit(
                    ["web": bed.workload("web", image: TestImage.other, template: check)], to: repository, after: first)
                try await eventually("stopped") { bed.proxy.firedFaults == 1 }
                let new = try #require(try await bed.members().first { $0.id != old.id })
                let events = try await EngineEvents.during(bed.engine, name: bed.name) {
                    try await bed.engine.remove(new.id)
                    try await Task.sleep(for: .seconds(2))
                    process.signal(SIGCONT)
                    try await daemon.awaitConvergence(on: second)
                }
                // An engine under load tells an end twice: when it has killed, and when containerd says so.
                let steps = events.filter { ["create", "start", "die"].contains($0.action) }.map(\.description)
                    .reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }
                let successor = "\(bed.name)-web-0-3"
                #expect(
                    steps == [
                        "container die \(bed.name)-web-0-2", "container create \(successor)",
                        "container start \(successor)", "container die \(bed.name)-web-0-1",
                    ])
            }
        }
    }

    @Test("a daemon that was stopped for a while does not do what has become wrong meanwhile")
    func stoppedBeforeAStep() async throws {
        try await Bed.with { bed in
            let (repository, first) = try await bed.repository(["web": bed.workload("web", replicas: 3)])
            try await bed.daemon(repository, throughProxy: true) { daemon in
                try await daemon.awaitConvergence(on: first)
                let before = try await bed.members()
                daemon.process.signal(SIGSTOP)
                // Somebody takes over by hand: the same names, without our mark.
                for member in before.dropFirst() { try await bed.engine.remove(member.id) }
                try await bed.engine.makeForeignContainer("\(bed.name)-web-1-1")
                let foreign = try await bed.engine.get("/containers/\(bed.name)-web-1-1/json")
                let second = try await bed.commit(
                    ["web": bed.workload("web", replicas: 2)], to: repository, after: first)
                try await Task.sleep(for: .seconds(1))
                daemon.process.signal(SIGCONT)
                try await daemon.awaitConvergence(on: second)
                #expect(try await bed.engine.get("/containers/\(bed.name)-web-1-1/json") == foreign)
                let members = try await bed.members()
                #expect(members.map(\.name) == ["0-1", "1-2"].map { "/\(bed.name)-web-\($0)" })
                #expect(members.first == before.first)
            }
        }
    }

    @Test("a wall clock that jumps disturbs nothing: commits are followed, drift is repaired, nothing else is done")
    func clockJumps() async throws {
        try await Bed.with { bed in
            let shim = try await ClockShim(in: bed.folder)
            let web = bed.workload("web", replicas: 2)
            var (repository, commit) = try await bed.repository(["web": web])
            try await bed.daemon(repository, throughProxy: true, launcher: shim.launcher) { daemon in
                try await daemon.awaitConvergence(on: commit)
                for (number, hours) in [-1, 24, -24 * 365].enumerated() {
                    let before = try await bed.members()
                    bed.proxy.forget()
                    try shim.set(seconds: hours * 3600)
                    commit = try await bed.commit(
                        ["web": web, "new\(number)": bed.workload("new")], to: repository, after: commit)
                    try await daemon.awaitConvergence(on: commit)
                    #expect(try await bed.members().filter { before.contains($0) } == before)
                    try await bed.engine.send(.post, "/containers/\(try #require(before.last).id)/kill")
                    try await eventually("it runs again") {
                        try await bed.members().allSatisfy { $0.state.status == "running" }
                    }
                }
            }
        }
    }

    @Test("a daemon that was away for a week finds what it left, and catches up with nothing but git")
    func awayForAWeek() async throws {
        try await Bed.with { bed in
            let shim = try await ClockShim(in: bed.folder)
            let web = bed.workload("web", replicas: 2)
            let (repository, first) = try await bed.repository(["web": web])
            try await bed.daemon(repository, throughProxy: true, launcher: shim.launcher) {
                try await $0.awaitConvergence(on: first)
            }
            let before = try await bed.members()
            var last = first
            for number in 0..<5 {
                last = try await bed.commit(
                    ["web": web, "old": bed.workload("old\(number)")], to: repository, after: last)
            }
            let today = try await bed.commit(["web": web, "new": bed.workload("new")], to: repository, after: last)
            try shim.set(seconds: 7 * 24 * 3600)
            bed.proxy.forget()
            try await bed.daemon(repository, throughProxy: true, launcher: shim.launcher) { daemon in
                try await daemon.awaitConvergence(on: today)
                #expect(try await bed.members().filter { $0.name.contains("-web-") } == before)
                // The network, the container and its start: nothing of the week between.
                #expect(bed.proxy.changes.count == 3, "\(bed.proxy.changes)")
            }
        }
    }

    @Test("wherever memory ends, the next run ends where one without trouble would")
    func outOfMemory() async throws {
        try await ControlGroup.with("memory") { group in
            try await Bed.with { bed in
                try bed.write(bed.workload("web", replicas: 2))
                var bed = bed
                bed.program.launcher = group.launcher
                var killed = 0
                for megabytes in 1...6 {
                    try await group.set("memory.limit_in_bytes", "\(megabytes)M")
                    let ending = try await bed.once()
                    if ending.signal == SIGKILL { killed += 1 }
                    #expect(ending.signal == SIGKILL || ending.exitCode == 0, "\(ending)")
                    #expect(try await bed.containers().count <= 2)
                }
                #expect(killed > 0)
                try await group.set("memory.limit_in_bytes", "-1")
                let ending = try await bed.once()
                #expect(ending.exitCode == 0, "\(ending)")
                #expect(try await bed.members().map { $0.labels["dev.reconcile.slot"] } == ["0", "1"])
            }
        }
    }

    /// Below 64 NIO and Subprocess end the program by assertions of their own, which must harm nothing either.
    @Test("with too few file descriptors it ends, and harms nothing", arguments: [(8, true), (20, true), (64, false)])
    func fewDescriptors(_ count: Int, mayCrash: Bool) async throws {
        try await Bed.with { bed in
            try bed.write(bed.workload("web", replicas: 2))
            #expect(try await bed.once().exitCode == 0)
            let before = try await bed.members()
            try bed.write(bed.workload("web", replicas: 2), bed.workload("new"))
            var poor = bed
            poor.program.launcher = ["prlimit", "--nofile=\(count):\(count)"]
            let ending = try await poor.once()
            #expect(ending.exitCode != nil || mayCrash, "\(ending)")
            #expect(try await bed.members().filter { $0.name.contains("-web-") } == before)
            let healed = try await bed.once()
            #expect(healed.exitCode == 0, "\(healed)")
            #expect(try await bed.members().count == 3)
        }
    }

    @Test("without room for another process git cannot be asked; the daemon lives, and asks again when there is")
    func noProcesses() async throws {
        try await ControlGroup.with("pids") { group in
            try await Bed.with { bed in
                let (repository, first) = try await bed.repository(["web": bed.workload("web", replicas: 2)])
                try await bed.daemon(repository, launcher: group.launcher) { daemon in
                    try await daemon.awaitConvergence(on: first)
                    let before = try await bed.members()
                    // Between two fetches: one that has begun would wait for a thread until its deadline.
                    try await eventually("no fetch is under way") {
                        daemon.process.signal(SIGSTOP)
                        defer { daemon.process.signal(SIGCONT) }
                        try await Task.sleep(for: .milliseconds(20))
                        guard try group.processes == 1 else { return false }
                        // What it has now, and not one more.
                        try await group.set("pids.max", "1")
                        return true
                    }
                    let second = try await bed.commit(
                        ["web": bed.workload("web", replicas: 2), "new": bed.workload("new")], to: repository,
                        after: first)
                    let status = try await daemon.awaitStatus("git cannot be asked") {
                        $0.source?.state == .failing
                    }
                    #expect(status.revision?.id == first)
                    #expect(try await bed.members() == before)
                    try await group.set("pids.max", "max")
                    try await daemon.awaitConvergence(on: second)
                }
            }
        }
    }
}
