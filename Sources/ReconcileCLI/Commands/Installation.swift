import API
import Drivers
import Foundation
import Logging
import Reconciler
import Specs
import Storage

/// What `--once` and the daemon share: the locked state directory, the store, the engine, and the source.
struct Installation {
    let directory: StateDirectory
    let lock: InstanceLock
    let engineLock: EngineLock
    let store: SQLiteStateStore
    let transport: UnixSocketTransport
    let engine: DockerDriver<UnixSocketTransport>
    let controller: Controller
    let watcher: SourceWatcher
    /// Hear of everything that the controller and the watcher write down.
    let hub = EventHub()
    let steps = StepMeter()
    /// Hears which names may be resolved, and where.
    let names: NameFeed
    let firewall: FirewallDriver
    /// Hears what containers use.
    let usage = UsageMeter()
    /// The same as of now, for whoever looks.
    let look: UsageLook
    /// Hears how far pulls are.
    let pulls = PullBoard()

    /// - Returns: nil when another instance works on this host already.
    init?(_ settings: EffectiveSettings, _ logger: Logger) throws {
        try settings.configuration.requireTrust()
        // Everything that we make is ours alone: specs may hold values that are nobody else's business.
        umask(0o077)
        directory = try StateDirectory(path: settings.stateDirectory)
        guard let lock = try directory.lock() else { return nil }
        guard let engineLock = try EngineLock(socketPath: settings.engine.socketPath, owner: settings.host.owner) else {
            return nil
        }
        self.lock = lock
        self.engineLock = engineLock
        let now: @Sendable () -> Instant = { Instant(secondsSince1970: Int64(Date().timeIntervalSince1970)) }
        let state = try StateRecovery.open(directory.database, host: try directory.hostID(), now: now())
        store = state.store
        Self.report(state.setAside, logger)
        let members = MemberFolders(stateDirectory: settings.stateDirectory)
        try Self.recoverClaims(of: members, into: store, logger)
        let journal = AnnouncingJournal(store) { [hub, steps] changes in
            hub.publish(changes)
            steps.take(changes)
        }
        transport = UnixSocketTransport(settings.engine)
        let kernel = KernelReader(usage: usage)
        let engine = DockerDriver(
            DockerClient(transport), credentials: .ofUser(environment: ProcessInfo.processInfo.environment),
            preflight: LocalPreflight(settings.engine), kernel: kernel, members: members, pullBoard: pulls,
            log: logger)
        self.engine = engine
        let metrics = settings.metrics.reader(kernel: kernel) { engine.usedDisk }
        look = UsageLook(kernel: kernel) { engine.usedDisk }
        names = NameFeed(settings.names)
        firewall = FirewallDriver(engine: settings.engine)
        let driver = Firewalled(engine, firewall, names: names)
        controller = Controller(
            driver: driver, metrics: metrics, store: journal, audit: try AuditLog(path: directory.audit, now: now()),
            host: settings.host,
            settings: settings.controller, logger: logger)
        watcher = SourceWatcher(
            source: try settings.makeSource(mirror: directory.mirror, logger: logger), store: journal,
            host: settings.host,
            allowing: settings.acceptRevision, now: now)
    }

    private static func report(_ setAside: StateRecovery.SetAside?, _ logger: Logger) {
        guard let setAside else { return }
        logger.error(
            "the damaged state file was set aside and a new one made",
            metadata: [
                "event": "store.set-aside", "path": "\(setAside.path)", "message": "\(setAside.reason)",
            ])
    }

    /// Has the journal know of every claim that has a file beside its member, before anybody can ask for one.
    private static func recoverClaims(
        of members: MemberFolders, into store: SQLiteStateStore, _ logger: Logger
    ) throws {
        let changes = ClaimRecovery.changes(try store.load(), files: try members.claims())
        if changes.isEmpty { return }
        try store.commit(changes)
        for case .claim(let claim) in changes {
            logger.notice(
                "a claim was found again by its file",
                metadata: [
                    "event": "claim.found", "claim": "\(claim.id)", "pool": "\(claim.pool.name)",
                    "container": "\(claim.container?.name ?? "")",
                ])
        }
    }

    /// Removes what members have left that are gone; an engine that does not answer leaves it for the next start.
    func sweepMembers(_ logger: Logger) async {
        do {
            try await engine.sweepMembers(keeping: ClaimRecovery.namesInUse(try store.load().claims))
        } catch {
            logger.info(
                "folders of members were not looked through",
                metadata: ["event": "member.sweep-failed", "message": "\(error)"])
        }
    }

    static func complainAboutLock(_ settings: EffectiveSettings) {
        Terminal.complain(
            "error: another instance of reconcile holds the lock of '\(settings.stateDirectory)' or works on the engine "
                + "at '\(settings.engine.socketPath)' for owner '\(settings.host.owner)'; stop it first, or ask it: "
                + "reconcile status --state-dir \(settings.stateDirectory)")
    }
}
