import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCore
import PromptThreads
import Reconciler
import ServiceLifecycle
package import Specs
import Synchronization

/// The daemon's API: on its Unix socket, and on TCP where the host's configuration says so.
///
/// The daemon works without it. What a person must put right (a key that cannot be read, an address that others can
/// reach without TLS) ends the start; what may pass (a port in use, a full disk) is logged, and tried again for as long
/// as the daemon runs.
package struct APIServer: Service {
    /// Between two looks at the host that nobody asked for, so that conditions are dated.
    private static let pulse = Duration.seconds(10)
    private static let longestPause = Duration.seconds(30)
    private static let largestHeader = 16 << 10
    private static let idleTimeout = TimeAmount.seconds(60)
    /// Over TCP; more wait until one of them ends.
    private static let mostConnections = 2_048

    private let settings: APISettings
    private let host: any ServedHost
    private let hub: EventHub
    private let logger: Logger
    private let now: @Sendable () -> Instant
    private let cache: ReportCache
    private let meter = RequestMeter()
    private let availability = AvailabilityBox()
    private let socket: SocketFile
    private let tokens: TokenStore?
    private let secrets: WebhookSecrets?
    private let certificate: ServerCertificate?
    /// Of all connections, and of the tasks that answer them.
    private static let answers = PromptLoop(share: .milliseconds(5))
    private let loop = Self.answers.loop

    /// Reads everything that the settings name.
    ///
    /// - Throws: `APISettingsError` for what a person must put right.
    package init(
        _ settings: APISettings, serving host: any ServedHost, hub: EventHub, logger: Logger,
        now: @escaping @Sendable () -> Instant
    ) throws(APISettingsError) {
        try settings.check()
        self.settings = settings
        self.host = host
        self.hub = hub
        self.logger = logger
        self.now = now
        cache = ReportCache(host, now: now)
        socket = SocketFile(path: settings.socketPath, group: try settings.groupID())
        tokens = if let file = settings.tokenFile { try TokenStore(path: file, logger: logger) } else { nil }
        secrets =
            if let file = settings.webhookSecretFile { try WebhookSecrets(path: file, logger: logger) } else { nil }
        certificate = try ServerCertificate(settings, logger: logger)
    }

    /// Serves until the daemon is told to stop; then streams end, and answers under way are finished.
    package func run() async throws {
        if let reason = await Self.answers.makePrompt() {
            logger.info(
                "answers wait for a processor like everything else on this host",
                metadata: ["event": "api.not-prompt", "message": "\(reason)"])
        }
        await withDiscardingTaskGroup { group in
            let executor = LoopExecutor(loop)
            group.addTask(executorPreference: executor) { await keepServing("socket") { try await serveSocket() } }
            if let address = settings.listen {
                group.addTask(executorPreference: executor) {
                    await keepServing("\(address)") { try await application(.network(address, tokens)).run() }
                }
            }
            group.addTask { await cancelWhenGracefulShutdown { await hub.deliver() } }
            group.addTask { await cancelWhenGracefulShutdown { await keepLooking() } }
        }
    }

    private func serveSocket() async throws {
        let failure = Mutex<SocketFile.Failure?>(nil)
        let application = try application(.socket) { [socket] channel in
            do throws(SocketFile.Failure) {
                try socket.open()
            } catch {
                failure.withLock { $0 = error }
                channel.close(promise: nil)
            }
        }
        do {
            try await application.run()
        } catch {
            // What the server says of a socket that was taken from it helps nobody.
            if let failure = failure.withLock({ $0 }) { throw failure }
            throw error
        }
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    private func keepServing(_ address: String, _ serve: @Sendable @escaping () async throws -> Void) async {
        var pause = Duration.seconds(1)
        while !Task.isCancelled && !Task.isShuttingDownGracefully {
            do {
                try await serve()
                return
            } catch {
                logger.error(
                    "the API cannot be served; the host is kept as git says all the same",
                    metadata: [
                        "event": "api.failed", "address": "\(address)", "message": "\(error)",
                        "retry_after_seconds": "\(pause / .seconds(1))",
                    ])
            }
            let delay = pause
            // A cancelled sleep ends the loop by its condition.
            await cancelWhenGracefulShutdown { try? await Task.sleep(for: delay) }
            pause = min(pause * 2, Self.longestPause)
        }
    }

    private func keepLooking() async {
        while !Task.isCancelled {
            // What cannot be encoded is said to whoever asks for it.
            if let report = try? await cache.report() {
                availability.note(report, minute: now().secondsSince1970 / 60)
            }
            cache.keepConditions()
            // A cancelled sleep ends the loop by its condition.
            try? await Task.sleep(for: Self.pulse)
        }
        cache.keepConditions()
    }

    // MARK: One door

    func application(
        _ door: Admission.Door, onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
    ) throws -> some ApplicationProtocol {
        var quiet = logger
        quiet.logLevel = max(quiet.logLevel, .warning)
        let http = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [PeerWatch()], idleTimeout: Self.idleTimeout,
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: Self.largestHeader, maxHeaderListSize: Self.largestHeader,
                    maxHeaderFieldCount: 100)))
        switch door {
        case .socket:
            return Application(
                responder: BriefResponder(base: router(door).buildResponder()), server: http,
                configuration: .init(address: .unixDomainSocket(path: settings.socketPath)),
                onServerRunning: onServerRunning, eventLoopGroupProvider: .shared(loop), logger: quiet)
        case .network(let address, _):
            return Application(
                responder: BriefResponder(base: router(door).buildResponder()),
                server: try certificate.map { try .tls(http, tlsConfiguration: $0.configuration) } ?? http,
                configuration: .init(
                    address: .hostname(address.host, port: address.port),
                    availableConnectionsDelegate: .maximum(Self.mostConnections, logger: quiet)),
                onServerRunning: onServerRunning, eventLoopGroupProvider: .shared(loop), logger: quiet)
        }
    }

    private func router(_ door: Admission.Door) -> Router<CallContext> {
        let router = Router(context: CallContext.self)
        router.add(middleware: UnreadBodies())
        router.add(middleware: UnknownRoutes())
        router.add(middleware: Admission(door: door, now: now))
        let routes = Routes(router: router, meter: meter, logger: logger)
        StateRoutes(cache: cache).add(to: routes)
        OverviewRoutes(host: host, cache: cache, hub: hub).add(to: routes)
        EventRoutes(host: host, hub: hub).add(to: routes)
        CommandRoutes(host: host, cache: cache, bodyDeadline: settings.bodyDeadline).add(to: routes)
        PoolRoutes(cache: cache).add(to: routes)
        AutoscalerRoutes(cache: cache).add(to: routes)
        RolloutRoutes(cache: cache).add(to: routes)
        TaskRoutes(cache: cache).add(to: routes)
        LogRoutes(host: host).add(to: routes)
        ClaimRoutes(host: host, bodyDeadline: settings.bodyDeadline).add(to: routes)
        ClaimStreamRoutes(host: host, feed: hub.claims).add(to: routes)
        SnapshotRoutes(host: host).add(to: routes)
        HealthRoutes(cache: cache, metrics: metrics).add(to: routes)
        WebhookRoutes(host, secrets: secrets, bodyDeadline: settings.bodyDeadline, meter: meter).add(to: routes)
        return router
    }

    private func metrics() async throws -> ByteBuffer {
        var text = try await cache.body(.metrics)
        // On the spot: it is short, and short work that is given away waits for a processor.
        text.writeString(
            PrometheusText.text(
                host.metrics() + availability.families + meter.families + hub.families + ProcessMetrics.families()))
        return text
    }
}

extension EventHub {
    fileprivate var families: [MetricFamily] {
        let (subscribers, cutOff) = figures
        return [
            MetricFamily(
                "reconcile_event_subscribers", .gauge, "Listeners of the event stream.", Double(subscribers)),
            MetricFamily(
                "reconcile_event_subscribers_cut_off_total", .counter, "Listeners that read too slowly.",
                Double(cutOff)),
            MetricFamily(
                "reconcile_claim_watchers", .gauge, "Streams of single claims that somebody reads.",
                Double(claims.count)),
        ]
    }
}
