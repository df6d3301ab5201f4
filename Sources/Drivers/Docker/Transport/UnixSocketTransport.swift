import AsyncHTTPClient
package import FoundationEssentials
import Glibc
import NIOCore
import NIOHTTP1
package import Reconciler
import Specs

/// Talks HTTP/1.1 to an engine over its Unix socket, on connections that are kept and shared.
///
/// Nothing is ever sent twice: whether to repeat a request is not for the transport to say.
package final class UnixSocketTransport: WritingDockerTransport {
    private let address: EngineAddress
    private let client: HTTPClient
    private let connections: EngineConnections
    /// `http+unix://%2Fvar%2Frun%2Fdocker.sock`
    private let base: String

    /// - Parameter streams: how many answers may be read piece by piece at the same time.
    package init(_ address: EngineAddress, streams: Int = 48) {
        self.address = address
        base = "http+unix://" + PercentEncoding.encoded(address.socketPath)
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        configuration.timeout.connect = .seconds(5)
        // Streams of events, logs and progress hold a connection each.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = streams
        // Otherwise a refused connection is tried again until the deadline of the request.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
        connections = EngineConnections(address)
    }

    deinit {
        connections.close()
        // AsyncHTTPClient insists on a shutdown; after `shutdown()` this one is refused, which is fine.
        client.shutdown { _ in }
    }

    /// Closes all connections; requests under way fail, and later ones as well.
    package func shutdown() async {
        connections.close()
        // The only failures are "already shut down" and connections that did not close cleanly: the same to us.
        try? await client.shutdown()
    }

    package var socket: SocketIdentity? { SocketIdentity(of: address) }

    package func read(_ request: ReadRequest) async throws(DriverError) -> DockerResponse {
        let exchange = Exchange(request)
        do {
            try requireSocket()
            let answer = try await connections.answer(
                to: exchange.head, bodyLimit: exchange.bodyLimit, deadline: exchange.deadline)
            return DockerResponse(
                status: Int(answer.head.status.code), engine: EngineHeaders(answer.head.headers),
                body: Data(answer.body.readableBytesView))
        } catch {
            throw failure(error, of: exchange)
        }
    }

    package func stream(_ request: ReadRequest) async throws(DriverError) -> DockerStream {
        try await stream(Exchange(request))
    }

    package func write(_ request: WriteRequest) async throws(DriverError) -> DockerResponse {
        try await respond(to: Exchange(request))
    }

    package func writeStreaming(_ request: WriteRequest) async throws(DriverError) -> DockerStream {
        try await stream(Exchange(request))
    }

    private func respond(to exchange: Exchange) async throws(DriverError) -> DockerResponse {
        do {
            try requireSocket()
            let response = try await exchange.finish(with: client, base: base)
            return DockerResponse(
                status: Int(response.status.code), engine: EngineHeaders(response.headers),
                body: response.body.map { Data($0.readableBytesView) } ?? Data())
        } catch {
            throw failure(error, of: exchange)
        }
    }

    private func stream(_ exchange: Exchange) async throws(DriverError) -> DockerStream {
        do {
            try requireSocket()
            let response = try await withDeadline(exchange.deadline) { [self] in try await send(exchange) }
            return DockerStream(
                status: Int(response.status.code), engine: EngineHeaders(response.headers),
                chunks: BodyChunks(body: response.body, transport: self))
        } catch {
            throw failure(error, of: exchange)
        }
    }

    private func failure(_ error: any Error, of exchange: Exchange) -> DriverError {
        DriverError(
            TransportFailure(error, socketPath: address.socketPath), isWrite: exchange.isWrite, place: exchange.place)
    }

    private func send(_ exchange: Exchange) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: base + exchange.target.uri)
        request.method = exchange.method
        request.headers = exchange.headers
        if let body = exchange.body { request.body = .bytes(body) }
        // `withDeadline` is there first; this one only bounds what AsyncHTTPClient keeps for a call that was left.
        let margin = exchange.deadline + .seconds(5)
        return try await client.execute(request, timeout: .nanoseconds(margin.wholeNanoseconds))
    }

    /// Fails at once where nobody has made the socket, instead of at the deadline.
    private func requireSocket() throws {
        var status = stat()
        guard stat(address.socketPath, &status) == 0 else {
            throw TransportFailure.notConnected("there is no socket at '\(address.socketPath)'")
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw TransportFailure.notConnected("'\(address.socketPath)' is not a socket")
        }
    }
}

