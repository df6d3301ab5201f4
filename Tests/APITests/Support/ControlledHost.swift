import Logging
import ReconcileTesting
import Reconciler
import ServiceLifecycle
import Specs
import Synchronization
import Testing

@testable import API

/// A host with a real controller on an engine in memory, as far as claims are concerned.
struct ControlledHost: ServedHost {
    let engine = FakeDriver(images: ["agent:1"], registry: ["agent:1"])
    let hub = EventHub()
    let controller: Controller

    static let pool = ResourceID(.warmPool, "agents")

    init() {
        let journal = AnnouncingJournal(InMemoryStateStore()) { [hub] in hub.publish($0) }
        var settings = ControllerSettings(
            concurrency: 4, resyncInterval: .milliseconds(50), observationRetry: .milliseconds(2),
            probeInterval: .milliseconds(2), longestProbeInterval: .milliseconds(20), failuresBeforeStall: 4,
            minReadyTime: .zero,
            backoff: .init(base: .milliseconds(1), max: .milliseconds(20), rate: 1e6, burst: 1 << 20))
        settings.stopGrace = .seconds(5)
        controller = Controller(
            driver: engine, store: journal, host: Declared.host, settings: settings,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, seed: 1)
    }

    /// Runs the body beside the controller and a server, and takes both down again.
    static func with(
        size: Int, _ change: (inout WarmPool) -> Void = { _ in },
        _ body: (_ host: ControlledHost, _ client: DaemonClient, _ socket: String) async throws -> Void
    ) async throws {
        let host = ControlledHost()
        var pool = Declared.warmPool("agents", size: size)
        change(&pool.spec)
        await host.controller.setDesired(Declared.state(warmPools: [pool]))
        try await ScratchFolder.with { folder in
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let path = folder.path + "/s"
            let server = try APIServer(
                APISettings(socketPath: path), serving: host, hub: host.hub, logger: logger, now: { TestServer.now })
            let services = ServiceGroup(services: [server, Running(controller: host.controller)], logger: logger)
            let run = Task { try await services.run() }
            let outcome: Result<Void, any Error>
            do {
                try #require(await eventually { RawConnection.isAccepted(path) })
                try #require(await eventually { await host.status?.ready == size })
                try await body(host, DaemonClient(socketPath: path), path)
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            await services.triggerGracefulShutdown()
            try await run.value
            try outcome.get()
        }
    }

    private struct Running: Service {
        let controller: Controller
        func run() async throws { try await cancelWhenGracefulShutdown { try await controller.run(.forever) } }
    }

    var status: PoolStatus? { get async { await report().pools.first } }

    // MARK: As the daemon

    func report() async -> HostReport { await controller.report() }

    func claim(_ request: ClaimRequest, by name: String) async throws(ClaimRefusal) -> Claim {
        try await controller.claim(request, by: name)
    }

    func renew(_ id: ClaimID, for ttl: Duration?, by name: String) async throws(ClaimRefusal) -> Claim {
        try await controller.renew(id, for: ttl, by: name)
    }

    func release(_ id: ClaimID, by name: String) async throws(ClaimRefusal) -> Claim {
        try await controller.release(id, by: name)
    }

    func claims() async -> [Claim] { await controller.claims() }
    func claim(_ id: ClaimID) async -> Claim? { await controller.claim(id) }

    // MARK: Nothing of it

    func carryOut(_ request: CommandRequest, by name: String) async throws(CommandRefusal) -> String { "" }
    func sync(by name: String) async -> SyncAnswer { SyncAnswer(.current, "") }
    func hint(from name: String) {}
    func events(limit: Int) throws(StateStoreError) -> [EventRecord] { [] }
    func history(limit: Int) throws(StateStoreError) -> [RevisionRecord] { [] }
    func presentUsage() async -> PresentUsage? { nil }

    func snapshot() async throws -> [UInt8] { [] }
    func logPage(_ query: LogQuery, limit: Int, after cursor: String?) -> LogPage {
        LogMemory().page(query, limit: limit, after: cursor)
    }

    func metrics() -> [MetricFamily] { [] }
    func rememberedConditions() -> ConditionLedger { ConditionLedger() }
    func remember(_ conditions: ConditionLedger) {}
}
