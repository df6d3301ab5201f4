import API
import ArgumentParser
import Drivers
import Foundation
import GitSource
import Logging
import Reconciler
import ServiceLifecycle
import Specs
import Storage
import UnixSignals

/// Keeps the host as git says until it is told to stop.
struct Daemon {
    let settings: EffectiveSettings

    func run() async throws -> ExitCode {
        if settings.isWorkingCopy {
            throw UsageError("a daemon needs --repo: a folder has no history that would tell a mistake from a change")
        }
        let logger = settings.log.logger(unlessSaid: .info)
        guard let installation = try Installation(settings, logger) else {
            Installation.complainAboutLock(settings)
            return ExitStatus.locked
        }
        let hostID = try installation.directory.hostID()
        logger.notice(
            "started",
            metadata: [
                "event": "daemon.started", "host": "\(settings.host.identity.name)", "host_id": "\(hostID)",
            ])
        let controller = installation.controller
        if let desired = try await installation.watcher.restore() { await controller.setDesired(desired) }
        let watcher = installation.watcher
        let server = DaemonServer.application(socketPath: installation.directory.socket, logger: logger) {
            var status = await controller.status()
            status.source = await watcher.status
            return status
        } command: { request, name throws(CommandRefusal) in
            let message = try await controller.carryOut(request, by: name)
            logger.notice(
                "command", metadata: ["event": "command.heard", "by": "\(name)", "message": "\(message)"])
            return message
        }
        let group = ServiceGroup(
            services: [
                server, ControllerService(controller: controller),
                SourceService(watcher: watcher, controller: controller, interval: settings.interval, logger: logger),
            ], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet(logger))
        try await group.run()
        await installation.transport.shutdown()
        logger.notice("stopped", metadata: ["event": "daemon.stopped"])
        return .success
    }

    private func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}

/// The controller, until the daemon is told to stop; steps in flight are finished.
private struct ControllerService: Service {
    let controller: Controller

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await controller.run(.forever) }
    }
}

/// Polls the source and puts what it brings in force.
private struct SourceService: Service {
    let watcher: SourceWatcher
    let controller: Controller
    let interval: Duration
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var schedule = PollSchedule(interval: interval)
            var random = SystemRandomNumberGenerator()
            var reported: SourceStatus?
            while !Task.isCancelled {
                await poll(&schedule)
                let status = await watcher.status
                // The same trouble is worth one line, not one for every poll.
                if status != reported { report(status) }
                reported = status
                // A cancelled sleep ends the loop by its condition.
                try? await Task.sleep(for: schedule.delay(using: &random))
            }
        }
    }

    private func poll(_ schedule: inout PollSchedule) async {
        do {
            let outcome = try await watcher.poll()
            if case .accepted(let desired) = outcome { await controller.setDesired(desired) }
            if case .failed = outcome { schedule.recordFailure() } else { schedule.recordSuccess() }
        } catch {
            schedule.recordFailure()
            logger.error("revision not stored", metadata: ["event": "store.failed", "message": "\(error)"])
        }
    }

    private func report(_ status: SourceStatus) {
        if status.state != .current {
            var metadata: Logger.Metadata = [
                "event": "source.\(status.state.rawValue)", "message": "\(status.message)",
            ]
            if let candidate = status.candidate { metadata["revision"] = "\(candidate)" }
            logger.error("source", metadata: metadata)
        }
        for diagnostic in status.diagnostics {
            logger.log(level: diagnostic.severity.level, "finding", metadata: diagnostic.metadata)
        }
    }
}
