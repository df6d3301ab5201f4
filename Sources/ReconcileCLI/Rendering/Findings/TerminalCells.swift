/// What one character of a file takes on a terminal.
struct TerminalCell: Equatable {
    /// As it is shown: nothing in it steers a terminal.
    var text: String
    /// Columns: 0 for marks that combine with what stands before them, 2 for wide characters.
    var width: Int
    /// False for what is shown as an escape.
    var isItself = true
    /// The index of its first byte in the file.
    var offset: Int

    /// Tabs reach to the next of these columns.
    static let tabStop = 4

    /// The bytes of a part of one line, character by character; what is no UTF-8 byte by byte.
    static func cells(of bytes: [UInt8], in range: Range<Int>) -> [TerminalCell] {
        var cells: [TerminalCell] = []
        var (offset, column) = (range.lowerBound, 0)
        var input = bytes[range].makeIterator()
        var parser = Unicode.UTF8.ForwardParser()
        while true {
            switch parser.parseScalar(from: &input) {
            case .emptyInput: return cells
            case .valid(let encoded):
                let cell = cell(Unicode.UTF8.decode(encoded), offset: offset, column: column)
                cells.append(cell)
                column += cell.width
                offset += encoded.count
            case .error(let length):
                for index in offset..<min(offset + length, range.upperBound) {
                    let hex = String(bytes[index], radix: 16, uppercase: true)
                    cells.append(escape("\\x" + (hex.count < 2 ? "0" : "") + hex, offset: index))
                    column += 4
                }
                offset += length
            }
        }
    }

    private static func cell(_ scalar: Unicode.Scalar, offset: Int, column: Int) -> TerminalCell {
        if scalar == "\t" {
            let width = tabStop - column % tabStop
            let text = "→" + String(repeating: " ", count: width - 1)
            return TerminalCell(text: text, width: width, isItself: false, offset: offset)
        }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
            return escape("\\u{\(String(scalar.value, radix: 16))}", offset: offset)
        case .nonspacingMark, .enclosingMark: return TerminalCell(text: String(scalar), width: 0, offset: offset)
        default: return TerminalCell(text: String(scalar), width: isWide(scalar) ? 2 : 1, offset: offset)
        }
    }

    private static func escape(_ text: String, offset: Int) -> TerminalCell {
        TerminalCell(text: text, width: text.utf8.count, isItself: false, offset: offset)
    }

    /// Wide and fullwidth characters of UAX #11, in blocks; emoji by their own property.
    private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.value >= 0x1100 else { return false }
        switch scalar.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3,
            0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x17000...0x18CFF, 0x1B000...0x1B2FF,
            0x1F200...0x1F2FF, 0x20000...0x3FFFD:
            return true
        default: return scalar.properties.isEmojiPresentation
        }
    }
}
