/// One HTTP/1.1 request or answer.
struct Message: Sendable {
    /// `POST /v1.41/containers/create?name=a HTTP/1.1`, or `HTTP/1.1 201 Created`.
    var startLine = ""
    /// Without the framing of chunks.
    var body: [UInt8] = []
    /// As it came, to be passed on.
    var bytes: [UInt8] = []

    /// The words of the start line.
    var words: [Substring] { startLine.split(separator: " ") }
}

/// Cuts what arrives on one connection into messages.
///
/// Knows lengths and chunks and nothing else of HTTP, which is all that the engine's API needs; bodies that end with
/// the connection are for others.
struct MessageReader {
    private let descriptor: CInt
    private var arrived: [UInt8] = []
    private var message = Message()

    init(_ descriptor: CInt) { self.descriptor = descriptor }

    /// The next message; nil when the stream ended.
    mutating func next() -> Message? {
        message = Message()
        guard let first = line() else { return nil }
        message.startLine = first
        var length = 0
        var isChunked = false
        while let header = line(), !header.isEmpty {
            let field = header.lowercased()
            if field.hasPrefix("content-length:") {
                length = Int(field.dropFirst(15).drop { $0 == " " }) ?? 0
            } else if field.hasPrefix("transfer-encoding:") {
                isChunked = field.hasSuffix("chunked")
            }
        }
        guard isChunked ? takeChunks() : take(length) else { return nil }
        return message
    }

    private mutating func takeChunks() -> Bool {
        while let size = line().flatMap({ Int($0, radix: 16) }) {
            guard take(size), line() != nil else { return false }
            if size == 0 { return true }
        }
        return false
    }

    /// Bytes of the body.
    private mutating func take(_ count: Int) -> Bool {
        while arrived.count < count {
            guard UnixSocket.receive(from: descriptor, into: &arrived) else { return false }
        }
        message.body.append(contentsOf: arrived[..<count])
        consume(count)
        return true
    }

    /// One line without its CR LF.
    private mutating func line() -> String? {
        var searched = 0
        while true {
            if let end = arrived[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let text = String(decoding: arrived[..<end].dropLast(), as: UTF8.self)
                consume(end + 1)
                return text
            }
            searched = arrived.count
            guard UnixSocket.receive(from: descriptor, into: &arrived) else { return nil }
        }
    }

    private mutating func consume(_ count: Int) {
        message.bytes.append(contentsOf: arrived[..<count])
        arrived.removeFirst(count)
    }
}
