import Glibc

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

    /// The value of a line `key value`, which is no negative number.
    static func value(of key: StaticString, in text: String) -> Int64? {
        var text = text
        return text.withUTF8 { value(of: key, in: UnsafeRawBufferPointer($0)) }
    }

    /// As for a text, where it was read to.
    ///
    /// Byte by byte: `memory.stat` is the longest file that is read, of every container, again and again.
    static func value(of key: StaticString, in bytes: UnsafeRawBufferPointer) -> Int64? {
        let length = key.utf8CodeUnitCount
        guard let base = bytes.baseAddress else { return nil }
        var start = 0
        while bytes.count - start > length {
            let line = base + start
            if memcmp(line, key.utf8Start, length) == 0, bytes[start + length] == UInt8(ascii: " ") {
                return number(bytes[(start + length + 1)...])
            }
            guard let end = memchr(line, CInt(UInt8(ascii: "\n")), bytes.count - start) else { return nil }
            start = UnsafeRawPointer(end) - base + 1
        }
        return nil
    }

    /// The number that a file begins with, or has alone.
    static func number(_ bytes: UnsafeRawBufferPointer) -> Int64? { number(bytes[...]) }

    private static func number(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int64? {
        var (value, digits) = (Int64(0), 0)
        for byte in bytes {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { break }
            let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflows) = product.addingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            if isTooLarge || overflows { return nil }
            (value, digits) = (sum, digits + 1)
        }
        return digits > 0 ? value : nil
    }

    /// The words of each line.
    static func lines(_ text: String) -> [[Substring]] {
        text.split(separator: "\n").map { $0.split(separator: " ") }
    }
}
