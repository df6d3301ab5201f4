import API
import ArgumentParser
import CMalloc
import Drivers
import Foundation
import Logging
import NameFilter
import PromptThreads
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
        // A heap for each processor, and not eight for each as glibc has it: what one thread gave back is then there for the
        // others. A libc that refuses takes more memory, and nothing else.
        mallopt(M_ARENA_MAX, CInt(max(2, ProcessInfo.processInfo.activeProcessorCount)))
        let level = LogLevel(settings.log.level ?? .info)
        let memory = LogMemory()
        let logger = settings.log.logger(level, keeping: memory)
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
        let store = installation.store
        // Whoever asks for the newest events then waits for no disk.
        try installation.hub.recall { limit throws(StateStoreError) in try store.events(limit: limit) }
        if let desired = try await installation.watcher.restore() { await controller.setDesired(desired) }
        Task { await installation.sweepMembers(logger) }
        let watcher = installation.watcher
        let (bell, source) = (SourceBell(), SourceMeter())
        OpenFiles.raiseLimit()
        let table = FirewallIntent.tableName(owner: settings.host.owner)
        let sets = FirewallAddressSets(installation.firewall, table: table) {
            [names = installation.names] bridge, ports, isV6 in names.setName(bridge, ports, isV6: isV6)
        }
        // A name that is known is a question of microseconds, and containers ask many.
        let nameLoop = PromptLoop(share: .milliseconds(6))
        // One processor has no room for this and the API. Where nothing may come before others, the API says so for both.
        if ProcessInfo.processInfo.activeProcessorCount > 1 { _ = await nameLoop.makePrompt() }
        let filter = FilterServer(sets: sets, logger: logger, group: nameLoop.group)
        let publisher = try SnapshotPublisher(settings)
        let server = try APIServer(
            settings.api,
            serving: DaemonHost(
                controller: controller, watcher: watcher, store: installation.store, bell: bell, source: source,
                steps: installation.steps, usage: installation.usage, look: installation.look, names: filter.engine,
                conditions: ConditionFile(path: installation.directory.conditions), snapshots: publisher,
                logger: logger, log: memory),
            hub: installation.hub, logger: logger,
            now: { Instant(secondsSince1970: Int64(Date().timeIntervalSince1970)) })
        var services: [any Service] = [
            server, ControllerService(controller: controller),
            SourceService(
                watcher: watcher, controller: controller, interval: settings.interval, bell: bell, meter: source,
                logger: logger),
            ReloadService(
                flags: flags, current: settings.configuration, level: level, bell: bell, supervisor: supervisor,
                logger: logger),
            NameFilterService(
                server: filter, configurations: installation.names.configurations,
                renewals: installation.names.renewals, sets: sets),
            ProgramPages(),
        ]
        if let path = settings.snapshots.path {
            let interval = settings.snapshots.interval
            services.append(SnapshotService(publisher: publisher, path: path, interval: interval, logger: logger))
        }
        // The last one is the first to hear that the daemon is to stop.
        if let supervisor {
            services.append(
                SupervisorService(
                    supervisor, of: controller, socketPath: settings.api.socketPath,
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
