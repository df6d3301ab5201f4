import ArgumentParser
import ReconcileTesting
import Testing

@testable import ReconcileCLI

/// `logs` as it is typed, and what needs neither engine nor daemon.
struct LogsCommandTests {
    @Test(
        "what does not go together is refused with a word on why",
        arguments: [
            ([], "name an object, such as Workload/web, or say --controller"),
            (["Workload"], "'Workload' must be KIND/NAME or KIND/NAME/SLOT"),
            (["Workload/web/0/1"], "'Workload/web/0/1' must be KIND/NAME or KIND/NAME/SLOT"),
            (["Workloat/web"], "there is no kind 'Workloat'; did you mean 'Workload'?"),
            (["Workload/web/x"], "'x' in 'Workload/web/x' must be the number of a slot"),
            (["Workload/web/1", "--slot", "2"], "'Workload/web/1' and --slot 2 name two slots"),
            (["Workload/web", "--controller"], "exclude each other"),
            (["Workload/web", "--level", "warning"], "need --controller or --file"),
            (["--controller", "--file", "-"], "--controller and --file exclude each other"),
            (["--controller", "--slot", "1"], "are for containers"),
            (["--file", "-", "--follow"], "--follow needs --controller"),
            (["--controller", "--follow", "--until", "1m"], "--follow and --until exclude each other"),
            (["--controller", "--level", "loud"], "'loud' is invalid"),
            (["Workload/web", "--tail", "-1"], "Missing value for '--tail <n>'"),
            (["Workload/web", "--tail", "some"], "'some' is invalid"),
            (["Workload/web", "--since", "yesterday"], "write how long ago, like 30s, 5m or 2h, or a moment"),
        ])
    func mistakes(words: [String], message: String) {
        let error = #expect(throws: (any Error).self) { try ReconcileCommand.parseAsRoot(["logs"] + words) }
        guard let error else { return }
        let text = ReconcileCommand.message(for: error)
        #expect(text.contains(message), "\(text)")
        #expect(ReconcileCommand.exitCode(for: error) == .validationFailure)
    }

    private static let archive = """
        {"event":"daemon.started","host":"web-1","level":"notice","message":"started","service":"reconcile","timestamp":"2026-11-22T10:00:00.000Z"}
        -- Boot 1234 --
        {"event":"step.failed","level":"warning","message":"no such image: web:2","object":"Workload/web","service":"reconcile","timestamp":"2026-11-22T10:00:01.500Z"}
        {"event":"rollout.failed","level":"error","message":"web is back at web:1","service":"reconcile","timestamp":"2026-11-22T10:00:02.000Z"}

        """

    @Test(
        "an archive is filtered by time, level, event and text",
        arguments: [
            ([], ["started", "no such image", "back at"]), (["--level", "warning"], ["no such image", "back at"]),
            (["--event", "rollout.failed"], ["back at"]), (["--grep", "Workload/web"], ["no such image"]),
            (["--since", "2026-11-22T10:00:01Z"], ["no such image", "back at"]),
            (["--until", "2026-11-22T10:00:01Z"], ["started", "no such image"]), (["--tail", "1"], ["back at"]),
            (["--tail", "all", "-o", "json"], ["started", "no such image", "back at"]),
        ])
    func archives(options: [String], found: [String]) async throws {
        try await ScratchFolder.with { folder in
            try folder.write("log", Self.archive)
            let ending = try await Program().run(["logs", "--file", folder.path + "/log"] + options)
            let lines = ending.output.split(separator: "\n")
            #expect(ending.exitCode == 0 && lines.count == found.count, "\(ending)")
            for (line, text) in zip(lines, found) { #expect(line.contains(text)) }
            #expect(ending.errors == "1 line is no entry of the log in JSON, and left out\n")
            guard options.contains("json") else { return }
            // The very lines that the daemon wrote.
            #expect(lines == Self.archive.split(separator: "\n").filter { $0.hasPrefix("{") })
        }
    }

    @Test("what is not there ends with 1, and says what to do")
    func absent() async throws {
        try await ScratchFolder.with { folder in
            let noFile = try await Program().run(["logs", "--file", folder.path + "/none"])
            #expect(noFile.exitCode == 1 && noFile.errors.hasPrefix("error: '\(folder.path)/none' cannot be read"))
            let noDaemon = try await Program().run(["logs", "--controller", "--state-dir", folder.path])
            #expect(noDaemon.exitCode == 1 && noDaemon.errors.contains("no daemon listens at"))
            let noEngine = try await Program().run(
                ["logs", "Workload/web", "--docker-host", "unix://\(folder.path)/none.sock"])
            #expect(noEngine.exitCode == 1 && noEngine.errors.contains("there is no socket at"), "\(noEngine)")
        }
    }
}
