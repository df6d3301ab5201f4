package import Specs

/// A recorded series of metrics: CSV with a column `time`, one for each metric, and `members` where that was recorded.
///
///     time,Resource/cpu,Queue,members
///     2026-11-21T08:00:00Z,40,12,3
///     2026-11-21T08:00:15Z,55,,3
///
/// A time is RFC 3339, or seconds since 1970 or since the beginning. An empty cell is no value at that time; `NaN` is one
/// that is refused. Metrics are called as `Autoscaler.metricNames` says; other columns are passed over.
package struct MetricRecording: Hashable, Sendable {
    package struct Row: Hashable, Sendable {
        package var at: Instant
        /// One for each column.
        package var values: [Double?]
        package var members: Int?
    }

    package var columns: [String]
    /// In the order of time.
    package var rows: [Row]
    /// Columns that no metric has.
    package var unknown: [String]

    /// The most lines of a file.
    package static let mostRows = 1_000_000

    package init(columns: [String], rows: [Row], unknown: [String] = []) {
        self.columns = columns
        self.rows = rows
        self.unknown = unknown
    }

    /// - Throws: `InvalidText` with the number of the line that is wrong.
    package init(csv: String, for spec: Autoscaler) throws(InvalidText) {
        var lines = csv.split(omittingEmptySubsequences: false) { $0.isNewline }.enumerated().filter {
            !$0.element.allSatisfy(\.isWhitespace) && !$0.element.hasPrefix("#")
        }[...]
        guard let header = lines.popFirst() else { throw InvalidText("the recording is empty") }
        let names = Self.cells(header.element)
        guard let time = names.firstIndex(of: "time") else {
            throw InvalidText(
                "line \(header.offset + 1) names no column 'time'", hint: "the first line names the columns")
        }
        let members = names.firstIndex(of: "members")
        let known = spec.metricNames
        let kept = names.indices.filter { known.contains(names[$0]) }
        columns = kept.map { names[$0] }
        unknown = names.indices.filter { $0 != time && $0 != members && !kept.contains($0) }.map { names[$0] }
        rows = []
        guard lines.count <= Self.mostRows else {
            throw InvalidText("the recording has \(lines.count) lines, more than the \(Self.mostRows) that are read")
        }
        if let missing = known.first(where: { !names.contains($0) }), kept.isEmpty {
            throw InvalidText(
                "no column has a metric of the autoscaler",
                hint: "its metrics are \(Diagnostic.list(known)): add '\(missing)'")
        }
        for (number, line) in lines {
            let cells = Self.cells(line)
            guard cells.count == names.count else {
                throw InvalidText("line \(number + 1) has \(cells.count) cells, and the first has \(names.count)")
            }
            let at = try Self.moment(cells[time], line: number + 1)
            if let last = rows.last, at < last.at {
                throw InvalidText("line \(number + 1) is earlier than the one before")
            }
            var values: [Double?] = []
            for index in kept { values.append(try Self.number(cells[index], line: number + 1)) }
            let count = try members.map { (index) throws(InvalidText) in try Self.number(cells[index], line: number + 1)
            }
            rows.append(Row(at: at, values: values, members: (count ?? nil).flatMap { Int(exactly: $0) }))
        }
        if rows.isEmpty { throw InvalidText("the recording has no values") }
    }

    private static func cells(_ line: Substring) -> [String] {
        line.split(separator: ",", omittingEmptySubsequences: false).map { cell in
            var cell = cell.drop { $0.isWhitespace }
            while cell.last?.isWhitespace == true { cell.removeLast() }
            return String(cell)
        }
    }

    private static func moment(_ text: String, line: Int) throws(InvalidText) -> Instant {
        if let seconds = Int64(text) { return Instant(secondsSince1970: seconds) }
        if let seconds = Double(text), seconds.isFinite, abs(seconds) < 1e11 {
            return Instant(secondsSince1970: Int64(seconds.rounded(.down)))
        }
        do throws(InvalidText) {
            return try Instant.parse(text)
        } catch {
            throw InvalidText("line \(line): \(error.problem)", hint: error.hint)
        }
    }

    private static func number(_ text: String, line: Int) throws(InvalidText) -> Double? {
        if text.isEmpty { return nil }
        guard let number = Double(text) else {
            throw InvalidText("line \(line): \(Diagnostic.quote(text)) is not a number", hint: "leave the cell empty")
        }
        return number
    }
}
