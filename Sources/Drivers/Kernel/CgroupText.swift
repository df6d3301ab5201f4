/// The few shapes that files of control groups have.
enum CgroupText {
    /// The kernel's largest count of pages, in bytes: what version 1 shows where there is no limit.
    private static let noLimit: Int64 = 0x7FFF_FFFF_FFFF_F000

    /// A number of bytes; nil where there is no limit.
    static func limit(_ text: String) -> Int64? {
        guard let value = number(text), value < noLimit else { return nil }
        return value
    }

    /// A number; nil for `max`, and for what is none.
    static func number(_ text: some StringProtocol) -> Int64? { Int64(trimmed(text)) }

    /// Without white space around it.
    static func trimmed(_ text: some StringProtocol) -> String {
        var rest = Substring(text)
        while let last = rest.utf8.last, last <= UInt8(ascii: " ") { rest.removeLast() }
        while let first = rest.utf8.first, first <= UInt8(ascii: " ") { rest.removeFirst() }
        return String(rest)
    }

    /// The value of a line `key value`.
    static func value(of key: String, in text: String) -> Int64? {
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) where line.starts(with: key.utf8) {
            let rest = line.dropFirst(key.utf8.count)
            guard rest.first == UInt8(ascii: " ") else { continue }
            return number(Substring(rest))
        }
        return nil
    }

    /// The words of each line.
    static func lines(_ text: String) -> [[Substring]] {
        text.split(separator: "\n").map { $0.split(separator: " ") }
    }
}
