/// Where a value was written: a file of the revision, a line and a column.
///
/// Lines and columns count from 1; a column counts Unicode scalars, as editors do.
package struct SourcePosition: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    package var file: String
    package var line: Int
    package var column: Int

    package init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    package var description: String { "\(file):\(line):\(column)" }

    package static func < (a: Self, b: Self) -> Bool {
        (a.file, a.line, a.column) < (b.file, b.line, b.column)
    }
}
