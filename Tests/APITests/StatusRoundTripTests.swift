import Foundation
import Hummingbird
import Logging
import ReconcileTesting
import Reconciler
import ServiceLifecycle
import Specs
import Testing

@testable import API

/// The server and the client of the daemon's socket, together over a real one.
struct StatusRoundTripTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("api-\(UUID().uuidString)").path

    private var socket: String { folder + "/reconcile.sock" }

    private static let status = HostStatus(
        host: "agents-1", revision: Revision(id: "3f2c9e1", reference: "main"),
        engine: HostStatus.EngineStatus(reachable: true, version: "20.10.24", apiVersion: "1.41", message: nil),
        source: SourceStatus(
            .rejected, "nothing of it was applied",
            diagnostics: [
                Diagnostic(
                    .unknownKey, at: SourcePosition(file: "web.yaml", line: 9, column: 3), "unknown key 'replica'",
                    hint: "did you mean 'replicas'?")
            ]),
        objects: [
            HostStatus.ObjectStatus(
                id: ResourceID(.workload, "web"), desired: 2, present: 2, ready: 1,
                conditions: [Condition(.ready, false, "Progressing", "Workload/web/1: await")])
        ])

    /// Runs the body beside a server that answers with `status`, and takes both down again.
    private func withServer(_ body: @Sendable @escaping () async throws -> Void) async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer {
            // What a test leaves in the system's temporary folder does no harm.
            try? FileManager.default.removeItem(atPath: folder)
        }
        let server = DaemonServer.application(socketPath: socket, logger: Logger(label: "test")) {
            Self.status
        } command: { _, _ throws(CommandRefusal) in
            throw CommandRefusal(.unavailable, "not here")
        }
        let group = ServiceGroup(services: [server], logger: Logger(label: "test"))
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            try await waitForSocket()
            try await body()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private func waitForSocket() async throws {
        try #require(await eventually { FileManager.default.fileExists(atPath: socket) }, "nobody listens")
    }

    @Test("the client reads back what the daemon says")
    func roundTrip() async throws {
        let socket = socket
        try await withServer {
            let answer = try await StatusClient.status(socketPath: socket)
            #expect(answer == Self.status)
        }
    }

    @Test("a stale socket of an earlier run is replaced")
    func staleSocket() async throws {
        let socket = socket
        try await withServer {
            let answer = try await StatusClient.status(socketPath: socket)
            #expect(answer == Self.status)
        }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try await withServer {
            let answer = try await StatusClient.status(socketPath: socket)
            #expect(answer == Self.status)
        }
    }

    @Test("without a daemon the error names the socket and says what to do")
    func noDaemon() async throws {
        let error = await #expect(throws: ClientFailure.self) {
            try await StatusClient.status(socketPath: socket)
        }
        #expect(error?.description.contains("no daemon listens at '\(socket)'") == true)
        #expect(error?.description.contains("--state-dir") == true)
    }

    @Test("a socket that is there and not for us is not called a daemon that does not run")
    func noPermission() {
        let refused = ClientFailure(socketPath: "/s/reconcile.sock", error: EACCES).description
        #expect(refused.hasPrefix("no permission to use '/s/reconcile.sock'; ask as root, "))
        let absent = ClientFailure(socketPath: "/s/reconcile.sock", error: ENOENT).description
        #expect(absent.hasPrefix("no daemon listens at '/s/reconcile.sock'; "))
    }

    @Test("whatever else answers there is told apart from a daemon", arguments: [true, false])
    func noDaemonAnswers(knowsRoute: Bool) async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer {
            // What a test leaves in the system's temporary folder does no harm.
            try? FileManager.default.removeItem(atPath: folder)
        }
        let router = Router()
        if knowsRoute { router.get("/v1/status") { _, _ in "fine, thanks" } }
        var quiet = Logger(label: "test")
        quiet.logLevel = .critical
        let other = Application(
            router: router, configuration: .init(address: .unixDomainSocket(path: socket)), logger: quiet)
        let group = ServiceGroup(services: [other], logger: quiet)
        let run = Task { try await group.run() }
        try await waitForSocket()
        let error = await #expect(throws: ClientFailure.self) {
            try await StatusClient.status(socketPath: socket)
        }
        await group.triggerGracefulShutdown()
        try await run.value
        #expect(error?.description.hasPrefix("the daemon at '\(socket)' does not answer: ") == true)
        if !knowsRoute { #expect(error?.description.contains("404") == true) }
    }

    @Test("a file that is no socket gives an error, not a wait")
    func notASocket() async throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer {
            // What a test leaves in the system's temporary folder does no harm.
            try? FileManager.default.removeItem(atPath: folder)
        }
        try Data().write(to: URL(fileURLWithPath: socket))
        let error = await #expect(throws: ClientFailure.self) {
            try await StatusClient.status(socketPath: socket)
        }
        #expect(error?.description.contains("does not answer") == true)
        // Tried again and again, it would end with a timeout.
        #expect(error?.description.lowercased().contains("timeout") == false)
    }
}
