import ArgumentParser
import Foundation
import ReconcileTesting
import Storage
import Testing

@testable import ReconcileCLI

struct CommandTests {
    @Test(
        "what is no command here leads to what is meant, and help of a command to the options of all",
        arguments: [
            (["statsu"], "did you mean 'reconcile status'?"), (["plan"], "did you mean 'reconcile --dry-run'?"),
            (["cordon"], "did you mean 'reconcile drain'?"), (["status", "--help"], "'reconcile --help' lists them"),
            (["status", "nonsense"], nil), (["--dryrun"], nil), (["xylophone"], nil), (["--help"], nil),
            (["describ", "Workload/web"], "did you mean 'reconcile describe'?"),
            (["--state-dir", "/x", "statsu"], "did you mean 'reconcile status'?"),
            (["apply", "specs/", "more"], "did you mean 'reconcile --once'?"), (["status", "get", "web"], nil),
            (["status", "--state-dri", "/x"], "did you mean '--state-dir'?"), (["events", "--objct", "x"], nil),
            (["--dry-run", "apply"], nil), (["show", "history"], "did you mean 'reconcile describe'?"),
        ])
    func hints(words: [String], hint: String?) {
        let error = #expect(throws: (any Error).self) {
            // Help is a command by itself.
            var help = try ReconcileCommand.parseAsRoot(words)
            try help.run()
        }
        guard let error else { return }
        let message = ReconcileCommand.message(for: error)
        let text = CommandHint.text(after: message, words, ReconcileCommand.exitCode(for: error))
        if let hint { #expect(text?.contains(hint) == true, "\(text ?? message)") } else { #expect(text == nil) }
    }

    @Test(
        "options that do not go together are refused with a word on why",
        arguments: [
            (["--dry-run", "--once"], "--dry-run and --once exclude each other"),
            (["--detailed-exitcode"], "--detailed-exitcode needs --dry-run"),
            (["--once", "--detailed-exitcode"], "--detailed-exitcode needs --dry-run"),
            (["--against", "none"], "--against needs --dry-run"),
            (["--exit-code", "3"], "--exit-code needs --dry-run"),
            (["--dry-run", "--exit-code", "256"], "--exit-code '256' must be a number from 0 to 255"),
            (["--once", "--base", "main"], "--base needs --dry-run"),
            (["--dry-run", "--base", "main", "--specs", "."], "--base needs a repository"),
            (["--once", "--out", "plan.json"], "--out needs --dry-run"),
            (["--dry-run", "--against", "none", "--out", "plan.json"], "--out needs a host to look at"),
            (["--dry-run", "--plan", "plan.json"], "--plan needs --once"),
            (["--timeout", "5m"], "--timeout needs --once"),
            (["--dry-run", "--timeout", "5m"], "--timeout needs --once"),
            (["--accept-revision", "abc123"], "'abc123' must be a commit id of 7 to 64 hexadecimal digits"),
            (["--accept-revision", "feature"], "'feature' must be a commit id of 7 to 64 hexadecimal digits"),
            (["--output", "xml"], "'xml' is invalid for '--output <output>'"),
            (["--interval", "30"], "'--interval' must be a duration such as 90s or 1h30m, not '30'"),
            (["--interval", "0s"], "'--interval' must be 100ms to 24h"),
            (
                ["--timeout", "30", "--once"],
                "'--timeout <duration>': a duration is written like 30s, 5m or 2h; give it a unit: '30s' is seconds"
            ),
            (["--timeout", "5d", "--once"], "like 30s, 5m or 2h; the units are h, m, s, ms, us and ns"),
            (["--timeout", "0s", "--once"], "like 30s, 5m or 2h, and is more than 0s"),
            (["--interval", "-5s"], "Missing value for '--interval <duration>'"),
            (["--log-level", "loud"], "'--log-level' must be trace, debug, info, notice, warning, error or critical"),
            (["--set", "ownr=a"], "--set: there is no setting 'ownr' (did you mean 'owner'?)"),
            (["--set", "owner"], "--set 'owner' must be written key=value"),
            (["--set", "controller.concurrency=0"], "'--set controller.concurrency' must be 1-64, not '0'"),
            (["--host-name", "A", "--owner", ""], "'--owner' must be 1-128 printable characters"),
            (["--no-such-flag"], "Unknown option '--no-such-flag'"),
        ])
    func validation(arguments: [String], message: String) {
        let error = #expect(throws: (any Error).self) { try ReconcileCommand.parse(arguments) }
        guard let error else { return }
        let text = ReconcileCommand.message(for: error)
        #expect(text.contains(message), "\(text)")
        #expect(ReconcileCommand.exitCode(for: error) == .validationFailure)
    }

    @Test("the exit codes that scripts rely on stay what they are, and the help lists them")
    func exitCodes() {
        let codes = [ExitStatus.error, ExitStatus.changes, ExitStatus.stalled, ExitStatus.held, ExitStatus.locked]
        #expect(codes.map(\.rawValue) == [1, 2, 3, 4, 5])
        let help = ReconcileCommand.helpMessage()
        for part in ["0 converged, 1 error, 3 stalled, 4 something held", "5 another instance", "2 changes"] {
            #expect(help.contains(part))
        }
        #expect(!help.contains("fetch-mirror"), "not for people")
    }

