import Specs

/// The lines of one file, found once for all findings in it.
///
/// Lines end as for the reader of YAML: with LF, CRLF or CR. A byte order mark belongs to no line.
struct SourceLines {
    let bytes: [UInt8]
    private let starts: [Int]
    /// The last place that was asked for; findings come in order, and a line may have a million bytes.
    private var last = (line: 0, column: 0, offset: 0)

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        var starts = [bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0]
        bytes.withUnsafeBufferPointer { bytes in
            for (index, byte) in bytes.enumerated() where byte == 0x0A || byte == 0x0D {
                if byte == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A { continue }
                starts.append(index + 1)
            }
        }
        self.starts = starts
    }

    /// The bytes of a line (from 1) without its end; nil behind the last one.
    func line(_ number: Int) -> Range<Int>? {
        guard number >= 1, number <= starts.count else { return nil }
        let start = starts[number - 1]
        var end = number < starts.count ? starts[number] : bytes.count
        while end > start, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
        return start..<end
    }

    /// The first byte of a column (from 1, in Unicode scalars) of a line, or the end of the line.
    mutating func offset(ofColumn column: Int, in line: Range<Int>, number: Int) -> Int {
        let isAhead = last.line == number && last.column <= column
        var (current, offset) = isAhead ? (last.column, last.offset) : (1, line.lowerBound)
        while current < column, offset < line.upperBound {
            offset += 1
            while offset < line.upperBound, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
            current += 1
        }
        last = (number, current, offset)
        return offset
    }
}

/// The files that findings are about, for showing the lines that were meant.
struct SourceFiles {
    private let files: [String: [UInt8]]
    private var lines: (path: String, lines: SourceLines)?

    init(_ files: [SpecFile] = []) {
        self.files = Dictionary(files.map { ($0.path, $0.bytes) }) { first, _ in first }
    }

    /// The line of a place, with a mark under it; nil for files and lines that are not there.
    mutating func excerpt(at position: SourcePosition) -> SourceExcerpt? {
        if lines?.path != position.file {
            guard let bytes = files[position.file] else { return nil }
            lines = (position.file, SourceLines(bytes))
        }
        guard let line = lines?.lines.line(position.line),
            let offset = lines?.lines.offset(ofColumn: position.column, in: line, number: position.line),
            let bytes = lines?.lines.bytes
        else { return nil }
        return SourceExcerpt(bytes, line: line, offset: offset, number: position.line)
    }
}
