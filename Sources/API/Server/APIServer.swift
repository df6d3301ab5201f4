package import Hummingbird
package import Logging
package import Reconciler

/// The daemon's API on its Unix socket, which only those may use who may write to the socket's file.
package enum DaemonServer {
    /// The daemon's application, to be run as a service.
    ///
    /// - Parameters:
    ///   - socketPath: a stale socket of an earlier run is replaced; the instance lock keeps a live one from that.
    ///   - status: asked for anew with every request.
    ///   - command: carries out what a person asks for, whose name the kernel tells, and answers what holds then.
    package static func application(
        socketPath: String, logger: Logger, status: @escaping @Sendable () async -> HostStatus,
        command: @escaping @Sendable (CommandRequest, _ name: String) async throws(CommandRefusal) -> String
    ) -> some ApplicationProtocol {
        let router = Router(context: PeerContext.self)
        StatusRoute(status: status).add(to: router)
        CommandRoutes(carryOut: command).add(to: router)
        var quiet = logger
        quiet.logLevel = .warning
        return Application(
            router: router, configuration: .init(address: .unixDomainSocket(path: socketPath)), logger: quiet)
    }
}
