import ArgumentParser
import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import API
@testable import ReconcileCLI

/// `pause`, `resume`, `approve`, `pin` and `unpin` as they are typed.
struct RequestTests {
    private static let web = ResourceID(.workload, "web")

    struct Typed: Sendable, CustomTestStringConvertible {
        let words: [String]
        let request: CommandRequest

        var testDescription: String { words.joined(separator: " ") }

        static let all = [
            Typed(
                words: ["pause", "Workload/web", "--reason", "moving its data"],
                request: .pause(web, reason: "moving its data")),
            Typed(words: ["pause", "--reason", "disk", "--state-dir", "/s"], request: .pause(nil, reason: "disk")),
            Typed(words: ["--state-dir", "/s", "resume"], request: .resume(nil)),
            Typed(words: ["resume", "Workload/web", "-o", "json"], request: .resume(web)),
            Typed(words: ["approve", "1a2b3c4d", "--state-dir", "/s"], request: .approve(digest: "1a2b3c4d")),
            Typed(
                words: ["pin", "Workload/web", "--revision", "1a2b3c4", "--reason", "slow"],
                request: .pin(web, revision: "1a2b3c4", reason: "slow")),
            Typed(
                words: ["pin", "Workload/web", "--reason", "slow"], request: .pin(web, revision: nil, reason: "slow")),
            Typed(
                words: ["pin", "Workload/web", "--reason", "slow", "--revision", "previous"],
                request: .pin(web, revision: nil, reason: "slow")),
            Typed(words: ["unpin", "Workload/web"], request: .unpin(web)),
            Typed(
                words: ["override", "Workload/web", "--reason", "an outage", "--for", "2h"],
                request: .override(web, for: .seconds(7_200), reason: "an outage")),
            Typed(
                words: ["override", "--for", "90s", "--reason", "an outage"],
                request: .override(nil, for: .seconds(90), reason: "an outage")),
            Typed(words: ["override", "--end"], request: .endOverride(nil)),
            Typed(
                words: ["drain", "--deadline", "1h", "--force", "--reason", "it goes"],
                request: .drain(deadline: .seconds(3_600), force: true, reason: "it goes")),
            Typed(
                words: ["drain", "--reason", "a new kernel"],
                request: .drain(deadline: nil, force: false, reason: "a new kernel")),
            Typed(words: ["uncordon"], request: .uncordon),
            Typed(
                words: ["rollout", "undo", "web"], request: .rollout(RolloutRequest(.undo(to: nil), of: web))),
            Typed(
                words: ["rollout", "undo", "Workload/web", "--to", "1a2b3c4", "--reason", "slow"],
                request: .rollout(RolloutRequest(.undo(to: "1a2b3c4"), of: web, reason: "slow"))),
            Typed(words: ["rollout", "restart", "web"], request: .rollout(RolloutRequest(.restart, of: web))),
            Typed(words: ["task", "run", "report"], request: .runTask(ResourceID(.scheduledTask, "report"))),
            Typed(
                words: ["task", "run", "ScheduledTask/report", "-o", "json"],
                request: .runTask(ResourceID(.scheduledTask, "report"))),
            Typed(words: ["rollout", "promote", "web"], request: .rollout(RolloutRequest(.promote(), of: web))),
            Typed(
                words: ["rollout", "promote", "web", "--full"],
                request: .rollout(RolloutRequest(.promote(isFull: true), of: web))),
            Typed(
                words: ["rollout", "abort", "web", "--reason", "slow"],
                request: .rollout(RolloutRequest(.abort, of: web, reason: "slow"))),
        ]
    }

    @Test("what is typed becomes a request", arguments: Typed.all)
    func parsing(_ c: Typed) throws {
        let command = try ReconcileCommand.parseAsRoot(c.words)
        #expect((command as? any DaemonRequest)?.request == c.request)
    }

    @Test(
        "what is missing or mistyped is refused with a word on what would be right",
        arguments: [
            (["pause"], "Missing expected argument '--reason <text>'"),
            (["pause", "web", "--reason", "x"], "'web' must be KIND/NAME, such as Workload/web"),
            (["resume", "Pod/web"], "there is no kind 'Pod'; kinds are "),
            (["resume", "Worklod/web"], "there is no kind 'Worklod'; did you mean 'Workload'?"),
            (["approve"], "Missing expected argument '<digest>'"),
            (["pin", "Workload/web"], "Missing expected argument '--reason <text>'"),
            (["pin", "--reason", "x"], "Missing expected argument '<kind/name>'"),
            (["unpin"], "Missing expected argument '<kind/name>'"),
            (["override", "--reason", "x"], "say why and for how long: --reason TEXT --for 2h"),
            (["drain"], "Missing expected argument '--reason <text>'"),
            (["drain", "--force", "--reason", "x"], "--force needs --deadline: it says what happens then"),
            (["override", "--end", "--for", "2h"], "--end needs neither --reason nor --for"),
        ])
    func mistakes(words: [String], message: String) {
        let error = #expect(throws: (any Error).self) { try ReconcileCommand.parseAsRoot(words) }
        guard let error else { return }
        let text = ReconcileCommand.message(for: error)
        #expect(text.contains(message), "\(text)")
        #expect(ReconcileCommand.exitCode(for: error) == .validationFailure)
    }

