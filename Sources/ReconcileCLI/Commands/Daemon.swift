import API
import ArgumentParser
import Drivers
import Foundation
import Logging
import Reconciler
import ServiceLifecycle
import Specs
import Storage
import UnixSignals

/// Keeps the host as git says until it is told to stop.
struct Daemon {
    let settings: EffectiveSettings
    let logLevel: Logger.Level

    func run() async throws -> ExitCode {
        if settings.isWorkingCopy {
            throw UsageError("a daemon needs --repo: a folder has no history that would tell a mistake from a change")
        }
        let logger = JSONLogHandler.logger(logLevel)
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
        let (bell, source) = (SourceBell(), SourceMeter())
        OpenFiles.raiseLimit()
        let server = try APIServer(
            settings.api,
            serving: DaemonHost(
                controller: controller, watcher: watcher, store: installation.store, bell: bell, source: source,
                steps: installation.steps, logger: logger),
            hub: installation.hub, logger: logger,
            now: { Instant(secondsSince1970: Int64(Date().timeIntervalSince1970)) })
        let group = ServiceGroup(
            services: [
                server, ControllerService(controller: controller),
                SourceService(
                    watcher: watcher, controller: controller, interval: settings.interval, bell: bell, meter: source,
                    logger: logger),
            ], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet(logger))
        try await group.run()
        await installation.transport.shutdown()
        logger.notice("stopped", metadata: ["event": "daemon.stopped"])
        return .success
    }

    private func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logLevel, .warning)
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
