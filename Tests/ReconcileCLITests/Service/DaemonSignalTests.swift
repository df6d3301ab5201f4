import Foundation
import Logging
import ReconcileTesting
import Reconciler
import Testing

@testable import ReconcileCLI

/// The real daemon, without an engine, as a supervisor starts, reloads and stops it.
@Suite("The daemon and its supervisor")
struct DaemonSignalTests {
    private static let specs = """
        apiVersion: reconcile.dev/v1
        kind: HostPool
        metadata: {name: local}
        spec: {hosts: {name: host-a}}
        """

    private struct Bench {
        let listener: NotifyListener
        let repository: ScratchRepository
        let folder: ScratchFolder
        let program: Program
        let arguments: [String]

        var stateDirectory: String { folder.path + "/state" }

        func configure(_ text: String) throws { try folder.write("config.yaml", text) }
    }

    private func with(
        _ environment: [String: String] = [:], _ body: (Bench) async throws -> Void
    ) async throws {
        try await ScratchFolder.with { folder in
            let repository = try await ScratchRepository.make(at: folder.path + "/specs.git")
            try await repository.commit(["pool.yaml": .file(Self.specs)], parent: nil)
            let listener = try NotifyListener("@reconcile-test-\(UInt64.random(in: 0...(.max)))")
            let program = Program(environment: environment.merging(["NOTIFY_SOCKET": listener.address]) { $1 })
            let arguments = [
                "--config", folder.path + "/config.yaml", "--repo", repository.url, "--allow-insecure", "--interval",
                "1h", "--state-dir", folder.path + "/state", "--docker-host", "unix://\(folder.path)/engine.sock",
            ]
            let bench = Bench(
                listener: listener, repository: repository, folder: folder, program: program, arguments: arguments)
            try bench.configure("hostName: host-a\n")
            try await body(bench)
        }
    }

    @Test("it says that it is ready, alive and how it is, and that it stops")
    func life() async throws {
        try await with(["WATCHDOG_USEC": "300000"]) { bench in
            let ending = try await bench.program.running(bench.arguments) { process in
                #expect(await eventually { bench.listener.count("READY=1") == 1 })
                let status = try await process.status(stateDirectory: bench.stateDirectory)
                #expect(status != nil, "ready means that it can be asked")
                #expect(await eventually { bench.listener.count("WATCHDOG=1") >= 4 })
                #expect(
                    await eventually {
                        bench.listener.lines.contains { $0.hasPrefix("STATUS=") && $0.contains("engine") }
                    })
                process.terminate()
                await process.waitUntilEnded()
            }.ending
            #expect(ending.exitCode == 0, "\(ending)")
            #expect(
                bench.listener.lines.suffix(3) == [
                    "STOPPING=1", "STATUS=finishing what is under way", "EXTEND_TIMEOUT_USEC=30000000",
                ])
        }
    }

    @Test("a watchdog that is meant for another process is not fed")
    func otherProcess() async throws {
        try await with(["WATCHDOG_USEC": "100000", "WATCHDOG_PID": "1"]) { bench in
            try await bench.program.running(bench.arguments) { process in
                #expect(await eventually { bench.listener.count("READY=1") == 1 })
                process.signal(SIGINT)
                await process.waitUntilEnded()
            }
            #expect(bench.listener.count("WATCHDOG=1") == 0)
            #expect(bench.listener.count("STOPPING=1") == 1)
        }
    }

    @Test("SIGHUP reads the configuration anew and fetches at once; a wrong one changes nothing")
    func reload() async throws {
        try await with { bench in
            let ending = try await bench.program.running(bench.arguments) { process in
                #expect(await eventually { bench.listener.count("READY=1") == 1 })
                func revision() async throws -> String? {
                    try await process.status(stateDirectory: bench.stateDirectory)?.source?.candidate
                }
                // The next look is an hour away.
                try await bench.repository.commit(["web.yaml": .file("kind: Gadget\n")], parent: "main")
                try bench.configure("hostName: host-a\nownr: b\n")
                process.signal(SIGHUP)
                #expect(await eventually { bench.listener.count("READY=1") == 2 })
                #expect(try await eventually { try await revision() != nil }, "it has seen the wrong commit")
                try bench.configure("hostName: host-b\nlog: {level: debug}\n")
                process.signal(SIGHUP)
                #expect(await eventually { bench.listener.count("READY=1") == 3 })
                process.terminate()
                await process.waitUntilEnded()
            }.ending
            #expect(ending.exitCode == 0)
            let lines = bench.listener.lines
            #expect(lines.count { $0 == "RELOADING=1" } == 2)
            #expect(lines.contains { $0.wholeMatch(of: /MONOTONIC_USEC=[0-9]+/) != nil })
            #expect(ending.errors.contains("\"config.rejected\""), "\(ending)")
            #expect(ending.errors.contains("config.yaml:2:1: error: unknown key 'ownr' (did you mean 'owner'?)"))
            #expect(ending.errors.contains("\"changed\":[\"hostName\",\"log.level\"]"))
            #expect(ending.errors.contains("\"settings\":[\"hostName\"]"), "told that it holds later: \(ending)")
        }
    }

    @Test("a socket that makes no sense ends the daemon with a word on why, and touches nothing")
    func nonsense() async throws {
        try await ScratchFolder.with { folder in
            let program = Program(environment: ["NOTIFY_SOCKET": "relative"])
            let ending = try await program.run(
                ["--repo", "https://git.invalid/x", "--state-dir", folder.path + "/state"])
            #expect(ending.exitCode == 1)
            #expect(ending.errors.contains("NOTIFY_SOCKET 'relative' must be"))
            #expect(!FileManager.default.fileExists(atPath: folder.path + "/state"))
        }
    }
}

