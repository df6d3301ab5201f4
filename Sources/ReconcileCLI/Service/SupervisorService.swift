import Foundation
import Logging
import Reconciler
import ServiceLifecycle
import Specs

/// Tells the supervisor when the daemon is ready, how it is, that it is alive, and that it stops.
///
/// A sign of life is given when the control loop has made a turn, and by nothing else: with a loop that hangs, in a disk
/// that does not answer for instance, the signs stop, and the supervisor starts the program anew.
struct SupervisorService: Service {
    let supervisor: Supervisor
    /// Whether somebody who asks the daemon something is heard.
    let isListening: @Sendable () async -> Bool
    /// Makes the control loop take a turn; false while it is not running.
    let takeTurn: @Sendable () async -> Bool
    /// How things are, in a few words.
    let describe: @Sendable () async -> String
    /// What steps in flight may take to end.
    let stopGrace: Duration
    let logger: Logger

    /// Without a watchdog, and the longest time for which words about the status may be old.
    private static let longestPause = Duration.seconds(5)

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var line = Line(socket: supervisor.socket, logger: logger)
            await becomeReady(&line)
            await stayAlive(&line)
        }
        // Whatever the supervisor would wait otherwise: what is under way may take as long as it is allowed to.
        let wait = Int64((stopGrace + .seconds(15)) / .microseconds(1))
        var line = Line(socket: supervisor.socket, logger: logger)
        line.tell(["STOPPING=1", "STATUS=finishing what is under way", "EXTEND_TIMEOUT_USEC=\(wait)"])
    }

    private func becomeReady(_ line: inout Line) async {
        while !Task.isCancelled {
            if await isListening(), await takeTurn() {
                if line.tell(["READY=1", "STATUS=\(await describe())"] + signOfLife) { return }
            }
            // A cancelled sleep ends the loop by its condition.
            try? await Task.sleep(for: .milliseconds(50))
        }
    }

    private func stayAlive(_ line: inout Line) async {
        var told = ""
        // Three signs within the time in which one is expected: one of them may be late.
        let pause = min(supervisor.watchdog.map { $0 / 3 } ?? Self.longestPause, Self.longestPause)
        while !Task.isCancelled {
            // A cancelled sleep ends the loop by its condition.
            try? await Task.sleep(for: pause)
            guard !Task.isCancelled, await takeTurn() else { continue }
            let status = await describe()
            let lines = signOfLife + (status == told ? [] : ["STATUS=\(status)"])
            if !lines.isEmpty && line.tell(lines) { told = status }
        }
    }

    private var signOfLife: [String] { supervisor.watchdog == nil ? [] : ["WATCHDOG=1"] }

    /// The way to the supervisor; that it is broken is worth one entry of the log.
    private struct Line {
        let socket: NotifySocket
        let logger: Logger
        var isBroken = false

        @discardableResult
        mutating func tell(_ lines: [String]) -> Bool {
            let failure = socket.send(lines)
            if let failure, !isBroken {
                logger.warning(
                    "the supervisor cannot be told",
                    metadata: [
                        "event": "supervisor.unreachable", "message": "\(failure)", "socket": "\(socket.address)",
                    ])
            }
            isBroken = failure != nil
            return !isBroken
        }
    }
}

extension SupervisorService {
    /// - Parameter socketPath: where the daemon listens.
    init(
        _ supervisor: Supervisor, of controller: Controller, socketPath: String, stopGrace: Duration, logger: Logger
    ) {
        self.init(
            supervisor: supervisor, isListening: { UnixSocketProbe.isListening(socketPath) },
            takeTurn: { await controller.takeTurn() }, describe: { await controller.status().oneLine },
            stopGrace: stopGrace, logger: logger)
    }
}

/// Whether somebody listens on a Unix socket.
enum UnixSocketProbe {
    static func isListening(_ path: String) -> Bool {
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: name.sun_path) else { return false }
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}

extension HostStatus {
    /// For a supervisor's list of services: `converged on 1a2b3c4, 12 objects`.
    var oneLine: String {
        var parts: [String] = []
        if let revision {
            let name = revision.id.prefix(7)
            let ready = objects.count { $0.conditions.contains { $0.type == .ready && $0.status } }
            parts.append(
                isConverged
                    ? "converged on \(name), objects: \(objects.count)"
                    : "\(ready) of \(objects.count) objects ready on \(name)")
        } else {
            parts.append("no revision yet")
        }
        if !engine.reachable { parts.append("the engine was not seen lately") }
        if let source, source.state != .current, source.state != .starting {
            parts.append("source: \(source.state.rawValue)")
        }
        if let pauses, pauses.contains(where: { $0.object == nil }) { parts.append("paused") }
        return parts.joined(separator: "; ")
    }
}
