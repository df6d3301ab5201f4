import Specs

/// A name as messages carry it: labels with their lengths in front, in lower case, up to the empty label of the root.
///
/// Two names that DNS takes for one are equal (RFC 4343); bytes that are no letters stay as they are.
package struct DomainName: Hashable, Sendable {
    /// At most 255 bytes, the last of them 0.
    package let wire: ArraySlice<UInt8>

    /// The longest name, with the lengths of its labels (RFC 1035, section 3.1).
    static let mostBytes = 255

    package static let root = DomainName(unchecked: [0])

    /// - Parameter wire: well formed and in lower case.
    init(unchecked wire: ArraySlice<UInt8>) { self.wire = wire }

    /// Reads `pypi.org` or `pypi.org.`; nil for what no message can carry.
    package init?(_ text: String) {
        var wire: [UInt8] = []
        let plain = text.hasSuffix(".") ? text.dropLast() : text[...]
        if !plain.isEmpty {
            for label in plain.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
                guard (1...63).contains(label.count) else { return nil }
                wire.append(UInt8(label.count))
                wire += label.map(Self.lowered)
            }
        }
        wire.append(0)
        guard wire.count <= Self.mostBytes else { return nil }
        self.wire = wire[...]
    }

    /// The name that a pattern names, without its star.
    init(_ pattern: DNSPattern) {
        // Patterns are checked names of at most 253 bytes, so the root stands for none of them.
        self = DomainName(pattern.name) ?? .root
    }

    static func lowered(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
    }

    /// The name without its first label; nil for the root.
    var parent: DomainName? {
        guard let length = wire.first, length > 0 else { return nil }
        return DomainName(unchecked: wire[(wire.startIndex + Int(length) + 1)...])
    }

    /// Whether all labels are letters, digits, `-` and `_`, as those of hosts and services are.
    var isPlain: Bool {
        var rest = wire
        while let length = rest.first, length > 0 {
            let label = rest.dropFirst().prefix(Int(length))
            let isPlain = label.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                    UInt8(ascii: "_"):
                    true
                default: false
                }
            }
            guard isPlain else { return false }
            rest = rest.dropFirst(Int(length) + 1)
        }
        return true
    }

    package static func == (a: DomainName, b: DomainName) -> Bool { a.wire == b.wire }

    package func hash(into hasher: inout Hasher) { wire.withUnsafeBytes { hasher.combine(bytes: $0) } }
}

extension DomainName: CustomStringConvertible {
    /// Without a final dot; bytes that could be taken for something else are written as `\ddd` (RFC 1035, section 5.1).
    package var description: String {
        var labels: [String] = []
        var rest = wire
        while let length = rest.first, length > 0 {
            labels.append(rest.dropFirst().prefix(Int(length)).map(Self.shown).joined())
            rest = rest.dropFirst(Int(length) + 1)
        }
        return labels.isEmpty ? "." : labels.joined(separator: ".")
    }

    private static func shown(_ byte: UInt8) -> String {
        let isShown = (0x21...0x7E).contains(byte) && byte != UInt8(ascii: ".") && byte != UInt8(ascii: "\\")
        if isShown { return String(UnicodeScalar(byte)) }
        let digits = String(byte)
        return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }
}
