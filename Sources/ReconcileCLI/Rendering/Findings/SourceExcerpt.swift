/// One line of a file as a terminal shows it, and where the mark under it stands.
///
/// Long lines are cut around the place. All measures are columns of a terminal.
struct SourceExcerpt: Equatable {
    /// From 1.
    let number: Int
    let text: String
    /// Before the mark.
    let indent: Int
    /// Of the mark, at least 1.
    let width: Int

    /// The widest excerpt.
    static let widest = 100
    /// Where the place comes to stand in a line that is cut in front of it.
    private static let left = 40
    /// A column is four bytes at most; what combines with it may take some more.
    private static let reach = 600

    /// - Parameters:
    ///   - line: the bytes of the line.
    ///   - offset: the first byte of the place, or the end of the line.
    init(_ bytes: [UInt8], line: Range<Int>, offset: Int, number: Int) {
        func characterStart(_ index: Int) -> Int {
            var index = index
            while index > line.lowerBound, index < line.upperBound, bytes[index] & 0xC0 == 0x80 { index -= 1 }
            return index
        }
        let near = characterStart(max(line.lowerBound, offset - Self.reach))
        let far = characterStart(min(line.upperBound, offset + Self.reach))
        let cells = TerminalCell.cells(of: bytes, in: near..<far)
        let place = cells.firstIndex { $0.offset >= offset } ?? cells.endIndex
        let isWhole = near == line.lowerBound && far == line.upperBound
        let window = Self.window(cells, place, isWhole: isWhole)
        let isCutBefore = window.lowerBound > 0 || near > line.lowerBound
        let isCutAfter = window.upperBound < cells.count || far < line.upperBound
        self.number = number
        text =
            (isCutBefore ? "…" : "") + cells[window].map(\.text).joined() + (isCutAfter ? "…" : "")
        indent = (isCutBefore ? 1 : 0) + Self.width(cells[window.lowerBound..<place])
        width = max(1, Self.width(cells[place..<min(Self.wordEnd(cells, place), window.upperBound)]))
    }

    private static func width(_ cells: ArraySlice<TerminalCell>) -> Int { cells.reduce(0) { $0 + $1.width } }

    /// The characters that are shown: all that fit, or a part around the place.
    private static func window(_ cells: [TerminalCell], _ place: Int, isWhole: Bool) -> Range<Int> {
        if isWhole, width(cells[...]) <= widest { return cells.indices }
        var start = place
        var before = 0
        // As much of the beginning as fits in front of the place, or a part of it.
        let room = width(cells[..<place]) <= widest * 6 / 10 ? widest : left
        while start > 0, before + cells[start - 1].width <= room {
            start -= 1
            before += cells[start].width
        }
        var (end, total) = (place, before)
        while end < cells.count, total + cells[end].width <= widest - 2 {
            total += cells[end].width
            end += 1
        }
        return start..<end
    }

    /// The end of the key or value at the place: a quoted string, or what a plain scalar could be without its spaces.
    private static func wordEnd(_ cells: [TerminalCell], _ place: Int) -> Int {
        guard place < cells.count, cells[place].isItself else { return min(place + 1, cells.count) }
        let first = cells[place].text
        if first == "\"" || first == "'" {
            let close = cells[(place + 1)...].firstIndex { $0.text == first }
            return close.map { $0 + 1 } ?? place + 1
        }
        let end = cells[place...].indices.first { index in
            guard cells[index].isItself else { return true }
            switch cells[index].text {
            case " ", ",", "[", "]", "{", "}": return true
            case ":": return index + 1 == cells.count || cells[index + 1].text == " "
            default: return false
            }
        }
        return max(place + 1, end ?? cells.count)
    }
}
