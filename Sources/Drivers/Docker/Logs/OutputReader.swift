import FoundationEssentials
import Reconciler

/// Makes lines of what the engine sends of a container's log with times in front, wherever the pieces are cut.
struct OutputReader {
    private var frames: StreamFrames?
    private var output = LineAssembler(.output)
    private var error = LineAssembler(.error)

    /// - Parameter isTerminal: the container has one; then there are no frames, and one stream only.
    init(isTerminal: Bool) { frames = isTerminal ? nil : StreamFrames() }

    /// - Throws: `.badResponse` where frames are expected and there are none, and what the engine itself says in the stream.
    mutating func lines(adding chunk: Data) throws(DriverError) -> [OutputLine] {
        guard let pieces = frames?.pieces(adding: chunk) else {
            return output.lines(adding: chunk, beginsMessage: false)
        }
        var lines: [OutputLine] = []
        for piece in pieces {
            switch piece.channel {
            case .input, .output: lines += output.lines(adding: piece.bytes, beginsMessage: piece.isStart)
            case .error: lines += error.lines(adding: piece.bytes, beginsMessage: piece.isStart)
            case .system:
                let message = String(decoding: piece.bytes, as: UTF8.self)
                throw DriverError(.transient, .serverError, message, at: Self.place)
            case nil:
                throw DriverError(.transient, .badResponse, "the log is no stream of frames", at: Self.place)
            }
        }
        return lines
    }

    /// What came after the last ends of lines.
    mutating func remainder() -> [OutputLine] { [output.remainder(), error.remainder()].compactMap(\.self) }

    static let place = "GET /containers/{id}/logs"
}

/// The lines of one stream. The engine puts the time before each message, which is a line, or a part of 16 KiB of a longer
/// one: without frames the times of those parts cannot be told from the text, and stay in it.
struct LineAssembler {
    /// Bytes; a longer line is handed out in parts, cut between characters.
    static let longest = 256 << 10
    private static let timeWidth = 30

    private let stream: OutputLine.Stream
    private var time: OutputTime?
    private var rest = Data()
    /// The beginning of a message, until its time is complete; nil within one.
    private var opening: Data? = Data()

    init(_ stream: OutputLine.Stream) { self.stream = stream }

    mutating func lines(adding chunk: Data, beginsMessage: Bool) -> [OutputLine] {
        if beginsMessage { opening = opening ?? Data() }
        var lines: [OutputLine] = []
        var chunk = chunk[...]
        while !chunk.isEmpty {
            if let begun = opening {
                let more = chunk.prefix(Self.timeWidth + 1 - begun.count)
                opening = begun + more
                chunk = chunk.dropFirst(more.count)
                if begun.count + more.count > Self.timeWidth || more.last == UInt8(ascii: "\n") {
                    takeTime(into: &lines)
                }
            } else {
                let end = chunk.firstIndex(of: UInt8(ascii: "\n")) ?? chunk.endIndex
                rest.append(chunk[..<end])
                if end < chunk.endIndex { finishLine(into: &lines) } else { cut(into: &lines) }
                chunk = chunk[min(end + 1, chunk.endIndex)...]
            }
        }
        return lines
    }

    mutating func remainder() -> OutputLine? {
        if let opening { rest.append(opening) }
        opening = nil
        if rest.isEmpty { return nil }
        defer { rest = Data() }
        return OutputLine(stream, at: time, rest)
    }

    /// The time of what continues a line is not that of the line.
    private mutating func takeTime(into lines: inout [OutputLine]) {
        guard let begun = opening else { return }
        opening = nil
        let isTimed = begun.count == Self.timeWidth + 1 && begun.last == UInt8(ascii: " ")
        if isTimed, let found = OutputTime(String(decoding: begun.dropLast(), as: UTF8.self)) {
            if rest.isEmpty { time = found }
            return
        }
        // No time: text, which may hold the end of a line.
        lines += self.lines(adding: begun, beginsMessage: false)
    }

    private mutating func finishLine(into lines: inout [OutputLine]) {
        lines.append(OutputLine(stream, at: time, rest))
        rest = Data()
        opening = Data()
    }

    private mutating func cut(into lines: inout [OutputLine]) {
        guard rest.count > Self.longest else { return }
        // A character has at most four bytes, of which all but the first begin with the bits 10.
        let tail = rest.suffix(4).reversed().firstIndex { $0 & 0xC0 != 0x80 }
        let end = tail.map { rest.index(before: $0.base) } ?? rest.endIndex
        lines.append(OutputLine(stream, at: time, Data(rest[..<end])))
        rest = Data(rest[end...])
    }
}
