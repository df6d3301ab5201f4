package import Foundation
import NIOCore
import NIOHTTP1
package import Reconciler
import Specs

/// What somebody asks of a pool, as the body of `POST /v1/pools/{pool}/claims`.
package struct ClaimWish: Encodable, Hashable, Sendable {
    package var holder: String
    package var labels: [String: String] = [:]
    /// In Go's spelling; nil takes the pool's.
    package var ttl: String?
    package var wait: String?
    package var env: [String: String] = [:]
    /// Each is sent in base64.
    package var files: [String: Data] = [:]
    package var limits: ClaimDocument.Limits?

    private enum CodingKeys: String, CodingKey { case holder, labels, ttl, wait, env, files, limits }

    package init(holder: String) { self.holder = holder }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(holder, forKey: .holder)
        try container.encode(labels, forKey: .labels)
        try container.encodeIfPresent(ttl, forKey: .ttl)
        try container.encodeIfPresent(wait, forKey: .wait)
        try container.encode(env, forKey: .env)
        try container.encode(files.mapValues { ["base64": $0.base64EncodedString()] }, forKey: .files)
        try container.encodeIfPresent(limits, forKey: .limits)
    }
}

extension DaemonClient {
    /// A cold start may take as long as an image and its health check do; whoever has less patience is cancelled.
    private static let longestStart = TimeAmount.minutes(30)

    /// How the pools of the host stand, in the order of their names.
    ///
    /// - Throws: all of these `ClientFailure`, with the daemon's own words when it refuses.
    package func pools() async throws(ClientFailure) -> [PoolStatus] {
        let list: PoolList = try await get("/v1/pools")
        return list.items
    }

    /// Waits for a member of a pool. Cancelled, the daemon is told by the end of the connection.
    ///
    /// - Parameter key: asked again with it, the same claim is the answer.
    package func claim(_ pool: String, _ wish: ClaimWish, key: String? = nil) async throws(ClientFailure)
        -> ClaimDocument
    {
        let body: Data
        do {
            body = try JSONEncoder().encode(wish)
        } catch {
            throw ClientFailure(description: "the request cannot be written as JSON")
        }
        return try await socket.send(
            .init(
                path: "/v1/pools/\(PercentEncoding.encoded(pool))/claims", body: body,
                headers: key.map { ["Idempotency-Key": $0] } ?? [:], deadline: Self.longestStart),
            reading: Self.document)
    }

    /// - Parameter filters: by the names of the query, such as `pool` and `phase`; nil is left out.
    package func claims(_ filters: KeyValuePairs<String, String?> = [:]) async throws(ClientFailure) -> ClaimList {
        let parts = filters.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encoded($0))" } }
        return try await get("/v1/claims" + (parts.isEmpty ? "" : "?" + parts.joined(separator: "&")))
    }

    package func claim(_ id: String) async throws(ClientFailure) -> ClaimDocument {
        try await get("/v1/claims/\(PercentEncoding.encoded(id))")
    }

    /// - Parameter ttl: in Go's spelling; nil has it last as long as before.
    package func renew(_ id: String, ttl: String? = nil) async throws(ClientFailure) -> ClaimDocument {
        // A text in a dictionary is always written.
        let body = ttl.flatMap { try? JSONEncoder().encode(["ttl": $0]) } ?? Data()
        return try await socket.send(
            .init(path: "/v1/claims/\(PercentEncoding.encoded(id))/renew", body: body), reading: Self.document)
    }

    package func release(_ id: String) async throws(ClientFailure) -> ClaimDocument {
        try await socket.send(
            .init(path: "/v1/claims/\(PercentEncoding.encoded(id))", method: .DELETE), reading: Self.document)
    }

    /// Calls with the claim as it is and after each change, until it is over, the body throws, or the daemon ends.
    ///
    /// - Throws: `ClientFailure`, and whatever the body throws.
    package func watch(_ id: String, _ body: (ClaimDocument) throws -> Void) async throws {
        var reader = EventReader<ClaimDocument>()
        try await socket.stream("/v1/claims/\(PercentEncoding.encoded(id))/events") { bytes in
            for message in try reader.take(bytes) {
                switch message {
                case .event(let claim): try body(claim)
                case .notice(let text): throw ClientFailure(description: text)
                }
            }
        }
    }

    private static func document(_ answer: SocketClient.Answer) throws -> ClaimDocument {
        guard answer.isOK else { throw refusal(answer) }
        return try JSONDecoder().decode(ClaimDocument.self, from: answer.body)
    }
}
