package import Reconciler

/// The reading half of a transport, and nothing else: what a dry-run is given.
///
/// It has no write methods, and a `ReadRequest` has no method but GET and HEAD. GET has one way to write as well,
/// the WebSocket of `attach`; that one is refused here.
package struct ReadOnlyTransport: DockerTransport {
    private let base: UnixSocketTransport

    package init(_ base: UnixSocketTransport) { self.base = base }

    package func read(_ request: ReadRequest) async throws(DriverError) -> DockerResponse {
        try check(request)
        return try await base.read(request)
    }

    package func stream(_ request: ReadRequest) async throws(DriverError) -> DockerStream {
        try check(request)
        return try await base.stream(request)
    }

    package var socket: SocketIdentity? { base.socket }

    private func check(_ request: ReadRequest) throws(DriverError) {
        let isRead = request.method == .get || request.method == .head
        guard isRead, !request.target.path.contains("/attach") else {
            let place = "\(request.method.rawValue) \(request.target.path)"
            throw DriverError(.terminal, .badRequest, "this connection can only read", at: place)
        }
    }
}
