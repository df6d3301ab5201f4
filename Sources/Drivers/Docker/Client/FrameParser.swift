import FoundationEssentials

/// Takes Docker's multiplexed output apart: frames of an 8-byte head (stream, three zeros, length) and their bytes.
///
/// Keeps the first bytes of standard output and standard error together and drops the rest, so that a command that
/// never stops writing costs nothing.
struct FrameParser {
    let limit: Int
    private(set) var output = Data()
    private var head: [UInt8] = []
    private var remaining = 0

    init(keeping limit: Int) { self.limit = limit }

    mutating func add(_ chunk: Data) {
        var chunk = chunk[...]
        while !chunk.isEmpty {
            if remaining > 0 {
                let piece = chunk.prefix(remaining)
                output.append(piece.prefix(max(0, limit - output.count)))
                remaining -= piece.count
                chunk = chunk.dropFirst(piece.count)
            } else {
                let piece = chunk.prefix(8 - head.count)
                head += piece
                chunk = chunk.dropFirst(piece.count)
                if head.count == 8 {
                    remaining = head[4...].reduce(0) { $0 << 8 | Int($1) }
                    head = []
                }
            }
        }
    }
}
