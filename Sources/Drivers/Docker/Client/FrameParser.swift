import FoundationEssentials

/// The first bytes that a command wrote to standard output and standard error together.
///
/// The rest is dropped, so that a command that never stops writing costs nothing.
struct FrameParser {
    let limit: Int
    private(set) var output = Data()
    private var frames = StreamFrames()

    init(keeping limit: Int) { self.limit = limit }

    mutating func add(_ chunk: Data) {
        for piece in frames.pieces(adding: chunk) { output.append(piece.bytes.prefix(max(0, limit - output.count))) }
    }
}
