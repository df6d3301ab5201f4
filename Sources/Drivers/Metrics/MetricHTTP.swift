import AsyncHTTPClient
import NIOCore
import NIOHTTP1

/// Why something could not be measured, in a few words.
struct MetricFailure: Error, Hashable, Sendable {
    var message: String

    init(_ message: String) { self.message = message }
}

/// Requests for numbers: short answers, within a time.
enum MetricHTTP {
    private static let largestBody = 1 << 20

    static func get(_ address: String, within timeout: Duration) async throws(MetricFailure) -> [UInt8] {
        try await send(HTTPClientRequest(url: address), within: timeout)
    }

    static func post(_ body: [UInt8], to address: String, within timeout: Duration) async throws(MetricFailure) {
        var request = HTTPClientRequest(url: address)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(body)
        _ = try await send(request, within: timeout)
    }

    private static func send(
        _ request: HTTPClientRequest, within timeout: Duration
    ) async throws(MetricFailure) -> [UInt8] {
        let (status, body): (HTTPResponseStatus, ByteBuffer)
        do {
            let response = try await HTTPClient.shared.execute(
                request, timeout: .nanoseconds(Int64(timeout / .nanoseconds(1))))
            (status, body) = (response.status, try await response.body.collect(upTo: largestBody))
        } catch {
            throw MetricFailure("no answer: \(error)")
        }
        // Prometheus says in the body what is wrong with a query, with status 400 or 422.
        guard (200..<300).contains(status.code) || status.code == 400 || status.code == 422 else {
            throw MetricFailure("it answered \(status.code)")
        }
        return Array(body.readableBytesView)
    }

    /// RFC 3986, section 2.3: all but the unreserved characters are written as their bytes.
    static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
