package import Hummingbird
package import Logging
package import Reconciler

/// The daemon's API on its Unix socket. Its first route is the status; more will come.
package enum StatusServer {
    /// The daemon's application, to be run as a service.
    ///
    /// - Parameters:
    ///   - socketPath: a stale socket of an earlier run is replaced; the instance lock keeps a live one from that.
    ///   - status: asked for anew with every request.
    package static func application(
        socketPath: String, logger: Logger, status: @escaping @Sendable () async -> HostStatus
    ) -> some ApplicationProtocol {
        let router = Router()
        router.get("/v1/status") { _, _ in StatusResponse(status: await status()) }
        var quiet = logger
        quiet.logLevel = .warning
        return Application(
            router: router, configuration: .init(address: .unixDomainSocket(path: socketPath)), logger: quiet)
    }
}

/// `HostStatus` as the body of a response.
private struct StatusResponse: ResponseEncodable {
    let status: HostStatus

    func encode(to encoder: any Encoder) throws { try status.encode(to: encoder) }
}
