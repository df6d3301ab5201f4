import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Why the daemon cannot be asked, or what it said instead of an answer.
package struct ClientFailure: Error, CustomStringConvertible {
    package var description: String
    /// Nobody listens there.
    package var isAbsent = false

    init(description: String) { self.description = description }

    /// A stream that has no end has ended.
    package static let ended = ClientFailure(description: "the daemon has ended the stream; is it being stopped?")
    /// Whoever waited has no more time.
    package static let timedOut = ClientFailure(
        description: "the time is up, and the host is not as the revision says; the daemon goes on")

    /// - Parameter error: why the socket cannot be used, as `errno`.
    init(socketPath: String, error: Int32) {
        isAbsent = error != EACCES
        description =
            isAbsent
            ? "no daemon listens at '\(socketPath)'; start one, or name its --state-dir"
            : "no permission to use '\(socketPath)'; ask as root, or as the user or group that the socket belongs to"
    }
}

/// One request to the daemon's socket, and its answer.
struct SocketClient {
    struct Answer {
        var status: HTTPResponseStatus
        var body: Data

        var isOK: Bool { status == .ok }
        var code: UInt { status.code }
    }

    private static let deadline = TimeAmount.seconds(10)
    private static let largestBody = 16 << 20

    let socketPath: String

    /// - Parameter body: posted; nil only asks.
    /// - Throws: `ClientFailure` when no daemon listens there or it does not answer within the deadline.
    func send<Value>(
        _ path: String, body: Data? = nil, deadline: TimeAmount = Self.deadline,
        reading: @escaping @Sendable (Answer) throws -> Value
    ) async throws(ClientFailure) -> Value {
        try await asked {
            try reading(try await perform(path, body, deadline))
        }
    }

    /// Reads an answer that has no end, piece by piece, until it ends or the body throws.
    ///
    /// - Throws: `ClientFailure`, and whatever the body throws.
    func stream(_ path: String, _ body: (ByteBufferView) throws -> Void) async throws {
        if access(socketPath, W_OK) != 0 { throw ClientFailure(socketPath: socketPath, error: errno) }
        let request = try self.request(path, nil)
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: Self.configuration)
        do {
            let response = try await client.execute(request, timeout: Self.deadline)
            guard response.status == .ok else {
                let answer = try await response.body.collect(upTo: Self.largestBody)
                throw ClientFailure(description: String(buffer: answer))
            }
            for try await piece in response.body { try body(piece.readableBytesView) }
        } catch {
            // The reason is the one that counts.
            try? await client.shutdown()
            throw error
        }
        try await client.shutdown()
    }

    private func asked<Value>(_ body: () async throws -> Value) async throws(ClientFailure) -> Value {
        if access(socketPath, W_OK) != 0 { throw ClientFailure(socketPath: socketPath, error: errno) }
        do {
            return try await body()
        } catch let refusal as Refused {
            throw ClientFailure(description: refusal.message)
        } catch {
            throw ClientFailure(description: "the daemon at '\(socketPath)' does not answer: \(error)")
        }
    }

    private static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        // A socket that a daemon left behind refuses at once, and would refuse for ever.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    private func request(_ path: String, _ body: Data?) throws -> HTTPClientRequest {
        guard let url = URL(httpURLWithSocketPath: socketPath, uri: path) else {
            throw ClientFailure(description: "not a socket path")
        }
        var request = HTTPClientRequest(url: url.absoluteString)
        // Nothing sends a Host header over a Unix socket by itself, and HTTP/1.1 requires one.
        request.headers.add(name: "Host", value: "reconcile")
        if let body {
            request.method = .POST
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        return request
    }

    private func perform(_ path: String, _ body: Data?, _ deadline: TimeAmount) async throws -> Answer {
        let request = try request(path, body)
        return try await HTTPClient.withHTTPClient(configuration: Self.configuration) { client in
            let response = try await client.execute(request, timeout: deadline)
            let body = try await response.body.collect(upTo: Self.largestBody)
            return Answer(status: response.status, body: Data(body.readableBytesView))
        }
    }
}

/// The daemon answered, and the answer is no.
struct Refused: Error {
    var message: String
}
