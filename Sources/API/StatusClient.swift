import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
package import Reconciler

/// Asks a running daemon over its Unix socket.
package enum StatusClient {
    /// Why there is no status to be had.
    package struct Failure: Error, CustomStringConvertible {
        package var description: String

        fileprivate init(description: String) { self.description = description }

        /// - Parameter error: why the socket cannot be used, as `errno`.
        init(socketPath: String, error: Int32) {
            description =
                error == EACCES
                ? "no permission to use '\(socketPath)'; ask as root, or as the user or group that the socket belongs to"
                : "no daemon listens at '\(socketPath)'; start one, or name its --state-dir"
        }
    }

    private static let deadline = TimeAmount.seconds(10)
    private static let largestBody = 16 << 20

    /// - Throws: `Failure` when no daemon listens there or it does not answer within 10 s.
    package static func status(socketPath: String) async throws(Failure) -> HostStatus {
        if access(socketPath, W_OK) != 0 { throw Failure(socketPath: socketPath, error: errno) }
        do {
            return try await request(socketPath: socketPath)
        } catch {
            throw Failure(description: "the daemon at '\(socketPath)' does not answer: \(error)")
        }
    }

    private static func request(socketPath: String) async throws -> HostStatus {
        guard let url = URL(httpURLWithSocketPath: socketPath, uri: "/v1/status") else {
            throw Failure(description: "not a socket path")
        }
        var request = HTTPClientRequest(url: url.absoluteString)
        // Nothing sends a Host header over a Unix socket by itself, and HTTP/1.1 requires one.
        request.headers.add(name: "Host", value: "reconcile")
        var configuration = HTTPClient.Configuration()
        // A socket that a daemon left behind refuses at once, and would refuse for ever.
        configuration.connectionPool.retryConnectionEstablishment = false
        return try await HTTPClient.withHTTPClient(configuration: configuration) { [request] client in
            let response = try await client.execute(request, timeout: deadline)
            guard response.status == .ok else { throw Failure(description: "it answered \(response.status)") }
            let body = try await response.body.collect(upTo: largestBody)
            return try JSONDecoder().decode(HostStatus.self, from: Data(body.readableBytesView))
        }
    }
}
