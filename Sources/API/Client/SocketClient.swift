import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Why the daemon cannot be asked, or what it said instead of an answer.
package struct ClientFailure: Error, CustomStringConvertible {
    package var description: String
    /// Nobody listens there.
    package var isAbsent = false

    package init(description: String) { self.description = description }

    /// A stream that has no end has ended.
    package static let ended = ClientFailure(description: "the daemon has ended the stream; is it being stopped?")
    /// Whoever waited has no more time.
    package static let timedOut = ClientFailure(
        description: "the time is up, and the host is not as the revision says; the daemon goes on")

    /// - Parameter error: what a request to the socket ended with.
    init(socketPath: String, _ error: any Error) {
        switch error {
        case let refusal as Refused: self.init(description: refusal.message)
        // What a daemon that has ended leaves behind: its socket, and nobody behind it.
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            self.init(socketPath: socketPath, errno: ECONNREFUSED)
        default: self.init(description: "the daemon at '\(socketPath)' does not answer: \(error)")
        }
    }

    /// - Parameter errno: why the socket cannot be used.
    init(socketPath: String, errno: CInt) {
        isAbsent = errno != EACCES
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

        var isOK: Bool { (200..<300).contains(status.code) }
        var code: UInt { status.code }
    }

    /// What is asked: a path alone is looked at, and a body is posted.
    struct Question {
        var path: String
        var method: HTTPMethod?
        var body: Data?
        var headers: [String: String] = [:]
        var deadline = SocketClient.deadline
        var largestBody = SocketClient.largestBody
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
        try await send(Question(path: path, body: body, deadline: deadline), reading: reading)
    }

    func send<Value>(
        _ question: Question, reading: @escaping @Sendable (Answer) throws -> Value
    ) async throws(ClientFailure) -> Value {
        try await asked { try reading(try await perform(question)) }
    }

    /// Reads an answer that has no end, piece by piece, until it ends or the body throws.
    ///
    /// - Throws: `ClientFailure`, and whatever the body throws.
    func stream(_ path: String, _ body: (ByteBufferView) throws -> Void) async throws {
        if access(socketPath, W_OK) != 0 { throw ClientFailure(socketPath: socketPath, errno: errno) }
        let request = try self.request(Question(path: path))
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: Self.configuration)
        do {
            let response = try await client.execute(request, timeout: Self.deadline)
            guard response.status == .ok else {
                let answer = try await response.body.collect(upTo: Self.largestBody)
                throw DaemonClient.refusal(Answer(status: response.status, body: Data(answer.readableBytesView)))
            }
            for try await piece in response.body { try body(piece.readableBytesView) }
        } catch {
            // The reason is the one that counts.
            try? await client.shutdown()
            throw error is Refused || error is IOError ? ClientFailure(socketPath: socketPath, error) : error
        }
        try await client.shutdown()
    }

    private func asked<Value>(_ body: () async throws -> Value) async throws(ClientFailure) -> Value {
        if access(socketPath, W_OK) != 0 { throw ClientFailure(socketPath: socketPath, errno: errno) }
        do {
            return try await body()
        } catch {
            throw ClientFailure(socketPath: socketPath, error)
        }
    }

    private static var configuration: HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration()
        // A socket that a daemon left behind refuses at once, and would refuse for ever.
        configuration.connectionPool.retryConnectionEstablishment = false
        return configuration
    }

    private func request(_ question: Question) throws -> HTTPClientRequest {
        guard let url = URL(httpURLWithSocketPath: socketPath, uri: question.path) else {
            throw ClientFailure(description: "not a socket path")
        }
        var request = HTTPClientRequest(url: url.absoluteString)
        request.method = question.method ?? (question.body == nil ? .GET : .POST)
        // Nothing sends a Host header over a Unix socket by itself, and HTTP/1.1 requires one.
        request.headers.add(name: "Host", value: "reconcile")
        for (name, value) in question.headers { request.headers.add(name: name, value: value) }
        if let body = question.body {
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        return request
    }

    private func perform(_ question: Question) async throws -> Answer {
        let request = try request(question)
        return try await HTTPClient.withHTTPClient(configuration: Self.configuration) { client in
            let response = try await client.execute(request, timeout: question.deadline)
            let body = try await response.body.collect(upTo: question.largestBody)
            return Answer(status: response.status, body: Data(body.readableBytesView))
        }
    }
}

/// The daemon answered, and the answer is no.
struct Refused: Error {
    var message: String
}