    @Test("status takes the program's own options, on either side of its name")
    func status() throws {
        #expect(try ReconcileCommand.parseAsRoot(["status", "--state-dir", "/s", "-o", "json"]) is StatusCommand)
        #expect(try ReconcileCommand.parseAsRoot(["--state-dir", "/s", "status"]) is StatusCommand)
    }

    @Test("what cannot be done ends with 1")
    func errors() async throws {
        try await ScratchFolder.with { folder in
            let missing = folder.path + "/nothing-here"
            #expect(await Self.exitCode(["--dry-run", "--against", "none", "--specs", missing]) == 1)
            #expect(await Self.exitCode(["--dry-run"]) == 1)
            #expect(
                await Self.exitCode(["--dry-run", "--specs", folder.path, "--docker-host", "unix://\(missing)"]) == 1)
            try folder.write("specs/web.yaml", "kind: Gadget\n")
            #expect(await Self.exitCode(["--dry-run", "--against", "none", "--specs", folder.path + "/specs"]) == 1)
        }
    }

    @Test("a dry-run without a plan leaves no older plan behind")
    func olderPlan() async throws {
        try await ScratchFolder.with { folder in
            let plan = try folder.write("plan.json", "{}")
            try folder.write("specs/web.yaml", "kind: Gadget\n")
            #expect(await Self.exitCode(["--dry-run", "--specs", folder.path + "/specs", "--out", plan]) == 1)
            #expect(!FileManager.default.fileExists(atPath: plan))
        }
    }

    @Test("a dry-run ends with 0, or with 2 when it was asked to tell changes")
    func dryRun() async throws {
        try await ScratchFolder.with { folder in
            try folder.write("web.yaml", Self.workload)
            let run = ["--dry-run", "--against", "none", "--specs", folder.path, "-o", "json", "--host-name", "host-a"]
            #expect(await Self.exitCode(run) == 0)
            #expect(await Self.exitCode(run + ["--detailed-exitcode"]) == 2)
            #expect(await Self.exitCode(run + ["--detailed-exitcode", "--host-name", "host-b"]) == 0)
        }
    }

    @Test("a dry-run against a repository needs no state directory that can be written to, and makes none")
    func dryRunWithoutStateDirectory() async throws {
        try await ScratchFolder.with { folder in
            let repository = try await ScratchRepository.make(at: folder.path + "/specs.git")
            try await repository.commit(["web.yaml": .file(Self.workload)], parent: nil)
            // Nothing can be made below a file, not even by root.
            let file = try folder.write("file", "")
            for state in [file + "/state", folder.path + "/state"] {
                let run = ["--dry-run", "--against", "none", "--repo", repository.url, "--allow-insecure"]
                let ending = try await Program().run(run + ["--state-dir", state])
                #expect(ending.exitCode == 0, "\(ending)")
            }
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/state"))
        }
    }

    @Test("a second instance on the same engine ends with 5, whatever its state directory")
    func engineLocked() async throws {
        try await ScratchFolder.with { folder in
            let engine = folder.path + "/engine.sock"
            let first = try EngineLock(socketPath: engine, owner: "default")
            #expect(first != nil)
            #expect(try EngineLock(socketPath: engine, owner: "another") != nil)
            let run = ["--once", "--specs", folder.path, "--docker-host", "unix://" + engine]
            #expect(await Self.exitCode(run + ["--state-dir", folder.path + "/state"]) == 5)
            withExtendedLifetime(first) {}
        }
    }

    @Test("a daemon refuses a folder, which has no history")
    func daemonNeedsRepository() async throws {
        try await ScratchFolder.with { folder in
            #expect(await Self.exitCode(["--specs", folder.path, "--state-dir", folder.path]) == 1)
        }
    }

    @Test("a second instance ends with 5 and touches nothing")
    func locked() async throws {
        try await ScratchFolder.with { folder in
            let lock = open(folder.path + "/lock", O_RDWR | O_CREAT, 0o600)
            #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
            defer { close(lock) }
            for mode in [["--once", "--specs", folder.path], ["--repo", "https://git.invalid/specs.git"]] {
                #expect(await Self.exitCode(mode + ["--state-dir", folder.path]) == 5)
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(left == ["lock"])
        }
    }

    @Test("a damaged state file is set aside with a word in the log, and a copied one is refused")
    func stateFiles() async throws {
        try await ScratchFolder.with { folder in
            try folder.write("specs/web.yaml", "kind: Gadget\n")
            try folder.write("state/state.sqlite", String(repeating: "no database ", count: 1_000))
            let run = ["--once", "--specs", folder.path + "/specs", "--state-dir", folder.path + "/state"]
            let engine = ["--docker-host", "unix://\(folder.path)/engine.sock"]
            let first = try await Program().run(run + engine)
            #expect(first.errors.contains("\"store.set-aside\""), "\(first)")
            #expect(first.errors.contains("Gadget"), "it went on to the specs: \(first)")
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/state")
            #expect(names.contains { $0.hasPrefix("state.sqlite.damaged-2") }, "\(names)")
            try folder.write("state/host-id", "ffffffff-0000-0000-0000-000000000000\n")
            let second = try await Program().run(run + engine)
            #expect(second.exitCode == 1)
            #expect(second.errors.contains("belongs to host"), "\(second)")
        }
    }

    private static let workload = Declared.workloadText()

    private static func exitCode(_ arguments: [String]) async -> Int32? {
        do {
            var command = try ReconcileCommand.parse(arguments)
            try await command.run()
            return 0
        } catch {
            return (error as? ExitCode)?.rawValue
        }
    }
}
