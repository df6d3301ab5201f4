/// Where a value was written: a file of the revision, a line and a column.
///
/// Lines and columns count from 1; a column counts Unicode scalars, as editors do.
package struct SourcePosition: Sendable {
    /// Shared by all positions of a file: every value of a revision has one, and they are most of its memory.
    private let name: SourceName
    private var lineNumber: UInt32
    private var columnNumber: UInt32

    package init(file: String, line: Int, column: Int) { self.init(in: SourceName(file), line: line, column: column) }

    init(in name: SourceName, line: Int, column: Int) {
        self.name = name
        lineNumber = UInt32(clamping: line)
        columnNumber = UInt32(clamping: column)
    }

    package var file: String { name.text }

    package var line: Int {
        get { Int(lineNumber) }
        set { lineNumber = UInt32(clamping: newValue) }
    }

    package var column: Int {
        get { Int(columnNumber) }
        set { columnNumber = UInt32(clamping: newValue) }
    }
}

/// The path of a file of the revision.
final class SourceName: Sendable {
    let text: String

    init(_ text: String) { self.text = text }
}

extension SourcePosition: Hashable, Comparable {
    package static func == (a: Self, b: Self) -> Bool {
        a.lineNumber == b.lineNumber && a.columnNumber == b.columnNumber && (a.name === b.name || a.file == b.file)
    }

    package static func < (a: Self, b: Self) -> Bool {
        if a.name !== b.name, a.file != b.file { return a.file < b.file }
        return (a.lineNumber, a.columnNumber) < (b.lineNumber, b.columnNumber)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(file)
        hasher.combine(lineNumber)
        hasher.combine(columnNumber)
    }
}

extension SourcePosition: Codable {
    private enum CodingKeys: CodingKey { case file, line, column }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            file: try container.decode(String.self, forKey: .file), line: try container.decode(Int.self, forKey: .line),
            column: try container.decode(Int.self, forKey: .column))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(file, forKey: .file)
        try container.encode(line, forKey: .line)
        try container.encode(column, forKey: .column)
    }
}

extension SourcePosition: CustomStringConvertible {
    package var description: String { "\(file):\(line):\(column)" }
}
