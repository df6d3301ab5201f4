import Drivers
import FoundationEssentials
import ReconcileTesting
import Synchronization

/// One message of the engine's event stream.
struct RecordedEvent: Decodable, Sendable, CustomStringConvertible {
    struct Subject: Decodable, Sendable {
        var id: String
        var attributes: [String: String]?

        private enum CodingKeys: String, CodingKey {
            case id = "ID"
            case attributes = "Attributes"
        }
    }

    var type: String
    var action: String
    var subject: Subject

    private enum CodingKeys: String, CodingKey {
        case type = "Type"
        case action = "Action"
        case subject = "Actor"
    }

    /// The name of the container, network or volume.
    var name: String { subject.attributes?["name"] ?? subject.id }

    /// Docker's own health check and ours run commands in the container, which change nothing.
    var isProbe: Bool { action.hasPrefix("exec_") || action.hasPrefix("health_status") }

    /// Such as `container start web-0-1`.
    var description: String { "\(type) \(action) \(name)" }
}

/// Everything that an engine tells its listeners while a test runs.
final class EngineEvents: Sendable {
    private let seen = Mutex<[RecordedEvent]>([])

    /// Listens while the body runs. A volume that is made before and after proves that nothing was missed.
    ///
    /// - Returns: what the engine told in between.
    static func during(
        _ engine: EngineByHand, name: String, _ body: () async throws -> Void
    ) async throws -> [RecordedEvent] {
        let events = EngineEvents()
        let request = ReadRequest(RequestTarget("/events", version: APIVersion(1, 41)), deadline: .seconds(10))
        let stream = try await engine.transport.stream(request)
        let listener = Task { try await events.listen(to: stream) }
        defer { listener.cancel() }
        try await events.awaitSentinel(engine, name, count: 1)
        let begin = events.all.count
        try await body()
        let end = events.all.count
        try await events.awaitSentinel(engine, name, count: 2)
        // What arrived between the body's end and the second proof belongs to the body, but for the proof itself.
        return Array(events.all[begin..<max(end, events.all.count)]).filter { $0.name != "\(name)-sentinel" }
    }

    private var all: [RecordedEvent] { seen.withLock { $0 } }

    private func listen(to stream: DockerStream) async throws {
        var pending = Data()
        for try await chunk in stream.chunks {
            pending.append(chunk)
            while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                let event = try JSONDecoder().decode(RecordedEvent.self, from: Data(pending[..<end]))
                seen.withLock { $0.append(event) }
                pending = Data(pending[(end + 1)...])
            }
        }
    }

    /// Waits for the event of a volume that is removed, after making it.
    private func awaitSentinel(_ engine: EngineByHand, _ name: String, count: Int) async throws {
        try await engine.send(.post, "/volumes/create", body: "{\"Name\": \"\(name)-sentinel\"}")
        try await engine.send(.delete, "/volumes/\(name)-sentinel")
        try await eventually("the engine's event stream tells of a volume") {
            all.count { $0.type == "volume" && $0.action == "destroy" && $0.name == "\(name)-sentinel" } >= count
        }
    }
}
