import Crypto
import Reconciler
import Specs

/// One line of the audit log as text: an entry, its number, and the two hashes that chain it.
///
///     {"seq":2,"time":"…","actor":"…","action":"…","object":"…","detail":"…","revision":"…","prev":"…","hash":"…"}
///
/// `prev` is the SHA-256 of the whole line before, without its line break. `hash` is that of this line without its last
/// member (`,"hash":"…"`). Both are lower case hex, always in the last place: a line is checked without reading JSON.
struct AuditLine {
    /// What stands for the line before the first one.
    static let origin = String(repeating: "0", count: 64)

    /// Characters; what is longer is cut, so that a line stays far below `AuditFile.tail`.
    private static let longestName = 256
    private static let longestDetail = 2_048

    let number: UInt64
    let previous: String
    /// Of the whole line: what the next one has as `prev`.
    let digest: String

    /// The bytes of a new line, without its line break.
    static func bytes(_ entry: AuditEntry, number: UInt64, previous: String) -> [UInt8] {
        var text = "{\"seq\":\(number),\"time\":\"\(entry.time)\""
        for (name, value, limit) in [
            ("actor", entry.actor, longestName), ("action", entry.action, longestName),
            ("object", entry.object, longestName), ("detail", entry.detail, longestDetail),
        ] {
            text += ",\"\(name)\":"
            append(value, limit, to: &text)
        }
        text += ",\"revision\":"
        if let revision = entry.revision { append(revision, longestName, to: &text) } else { text += "null" }
        text += ",\"prev\":\"\(previous)\""
        let content = Array((text + "}").utf8)
        return Array((text + ",\"hash\":\"\(hash(of: content[...]))\"}").utf8)
    }

    /// Reads a line back; nil when it is not one that was written as it is, to the byte.
    init?(_ bytes: ArraySlice<UInt8>) {
        let opening = Array(",\"hash\":\"".utf8)
        let tail = opening.count + 64 + 2
        guard bytes.count > tail, bytes.suffix(2).elementsEqual("\"}".utf8), bytes.suffix(tail).starts(with: opening)
        else {
            return nil
        }
        let content = bytes.dropLast(tail) + [UInt8(ascii: "}")]
        guard Self.hash(of: content) == String(decoding: bytes.dropLast(2).suffix(64), as: UTF8.self) else {
            return nil
        }
        guard let number = Self.number(bytes), let previous = Self.previous(content) else { return nil }
        self.number = number
        self.previous = previous
        digest = Self.hash(of: bytes)
    }

    /// The number of a line, whatever else is wrong with it.
    static func number(_ bytes: ArraySlice<UInt8>) -> UInt64? {
        let opening = Array("{\"seq\":".utf8)
        guard bytes.starts(with: opening) else { return nil }
        let digits = bytes.dropFirst(opening.count).prefix { (0x30...0x39).contains($0) }
        return UInt64(String(decoding: digits, as: UTF8.self))
    }

    private static func previous(_ content: ArraySlice<UInt8>) -> String? {
        let opening = Array(",\"prev\":\"".utf8)
        let tail = content.suffix(opening.count + 64 + 2)
        guard tail.starts(with: opening) else { return nil }
        return String(decoding: tail.dropLast(2).suffix(64), as: UTF8.self)
    }

    /// SHA-256 in lower case hex.
    static func hash(of bytes: ArraySlice<UInt8>) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(64)
        for byte in SHA256.hash(data: bytes) {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends a JSON string of at most so many characters, without anything that steers a terminal.
    private static func append(_ value: String, _ limit: Int, to text: inout String) {
        text += "\""
        for (count, scalar) in value.unicodeScalars.enumerated() {
            if count == limit {
                text += "…"
                break
            }
            switch scalar {
            case "\"", "\\": text += "\\\(scalar)"
            case " "..."~": text.unicodeScalars.append(scalar)
            case _ where isSafe(scalar): text.unicodeScalars.append(scalar)
            default:
                for unit in String(scalar).utf16 {
                    let digits = String(unit, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
        }
        text += "\""
    }

    private static func isSafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: false
        default: true
        }
    }
}