@Suite("Secrets of the daemon")
struct DaemonSecretTests {
    private static let token = "canary0token0that0nobody0may0see"

    /// The token itself, and as it travels.
    private static let shapes = [token, Data("x-access-token:\(token)".utf8).base64EncodedString()]

    @Test(
        "no secret is in the log of a daemon that fails to sign in, in either format, at any level",
        arguments: ["json", "text"])
    func log(format: String) async throws {
        let refusal = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        try await ScratchFolder.with { folder in
            try await CannedServer.with(response: refusal) { port in
                let file = try folder.write("token", Self.token + "\n")
                let listener = try NotifyListener("@reconcile-test-\(UInt64.random(in: 0...(.max)))")
                let program = Program(environment: [
                    "NOTIFY_SOCKET": listener.address, "RECONCILE_LOG_LEVEL": "trace", "RECONCILE_LOG_FORMAT": format,
                    "RECONCILE_SOURCE_TOKEN_FILE": file, "RECONCILE_STATE_DIRECTORY": folder.path + "/state",
                ])
                let arguments = [
                    "--repo", "http://127.0.0.1:\(port)/specs.git", "--allow-insecure", "--interval", "100ms",
                    "--docker-host", "unix://\(folder.path)/engine.sock",
                ]
                let ending = try await program.running(arguments) { process in
                    let isRefused = try await eventually {
                        try await process.status(stateDirectory: folder.path + "/state")?.source?.state == .failing
                    }
                    #expect(isRefused)
                    process.signal(SIGHUP)
                    #expect(await eventually { listener.count("READY=1") == 2 })
                    process.terminate()
                    await process.waitUntilEnded()
                }.ending
                #expect(ending.errors.contains("unauthorized"), "\(ending)")
                #expect(ending.errors.hasPrefix("{") == (format == "json"))
                let config = try await program.run(["config", "-o", "json"])
                let doctor = try await program.run(["doctor"] + arguments)
                let said = [
                    ending.errors, ending.output, config.output, config.errors, doctor.output, doctor.errors,
                    listener.lines.joined(),
                ].joined()
                for shape in Self.shapes { #expect(!said.contains(shape)) }
                if format == "json" {
                    for line in ending.errors.split(separator: "\n") {
                        let entry = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                        #expect(
                            ["timestamp", "level", "service", "message"].allSatisfy { entry?[$0] is String }, "\(line)")
                    }
                }
            }
        }
    }
}
