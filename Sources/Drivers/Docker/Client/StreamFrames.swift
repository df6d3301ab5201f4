import FoundationEssentials

/// Takes what a container without a terminal wrote apart, wherever the pieces are cut: frames of an 8-byte head (channel,
/// three zeros, length in network order) and their bytes.
///
/// https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerAttach, "Stream format".
struct StreamFrames {
    enum Channel: UInt8 {
        case input, output, error
        /// The engine's own word on what went wrong in the middle of a stream.
        case system
    }

    struct Piece: Equatable {
        /// nil where the head is none: this is no stream of frames.
        var channel: Channel?
        /// A part of the bytes of a frame, or all of them.
        var bytes: Data
        /// The frame begins with it.
        var isStart: Bool
    }

    private var head: [UInt8] = []
    private var channel: Channel?
    private var remaining = 0
    private var isStart = false

    mutating func pieces(adding chunk: Data) -> [Piece] {
        var pieces: [Piece] = []
        var chunk = chunk[...]
        while !chunk.isEmpty {
            if remaining > 0 {
                let bytes = chunk.prefix(remaining)
                pieces.append(Piece(channel: channel, bytes: Data(bytes), isStart: isStart))
                isStart = false
                remaining -= bytes.count
                chunk = chunk.dropFirst(bytes.count)
            } else {
                let bytes = chunk.prefix(8 - head.count)
                head += bytes
                chunk = chunk.dropFirst(bytes.count)
                if head.count == 8 { begin() }
            }
        }
        return pieces
    }

    private mutating func begin() {
        let isHead = head[1...3].allSatisfy { $0 == 0 }
        channel = isHead ? Channel(rawValue: head[0]) : nil
        remaining = head[4...].reduce(0) { $0 << 8 | Int($1) }
        isStart = true
        head = []
    }
}