/// The pieces of a body as they come, each read when it is asked for: who takes his time has the engine wait, and memory is
/// that of a piece.
package struct BodyChunks: AsyncSequence, Sendable {
    package typealias Element = Data

    fileprivate let body: HTTPClientResponse.Body
    /// Its end would cancel the request.
    fileprivate let transport: UnixSocketTransport

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(buffers: body.makeAsyncIterator(), transport: transport)
    }

    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var buffers: HTTPClientResponse.Body.AsyncIterator
        fileprivate let transport: UnixSocketTransport

        package mutating func next() async throws -> Data? {
            defer { withExtendedLifetime(transport) {} }
            return try await buffers.next().map { Data($0.readableBytesView) }
        }
    }
}

/// A request of either kind, as it goes over the wire.
private struct Exchange: Sendable {
    var method: HTTPMethod
    var target: RequestTarget
    var headers: HTTPHeaders
    var body: Data?
    var bodyLimit: Int
    var deadline: Duration
    var isWrite: Bool

    /// AsyncHTTPClient sends no Host on Unix sockets, and without one dockerd answers 400.
    private static let host = (name: "Host", value: "docker")

    init(_ request: ReadRequest) {
        method = HTTPMethod(rawValue: request.method.rawValue)
        target = request.target
        headers = HTTPHeaders([Self.host])
        bodyLimit = request.bodyLimit
        deadline = request.deadline
        isWrite = false
    }

    init(_ request: WriteRequest) {
        method = HTTPMethod(rawValue: request.method.rawValue)
        target = request.target
        headers = HTTPHeaders([Self.host] + request.headers)
        if request.body != nil { headers.add(name: "Content-Type", value: "application/json") }
        body = request.body
        bodyLimit = request.bodyLimit
        deadline = request.deadline
        isWrite = true
    }

    /// The whole answer, within the deadline: one timer of the event loop for head and body together, where a task group
    /// and a sleep for each call would cost more than the call.
    func finish(with client: HTTPClient, base: String) async throws -> HTTPClient.Response {
        let request = try HTTPClient.Request(
            url: base + target.uri, method: method, headers: headers, body: body.map { .data($0) })
        let answer = ResponseAccumulator(request: request, maxBodySize: bodyLimit)
        let task = client.execute(
            request: request, delegate: answer, deadline: .now() + .nanoseconds(deadline.wholeNanoseconds))
        do {
            return try await withTaskCancellationHandler {
                try await task.futureResult.get()
            } onCancel: {
                task.cancel()
            }
        } catch let error as HTTPClientError where error == .deadlineExceeded {
            throw DeadlineExceeded(limit: deadline)
        }
    }

    /// As it is sent where there is no body.
    var head: HTTPRequestHead { HTTPRequestHead(version: .http1_1, method: method, uri: target.uri, headers: headers) }

    /// The endpoint, without version and query.
    var place: String { "\(method.rawValue) \(target.path)" }
}

extension EngineHeaders {
    fileprivate init(_ headers: HTTPHeaders) {
        self.init(apiVersion: headers.first(name: "Api-Version"), server: headers.first(name: "Server"))
    }
}

extension Duration {
    /// Nanoseconds, as Docker and NIO count; the fraction below is dropped.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// Whole seconds, rounded up.
    var secondsRoundedUp: Int {
        let (seconds, attoseconds) = components
        return Int(seconds) + (attoseconds > 0 ? 1 : 0)
    }
}
