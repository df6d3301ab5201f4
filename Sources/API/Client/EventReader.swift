import Foundation

/// Takes messages out of a stream of server-sent events, however the bytes are cut.
struct EventReader<Event: Decodable & Hashable & Sendable> {
    enum Message: Hashable, Sendable {
        case event(Event)
        /// What the daemon says of the stream itself, such as that it ends because it was read too slowly.
        case notice(String)
    }

    private var rest: [UInt8] = []

    /// - Throws: `DecodingError` for what is no event.
    mutating func take(_ bytes: some Sequence<UInt8>) throws -> [Message] {
        rest += bytes
        var messages: [Message] = []
        var name = ""
        var data = ""
        // Where the last whole message ends: what follows is kept for later.
        var (start, end) = (0, 0)
        while let newline = rest[start...].firstIndex(of: 10) {
            let line = String(decoding: rest[start..<newline], as: UTF8.self)
            start = newline + 1
            if line.isEmpty {
                if let message = try Self.message(name, data) { messages.append(message) }
                (name, data, end) = ("", "", start)
            } else if line.hasPrefix("data: ") {
                data += line.dropFirst("data: ".count)
            } else if line.hasPrefix("event: ") {
                name = String(line.dropFirst("event: ".count))
            }
        }
        rest.removeFirst(end)
        return messages
    }

    private static func message(_ name: String, _ data: String) throws -> Message? {
        if data.isEmpty { return nil }
        let bytes = Data(data.utf8)
        if name.isEmpty { return .event(try JSONDecoder().decode(Event.self, from: bytes)) }
        return .notice(try JSONDecoder().decode(MessageDocument.self, from: bytes).message)
    }
}
