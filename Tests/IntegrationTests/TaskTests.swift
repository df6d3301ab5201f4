import Foundation
import Glibc
import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Runs of tasks on a real engine, with the whole program under a clock that is moved to when they are due.
@Suite("tasks on a real engine", .serialized, .timeLimit(.minutes(5)))
struct TaskTests {
    /// A task that is due once an hour, at this minute.
    private func task(_ bed: Bed, _ short: String, minute: Int, script: String, _ fields: String = "") -> String {
        """
        apiVersion: reconcile.dev/v1
        kind: ScheduledTask
        metadata: {name: \(bed.name)-\(short)}
        spec:
          hostPool: \(bed.name)
          schedule: "\(minute) * * * *"
          \(fields)
          template:
            image: busybox:local
            pullPolicy: Never
            command: [sh, -c, "\(script)"]
            stopTimeout: 0s

        """
    }

    /// Half an hour from now: no test is there by itself.
    private var minute: Int { (Int(Date.now.timeIntervalSince1970) / 60 + 30) % 60 }

    /// Moves the clock to two seconds before the minute, and has the daemon find out.
    private func moveClock(_ shim: ClockShim, to minute: Int, _ daemon: RunningDaemon) async throws {
        let now = Int(Date.now.timeIntervalSince1970)
        let due = now / 3_600 * 3_600 + minute * 60
        try shim.set(seconds: (due > now ? due : due + 3_600) - 2 - now)
        _ = try await daemon.tell("sync")
    }

    private func containers(_ bed: Bed, _ short: String) async throws -> [InspectedContainer] {
        try await bed.members().filter { $0.name.hasPrefix("/\(bed.name)-\(short)-") }.sorted { $0.name < $1.name }
    }

    private func awaitTasks(_ count: Int, _ daemon: RunningDaemon) async throws {
        try await daemon.awaitStatus("\(count) tasks are known") { $0.tasks?.count == count && $0.isConverged }
    }

    @Test("what is due begins once and is kept; what fails is tried again as often as git says")
    func runs() async throws {
        try await Bed.with { bed in
            let shim = try await ClockShim(in: bed.folder)
            let minute = minute
            let (repository, _) = try await bed.repository([
                "good": task(bed, "good", minute: minute, script: "exit 0"),
                "bad": task(bed, "bad", minute: minute, script: "exit 3", "retries: {limit: 1, backoff: 1s}"),
            ])
            try await bed.daemon(repository, launcher: shim.launcher) { daemon in
                try await awaitTasks(2, daemon)
                #expect(try await bed.members().isEmpty, "nothing is due yet")
                try await moveClock(shim, to: minute, daemon)
                let status = try await daemon.awaitStatus("both have ended", within: .seconds(60)) { status in
                    status.tasks?.allSatisfy { $0.last != nil } == true
                }
                #expect(status.tasks?.map { $0.last?.reason } == ["Failed", "Succeeded"])
                let good = try await containers(bed, "good")
                #expect(good.map(\.state.status) == ["exited"] && good.map(\.state.exitCode) == [0])
                let bad = try await containers(bed, "bad")
                #expect(bad.map(\.state.exitCode) == [3, 3] && bad.map { $0.name.suffix(2) } == ["-1", "-2"])
                let shown = try await daemon.tell("task", "status", "\(bed.name)-bad")
                #expect(shown.output.contains("Failed, 2 attempts"), "\(shown)")
                let events = try await daemon.tell("events")
                for word in ["Succeeded", "Retrying", "Failed"] { #expect(events.output.contains(word), "\(events)") }
            }
        }
    }

    @Test("a run by hand and a run that takes too long")
    func byHand() async throws {
        try await Bed.with { bed in
            let (repository, _) = try await bed.repository([
                "long": task(
                    bed, "long", minute: minute, script: "sleep 1000", "activeDeadline: 3s\n  suspend: true")
            ])
            try await bed.daemon(repository) { daemon in
                try await awaitTasks(1, daemon)
                let said = try await daemon.tell("task", "run", "\(bed.name)-long")
                #expect(said.exitCode == 0 && said.output.contains("is run now, in \(bed.name)-long-"), "\(said)")
                try await daemon.awaitStatus("it was stopped", within: .seconds(60)) { status in
                    status.tasks?.first?.last?.reason == "DeadlineExceeded"
                }
                #expect(try await containers(bed, "long").map(\.state.exitCode) == [137])
            }
        }
    }

    @Test(
        "a daemon that is killed between create and start finds the run, and starts it once",
        arguments: [
            (ProxyFault.Moment.beforeReplying, "/containers/create"), (.beforeForwarding, "/containers/*/start"),
        ])
    func killed(_ moment: ProxyFault.Moment, _ path: String) async throws {
        try await Bed.with { bed in
            let shim = try await ClockShim(in: bed.folder)
            let minute = minute
            let (repository, _) = try await bed.repository([
                "once": task(bed, "once", minute: minute, script: "sleep 1", "retries: {limit: 3, backoff: 1s}")
            ])
            let first = try await bed.daemon(repository, throughProxy: true, launcher: shim.launcher) { daemon in
                try await awaitTasks(1, daemon)
                let process = daemon.process
                bed.proxy.inject(
                    ProxyFault(moment, .hangUp, on: "POST \(path)") {
                        process.kill()
                        // Nothing that it might still do may come after this call.
                        await process.waitUntilEnded()
                    })
                try await moveClock(shim, to: minute, daemon)
                await process.waitUntilEnded()
            }
            #expect(first.signal == SIGKILL && bed.proxy.firedFaults == 1, "\(first)")
            #expect(try await containers(bed, "once").map(\.state.status) == ["created"])
            bed.proxy.forget()
            try await bed.daemon(repository, throughProxy: true, launcher: shim.launcher) { daemon in
                try await daemon.awaitStatus("it has ended", within: .seconds(60)) { status in
                    status.tasks?.first?.last?.reason == "Succeeded"
                }
                let all = try await containers(bed, "once")
                #expect(all.map(\.state.exitCode) == [0] && all.allSatisfy { $0.name.hasSuffix("-1") }, "\(all)")
                #expect(bed.proxy.changes.map(\.path).count { $0.hasSuffix("/start") } == 1, "\(bed.proxy.changes)")
                #expect(!bed.proxy.changes.contains { $0.path.hasSuffix("/create") }, "\(bed.proxy.changes)")
            }
        }
    }
}
