import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Specs

/// Requests for numbers: short answers, within a time, from the address that the configuration names and no other.
enum MetricHTTP {
    private static let largestBody = 1 << 20

    /// Follows nobody: where a server sends it on to is not for the server to choose, and an order would become a question.
    private static let client = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.httpVersion = .http1Only
        // Otherwise a refused connection is tried again until the time is up.
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }()

    /// - Parameter statuses: those beside 2xx whose body is an answer as well.
    static func get(
        _ address: String, within timeout: Duration, accepting statuses: Set<UInt> = []
    ) async throws(MetricFailure) -> [UInt8] {
        try await send(HTTPClientRequest(url: address), within: timeout, accepting: statuses)
    }

    static func post(_ body: [UInt8], to address: String, within timeout: Duration) async throws(MetricFailure) {
        var request = HTTPClientRequest(url: address)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(body)
        _ = try await send(request, within: timeout)
    }

    /// The time is that of the whole answer: a server may send its head at once and its body for ever.
    private static func send(
        _ request: HTTPClientRequest, within timeout: Duration, accepting statuses: Set<UInt> = []
    ) async throws(MetricFailure) -> [UInt8] {
        let (status, body) = try await MetricFailure.within(timeout) { await answer(to: request, within: timeout) }
        guard (200..<300).contains(status) || statuses.contains(status) else {
            throw MetricFailure("it answered \(status)")
        }
        return body
    }

    private static func answer(
        to request: HTTPClientRequest, within timeout: Duration
    ) async -> Result<(status: UInt, body: [UInt8]), MetricFailure> {
        do {
            let response = try await client.execute(request, timeout: .nanoseconds(Int64(timeout / .nanoseconds(1))))
            let body = try await response.body.collect(upTo: largestBody)
            return .success((response.status.code, Array(body.readableBytesView)))
        } catch is NIOTooManyBytesError {
            return .failure(MetricFailure("the answer is longer than 1 MiB"))
        } catch let error as HTTPClientError where error == .deadlineExceeded {
            return .failure(MetricFailure("it did not answer within \(timeout.goText)"))
        } catch {
            return .failure(MetricFailure("no answer: \(error)"))
        }
    }
}
