import FoundationEssentials

/// Cuts a stream of bytes into lines, wherever the pieces begin and end.
///
/// Docker writes one JSON object a line, ending in `\n` (events) or `\r\n` (progress of a pull).
struct LineSplitter {
    /// Bytes; a longer line is dropped whole.
    var limit = 1 << 20
    private var rest = Data()
    private var isSkipping = false

    init(limit: Int = 1 << 20) { self.limit = limit }

    /// Takes in one piece and gives the lines that it completes, without their ends and without empty ones.
    mutating func lines(adding chunk: Data) -> [Data] {
        var lines: [Data] = []
        var remaining = chunk[...]
        while let end = remaining.firstIndex(of: UInt8(ascii: "\n")) {
            append(remaining[..<end])
            if let line = takeLine() { lines.append(line) }
            remaining = remaining[remaining.index(after: end)...]
        }
        append(remaining)
        return lines
    }

    /// What came after the last line end.
    mutating func remainder() -> Data? { takeLine() }

    private mutating func append(_ bytes: Data) {
        guard !isSkipping, rest.count + bytes.count <= limit else {
            isSkipping = true
            rest = Data()
            return
        }
        rest.append(bytes)
    }

    private mutating func takeLine() -> Data? {
        defer {
            rest = Data()
            isSkipping = false
        }
        if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
        return isSkipping || rest.isEmpty ? nil : rest
    }
}
