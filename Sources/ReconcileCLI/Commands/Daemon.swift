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
    /// What the command line says, for when the configuration is read anew.
    let flags: Flags

    func run() async throws -> ExitCode {
        if settings.isWorkingCopy {
            throw UsageError("a daemon needs --repo: a folder has no history that would tell a mistake from a change")
        }
        ReloadService.ignoreSignal()
        let level = LogLevel(settings.log.level ?? .info)
        let logger = settings.log.logger(level)
        let supervisor = try Supervisor()
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
        let trigger = SourceTrigger()
        var services: [any Service] = [
            server, ControllerService(controller: controller),
            SourceService(
                watcher: watcher, controller: controller, interval: settings.interval, trigger: trigger, logger: logger),
            ReloadService(
                flags: flags, current: settings.configuration, level: level, trigger: trigger, supervisor: supervisor,
                logger: logger),
        ]
        // The last one is the first to hear that the daemon is to stop.
        if let supervisor {
            services.append(
                SupervisorService(
                    supervisor, of: controller, socketPath: installation.directory.socket,
                    stopGrace: settings.controller.stopGrace, logger: logger)
            )
        }
        let group = ServiceGroup(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet(logger))
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