    @Test(
        "the help of each has an example and the exit codes",
        arguments: CommandVerb.allCases.filter { $0 != .endOverride })
    func help(_ verb: CommandVerb) throws {
        // `rollout-undo` is `rollout undo`.
        let words = verb.rawValue.split(separator: "-").map(String.init)
        var command: any ParsableCommand.Type = ReconcileCommand.self
        for word in words {
            command = try #require(command.configuration.subcommands.first { $0.configuration.commandName == word })
        }
        let help = ReconcileCommand.helpMessage(for: command, columns: 100)
        #expect(help.contains("  reconcile \(words.joined(separator: " ")) "))
        #expect(help.contains("0 it holds, 1 it was refused or no daemon answered"))
    }

    @Test("without a daemon each ends with 1, and says what to do", arguments: Typed.all)
    func noDaemon(_ c: Typed) async throws {
        try await ScratchFolder.with { folder in
            let words = c.words.filter { $0 != "--state-dir" && $0 != "/s" } + ["--state-dir", folder.path]
            let ending = try await Program().run(words)
            #expect(ending.exitCode == 1)
            #expect(ending.output.isEmpty)
            #expect(
                ending.errors.hasPrefix(
                    "error: no daemon listens at '\(folder.path)/reconcile.sock'; start one, or name its --state-dir"))
            let isApproval = c.words.contains("approve")
            #expect(ending.errors.contains("'reconcile --once' removals are allowed by '--prune-budget") == isApproval)
        }
    }

    @Test("a command that tells the daemon something is no dry run", arguments: ["--dry-run", "--once"])
    func noDryRun(flag: String) async throws {
        let ending = try await Program().run(["resume", flag])
        #expect(ending.exitCode == 64)
        #expect(ending.errors.contains("it goes with neither --dry-run nor --once"))
    }

    @Test("the status shows what is paused and pinned, also of objects that are ready")
    func status() {
        let ready = Condition(.ready, true, "Converged", "everything is as git says")
        let pause = Pause(object: nil, reason: "disk", by: "alice", since: Instant(secondsSince1970: 0))
        let status = HostStatus(
            host: "host-a", revision: Revision(id: "2222222", reference: "main"),
            engine: .init(reachable: true, version: "20.10.24", apiVersion: "1.41"), source: nil,
            objects: [
                .init(
                    id: Self.web, desired: 1, present: 1, ready: 1,
                    conditions: [
                        ready, Condition(.paused, true, "HostPaused", pause.description),
                        Condition(.paused, true, "PausedInGit", "by git: ask bob"),
                        Condition(
                            .pinned, true, "Requested", "pinned to 1111111 (Requested: slow), not what 2222222 says"),
                    ])
            ], pauses: [pause])
        #expect(
            StatusRenderer.text(status) == """
                host      host-a
                engine    Docker 20.10.24, API 1.41
                revision  2222222 (main)
                paused    by alice: disk (until 'reconcile resume')

                OBJECT        DESIRED  PRESENT  READY  STATUS
                Workload/web  1        1        1      Ready

                paused  Workload/web: by git: ask bob
                pinned  Workload/web: pinned to 1111111 (Requested: slow), not what 2222222 says
                """)
    }

    @Test("the status shows how far a drain has come, and what is in its way")
    func drain() {
        var status = HostStatus(
            host: "host-a", revision: Revision(id: "2222222", reference: "main"),
            engine: .init(reachable: true, version: "20.10.24", apiVersion: "1.41"), source: nil, objects: [])
        let since = Instant(secondsSince1970: 1_795_222_800)
        var report = DrainReport(
            Drain(reason: "a new kernel", by: "alice", since: since, deadline: since.advanced(bySeconds: 3_600)),
            left: 2)
        report.blockers = [
            .init(
                object: Self.web, gate: .disruptionBudget,
                message: "2 of 2 members are available, and maxUnavailable 0 keeps 2", members: 2)
        ]
        status.drains = [report]
        let text = StatusRenderer.text(status)
        #expect(
            text.contains(
                """
                drain     Draining: this host is drained by alice: a new kernel; 2 containers are left, until \(since.advanced(bySeconds: 3_600))
                          in its way: Workload/web (2 members): DisruptionBudget: 2 of 2 members are available, and maxUnavailable 0 keeps 2
                """), "\(text)")
    }

    @Test("a status of a daemon that tells nothing of pauses can still be read")
    func olderStatus() throws {
        let text = #"{"host": "a", "engine": {"reachable": false, "version": "", "apiVersion": ""}, "objects": []}"#
        #expect(try JSONDecoder().decode(HostStatus.self, from: Data(text.utf8)).pauses == nil)
    }
}
