package import Foundation
import Logging
import NIOCore
package import Reconciler
package import Specs

/// Asks a running daemon by its socket.
package struct DaemonClient: Sendable {
    let socket: SocketClient

    package init(socketPath: String) { socket = SocketClient(socketPath: socketPath) }

    package var socketPath: String { socket.socketPath }

    /// - Throws: all of these `ClientFailure`, with the daemon's own words when it refuses, and when no daemon answers
    ///   within 10 s.
    package func status() async throws(ClientFailure) -> HostStatus { try await get("/v1/status") }

    /// All that a person watches, at one glance.
    package func overview() async throws(ClientFailure) -> OverviewDocument { try await get("/v1/overview") }

    /// - Parameter kind: nil is all.
    package func objects(_ kind: ResourceKind?) async throws(ClientFailure) -> ObjectList {
        try await get("/v1/objects" + (kind.map { "?kind=\($0.rawValue)" } ?? ""))
    }

    package func object(_ id: ResourceID) async throws(ClientFailure) -> ObjectDetail {
        try await get("/v1/objects/\(id.kind.rawValue)/\(PercentEncoding.encoded(id.name))")
    }

    /// - Parameters:
    ///   - kind: nil is all.
    ///   - object: nil is all.
    package func recommendations(
        _ kind: ResourceKind? = nil, of object: ResourceID? = nil
    ) async throws(ClientFailure) -> RecommendationList {
        let parts = [
            kind.map { "kind=\($0.rawValue)" }, object.map { "object=\(PercentEncoding.encoded($0.description))" },
        ]
        .compactMap(\.self)
        return try await get("/v1/recommendations" + (parts.isEmpty ? "" : "?" + parts.joined(separator: "&")))
    }

    /// What would be done now, and what holds it.
    package func plan() async throws(ClientFailure) -> PlanDocument { try await get("/v1/plan") }

    /// What the autoscalers of the host decided last, in the order of their names.
    package func autoscalers() async throws(ClientFailure) -> [AutoscalerReport] {
        let list: AutoscalerList = try await get("/v1/autoscalers")
        return list.items
    }

    /// How the rollouts of the host stand, in the order of the objects' names.
    package func rollouts() async throws(ClientFailure) -> [RolloutReport] {
        let list: RolloutList = try await get("/v1/rollouts")
        return list.items
    }

    /// How the tasks of the host stand, in the order of their names.
    package func tasks() async throws(ClientFailure) -> [TaskReport] {
        let list: TaskList = try await get("/v1/tasks")
        return list.items
    }

    package func events(_ query: EventQuery, limit: Int) async throws(ClientFailure) -> [EventDocument] {
        let list: EventList = try await get(
            "/v1/events?" + (["limit=\(limit)"] + Self.parts(query)).joined(separator: "&"))
        return list.items
    }

    package func history(limit: Int) async throws(ClientFailure) -> [RevisionRecord] {
        let list: RevisionList = try await get("/v1/history?limit=\(limit)")
        return list.items
    }

    /// The newest entries of the daemon's own log, oldest first.
    ///
    /// - Parameter cursor: only those after it, of an earlier page.
    package func logs(_ query: LogQuery, limit: Int, after cursor: String? = nil) async throws(ClientFailure) -> LogPage
    {
        let parts = [
            "limit=\(limit)", query.since.map { "since=\(PercentEncoding.encoded($0.description))" },
            query.until.map { "until=\(PercentEncoding.encoded($0.description))" },
            query.level.map { "level=\($0.rawValue)" },
            query.event.map { "event=\(PercentEncoding.encoded($0))" },
            query.text.map { "text=\(PercentEncoding.encoded($0))" },
            cursor.map { "after=\(PercentEncoding.encoded($0))" },
        ]
        return try await get("/v1/logs?" + parts.compactMap(\.self).joined(separator: "&"))
    }

    /// What a dry-run elsewhere must know of the host, as it is published: signed with the daemon's own key, if it has one.
    ///
    /// - Parameter most: how many bytes it may have.
    package func snapshot(most: Int) async throws(ClientFailure) -> Data {
        // It looks at all of the host first.
        let question = SocketClient.Question(path: "/v1/snapshot", deadline: .seconds(60), largestBody: most)
        return try await socket.send(question) { answer in
            guard answer.isOK else { throw Self.refusal(answer) }
            return answer.body
        }
    }

    /// Has the daemon look at the source and the host; answers when it has looked at the source.
    ///
    /// - Returns: what it came to, as a sentence for a person.
    package func sync() async throws(ClientFailure) -> String {
        // A fetch may take as long as its own deadline.
        try await socket.send("/v1/sync", body: Data(), deadline: .seconds(120), reading: Self.message)
    }

    /// Calls with every event from now on, until it throws or the daemon ends.
    ///
    /// - Throws: `ClientFailure`, and whatever the body throws.
    package func follow(_ query: EventQuery, _ body: (EventDocument) throws -> Void) async throws {
        let parts = Self.parts(query)
        let path = "/v1/events/stream" + (parts.isEmpty ? "" : "?" + parts.joined(separator: "&"))
        var reader = EventReader<EventDocument>()
        try await socket.stream(path) { bytes in
            for message in try reader.take(bytes) {
                switch message {
                case .event(let event): try body(event)
                case .notice(let text): throw ClientFailure(description: text)
                }
            }
        }
    }

    func get<Value: Decodable & Sendable>(_ path: String) async throws(ClientFailure) -> Value {
        try await socket.send(path) { answer in
            guard answer.isOK else { throw Self.refusal(answer) }
            return try JSONDecoder().decode(Value.self, from: answer.body)
        }
    }

    static func message(_ answer: SocketClient.Answer) throws -> String {
        guard answer.isOK else { throw refusal(answer) }
        return try JSONDecoder().decode(MessageDocument.self, from: answer.body).message
    }

    /// In the daemon's own words; whatever else listens there may answer with anything.
    static func refusal(_ answer: SocketClient.Answer) -> any Error {
        guard let reply = try? JSONDecoder().decode(MessageDocument.self, from: answer.body) else {
            return ClientFailure(description: "it answered \(answer.status)")
        }
        return Refused(message: reply.message)
    }

    private static func parts(_ query: EventQuery) -> [String] {
        [
            query.object.map { "object=\(PercentEncoding.encoded($0.description))" },
            query.severity.map { "severity=\($0.rawValue)" },
            query.reason.map { "reason=\(PercentEncoding.encoded($0))" },
            query.since.map { "since=\(PercentEncoding.encoded($0.description))" },
        ].compactMap(\.self)
    }
}
