import Foundation

/// What somebody else's program wrote, so that it cannot steer the terminal that it is shown on.
///
/// Colours are let through where there are colours, and end with the line; without colours they are left out. All other
/// controls, marks that turn the direction of text, and bytes that are no UTF-8 are shown as their numbers.
enum HarmlessText {
    static func line(_ bytes: some Collection<UInt8>, isColored: Bool) -> String {
        var text = ""
        var hasColors = false
        var input = Array(bytes)[...]
        // A terminal ends its lines with both.
        if input.last == UInt8(ascii: "\r") { input.removeLast() }
        while !input.isEmpty {
            if let length = colorLength(input) {
                if isColored {
                    text += String(decoding: input.prefix(length), as: UTF8.self)
                    hasColors = true
                }
                input = input.dropFirst(length)
            } else {
                let length = append(input, to: &text)
                input = input.dropFirst(length)
            }
        }
        return hasColors ? text + "\u{1B}[0m" : text
    }

    /// The same JSON, with escapes for what a terminal may heed and JSON lets stand: DEL, C1 controls, and marks of direction.
    static func json(_ line: Data) -> Data {
        if line.allSatisfy({ $0 < 0x7F }) { return line }
        var text = ""
        for scalar in String(decoding: line, as: UTF8.self).unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control where scalar.value >= 0x7F, .format, .lineSeparator, .paragraphSeparator:
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            default: text.unicodeScalars.append(scalar)
            }
        }
        return Data(text.utf8)
    }

    /// The bytes of one SGR sequence (ECMA-48, section 8.3.117): `ESC [`, numbers, `m`. nil for anything else.
    private static func colorLength(_ bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.first == 0x1B, bytes.dropFirst().first == UInt8(ascii: "[") else { return nil }
        let rest = bytes.dropFirst(2)
        guard
            let end = rest.firstIndex(where: { byte in
                !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) && byte != UInt8(ascii: ";")
            }), rest[end] == UInt8(ascii: "m"), end - rest.startIndex <= 32
        else { return nil }
        return end - bytes.startIndex + 1
    }

    /// - Returns: how many bytes the first character has.
    private static func append(_ bytes: ArraySlice<UInt8>, to text: inout String) -> Int {
        var input = bytes.prefix(4).makeIterator()
        var parser = Unicode.UTF8.ForwardParser()
        switch parser.parseScalar(from: &input) {
        case .emptyInput: return bytes.count
        case .valid(let encoded):
            text += shown(Unicode.UTF8.decode(encoded))
            return encoded.count
        case .error:
            let hex = String(bytes[bytes.startIndex], radix: 16, uppercase: true)
            text += "\\x" + (hex.count < 2 ? "0" : "") + hex
            return 1
        }
    }

    private static func shown(_ scalar: Unicode.Scalar) -> String {
        if scalar == "\t" { return "\t" }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator:
            return "\\u{\(String(scalar.value, radix: 16))}"
        default: return String(scalar)
        }
    }
}
