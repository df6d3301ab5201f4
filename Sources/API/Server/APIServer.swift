import Foundation
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
import NIOCore
import NIOSSL
import Reconciler
import ServiceLifecycle
package import Specs

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
    private let group: gid_t?
    private let tokens: TokenStore?
    private let secrets: [String]?
    private let tls: TLSConfiguration?

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
        group = try settings.groupID()
        tokens = if let file = settings.tokenFile { try TokenStore(path: file, logger: logger) } else { nil }
        secrets = try Self.secrets(settings.webhookSecretFile)
        tls = try Self.tls(settings)
    }

    /// Serves until the daemon is told to stop; then streams end, and answers under way are finished.
    package func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask { await keepServing("socket") { try await application(.socket).run() } }
            if let address = settings.listen {
                group.addTask {
                    await keepServing("\(address)") { try await application(.network(address, tokens)).run() }
                }
            }
            group.addTask { await cancelWhenGracefulShutdown { await hub.deliver() } }
            group.addTask { await cancelWhenGracefulShutdown { await keepLooking() } }
        }
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
            // A cancelled sleep ends the loop by its condition.
            try? await Task.sleep(for: Self.pulse)
        }
    }

    // MARK: One door

    func application(
        _ door: Admission.Door, onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in }
    ) throws -> some ApplicationProtocol {
        let settings = settings
        let group = group
        var quiet = logger
        quiet.logLevel = max(quiet.logLevel, .warning)
        let http = HTTPServerBuilder.http1(
            configuration: .init(
                idleTimeout: Self.idleTimeout,
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: Self.largestHeader, maxHeaderListSize: Self.largestHeader,
                    maxHeaderFieldCount: 100)))
        switch door {
        case .socket:
            return Application(
                router: router(door), server: http,
                configuration: .init(address: .unixDomainSocket(path: settings.socketPath)),
                onServerRunning: { channel in
                    Self.open(settings.socketPath, to: group)
                    await onServerRunning(channel)
                }, logger: quiet)
        case .network(let address, _):
            return Application(
                router: router(door), server: try tls.map { try .tls(http, tlsConfiguration: $0) } ?? http,
                configuration: .init(
                    address: .hostname(address.host, port: address.port),
                    availableConnectionsDelegate: .maximum(Self.mostConnections, logger: quiet)),
                onServerRunning: onServerRunning, logger: quiet)
        }
    }

    private func router(_ door: Admission.Door) -> Router<CallContext> {
        let router = Router(context: CallContext.self)
        router.add(middleware: UnknownRoutes())
        router.add(middleware: Admission(door: door, now: now))
        let routes = Routes(router: router, meter: meter, logger: logger)
        StateRoutes(cache: cache).add(to: routes)
        EventRoutes(host: host, hub: hub).add(to: routes)
        CommandRoutes(host: host, cache: cache).add(to: routes)
        HealthRoutes(cache: cache, metrics: metrics).add(to: routes)
        WebhookRoutes(host, secrets: secrets, meter: meter).add(to: routes)
        return router
    }

    /// Until now it is its owner's alone, by the mask that the process makes files with.
    private static func open(_ path: String, to group: gid_t?) {
        if let group { chown(path, uid_t.max, group) }
        chmod(path, 0o660)
    }

    private func metrics() async throws -> String {
        let report = try await cache.report()
        let seconds = Date().timeIntervalSince1970
        return PrometheusText.text(
            HostMetrics.families(report, now: seconds) + host.metrics() + availability.families + meter.families
                + hub.families + ProcessMetrics.families())
    }

    // MARK: Files

    private static func secrets(_ path: String?) throws(APISettingsError) -> [String]? {
        guard let path else { return nil }
        let text = try HostFile.text(path, of: "webhook secrets", isSecret: true)
        let secrets = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
        guard !secrets.isEmpty, secrets.allSatisfy({ $0.utf8.count >= 16 }) else {
            throw APISettingsError(
                "the file of webhook secrets '\(path)' must hold secrets of 16 characters or more, one a line")
        }
        return secrets
    }

    private static func tls(_ settings: APISettings) throws(APISettingsError) -> TLSConfiguration? {
        guard let certificate = settings.certificateFile, let key = settings.privateKeyFile else { return nil }
        _ = try HostFile.text(key, of: "the TLS key", isSecret: true)
        do {
            let chain = try NIOSSLCertificate.fromPEMFile(certificate).map { NIOSSLCertificateSource.certificate($0) }
            let privateKey = try NIOSSLPrivateKey(file: key, format: .pem)
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain, privateKey: .privateKey(privateKey))
            configuration.minimumTLSVersion = .tlsv12
            // Whether the two belong together is seen now, and not at the first connection.
            _ = try NIOSSLContext(configuration: configuration)
            return configuration
        } catch {
            throw APISettingsError(
                "api.certificateFile '\(certificate)' and api.privateKeyFile '\(key)' cannot be used: \(error)")
        }
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
        ]
    }
}
