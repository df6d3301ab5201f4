/// A key, as far as a screen makes anything of it.
enum Keystroke: Hashable, Sendable {
    case character(Character)
    case enter, escape, backspace, tab, up, down, pageUp, pageDown, home, end
    /// Ctrl-C, which is a key as long as the terminal sends what is typed at once.
    case interrupt
}

/// Tells keys from what a terminal sends for them: one byte, UTF-8, or an escape sequence of ECMA-48 and xterm.
struct KeystrokeReader {
    /// The beginning of a character whose rest has not come yet.
    private var rest: [UInt8] = []

    private static let sequences: [String: Keystroke] = [
        "[A": .up, "[B": .down, "OA": .up, "OB": .down, "[H": .home, "[F": .end, "OH": .home, "OF": .end,
        "[1~": .home, "[4~": .end, "[7~": .home, "[8~": .end, "[5~": .pageUp, "[6~": .pageDown,
    ]

    /// - Parameter bytes: of one read: an escape at its end is the key, since sequences come in one piece.
    mutating func take(_ bytes: some Sequence<UInt8>) -> [Keystroke] {
        let all = rest + Array(bytes)
        rest = []
        var keys: [Keystroke] = []
        var index = 0
        while index < all.count {
            switch all[index] {
            case 0x1B:
                let end = Self.endOfSequence(all, after: index)
                if end == index + 1 {
                    keys.append(.escape)
                } else if let key = Self.sequences[String(decoding: all[(index + 1)..<end], as: UTF8.self)] {
                    keys.append(key)
                }
                index = end
            case let byte:
                let length = Self.length(byte)
                guard index + length <= all.count else {
                    rest = Array(all[index...])
                    return keys
                }
                if let key = Self.key(all[index..<(index + length)]) { keys.append(key) }
                index += length
            }
        }
        return keys
    }

    private static func endOfSequence(_ bytes: [UInt8], after start: Int) -> Int {
        guard start + 1 < bytes.count, bytes[start + 1] == 0x5B || bytes[start + 1] == 0x4F else { return start + 1 }
        // Parameters, and then a letter or a tilde.
        let final = bytes[(start + 2)...].firstIndex { (0x40...0x7E).contains($0) }
        return final.map { $0 + 1 } ?? bytes.count
    }

    private static func length(_ first: UInt8) -> Int {
        switch first {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
    }

    private static func key(_ bytes: ArraySlice<UInt8>) -> Keystroke? {
        switch bytes.first {
        case 0x03, 0x04: .interrupt
        case 0x09: .tab
        case 0x0A, 0x0D: .enter
        case 0x08, 0x7F: .backspace
        case .some(..<0x20), nil: nil
        default: String(decoding: bytes, as: UTF8.self).first.map { .character($0) }
        }
    }
}
