/// An address of the Internet Protocol, version 4 or 6.
package enum IPAddress: Hashable, Sendable {
    case v4(UInt32)
    case v6(UInt128)

    /// 32 or 128.
    package var width: Int {
        switch self {
        case .v4: 32
        case .v6: 128
        }
    }

    /// The address as a number.
    var bits: UInt128 {
        switch self {
        case .v4(let bits): UInt128(bits)
        case .v6(let bits): bits
        }
    }

    /// The IPv4 address that `::ffff:a.b.c.d` stands for (RFC 4291, section 2.5.5.2); every other address is itself.
    package var unmapped: IPAddress {
        guard case .v6(let bits) = self, bits >> 32 == 0xFFFF else { return self }
        return .v4(UInt32(truncatingIfNeeded: bits))
    }

    /// An address of the same version.
    func with(bits: UInt128) -> IPAddress {
        switch self {
        case .v4: .v4(UInt32(truncatingIfNeeded: bits))
        case .v6: .v6(bits)
        }
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted decimal, or the one spelling of RFC 5952.
    package var description: String {
        switch self {
        case .v4(let bits): Self.dotted(bits)
        case .v6(let bits) where bits >> 32 == 0xFFFF: "::ffff:" + Self.dotted(UInt32(truncatingIfNeeded: bits))
        case .v6(let bits): Self.colons(bits)
        }
    }

    private static func dotted(_ bits: UInt32) -> String {
        "\(bits >> 24).\(bits >> 16 & 0xFF).\(bits >> 8 & 0xFF).\(bits & 0xFF)"
    }

    /// The longest run of two or more zeros, the first of equals, becomes `::`.
    private static func colons(_ bits: UInt128) -> String {
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: bits >> UInt128(112 - 16 * $0)) }
        var longest = 0..<0
        var start = 0
        for (index, group) in groups.enumerated() {
            if group != 0 { start = index + 1 }
            if index + 1 - start > max(longest.count, 1) { longest = start..<index + 1 }
        }
        func text(_ groups: some Sequence<UInt16>) -> String {
            groups.map { String($0, radix: 16) }.joined(separator: ":")
        }
        if longest.isEmpty { return text(groups) }
        return text(groups[..<longest.lowerBound]) + "::" + text(groups[longest.upperBound...])
    }
}

extension IPAddress {
    /// Reads `192.0.2.1` with four plain decimal numbers, or an IPv6 address without a zone.
    ///
    /// Leading zeros are refused, because programs disagree on whether they mean octal.
    package static func parse(_ text: String) throws(InvalidText) -> IPAddress {
        try InvalidText.check(text, "the address", example: "192.0.2.1")
        return try parse(text[...])
    }

    static func parse(_ text: Substring) throws(InvalidText) -> IPAddress {
        if text.contains(":") { return .v6(try parseV6(text)) }
        guard !text.contains(where: { $0.isLetter }) else {
            throw InvalidText("\(Diagnostic.quote(text)) is a name, not an address", hint: "names go under 'dns'")
        }
        return .v4(try parseV4(text))
    }

    private static func parseV4(_ text: Substring) throws(InvalidText) -> UInt32 {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else {
            throw InvalidText(
                "\(Diagnostic.quote(text)) is not an IPv4 address", hint: "it has four numbers, such as 192.0.2.1")
        }
        var bits: UInt32 = 0
        for part in parts {
            guard let number = part.plainNumber(digits: 1...9) else {
                throw InvalidText(
                    "\(Diagnostic.quote(text)) is not an IPv4 address", hint: "it has four numbers, such as 192.0.2.1")
            }
            guard part.utf8.count == 1 || part.first != "0" else {
                throw InvalidText(
                    "\(Diagnostic.quote(text)) has a number with a leading zero", hint: "write \(number) for \(part)")
            }
            guard number <= 255 else {
                throw InvalidText(
                    "\(Diagnostic.quote(text)) has the number \(number)", hint: "the numbers of an address are 0-255")
            }
            bits = bits << 8 | UInt32(number)
        }
        return bits
    }

    private static func parseV6(_ text: Substring) throws(InvalidText) -> UInt128 {
        let malformed = InvalidText("\(Diagnostic.quote(text)) is not an IPv6 address", hint: "such as 2001:db8::1")
        if text.contains("%") {
            throw InvalidText("\(Diagnostic.quote(text)) names an interface", hint: "leave out '%' and what follows")
        }
        if text.contains("[") { throw InvalidText("\(Diagnostic.quote(text)) has brackets", hint: "leave them out") }
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2, let head = groups(halves[0], mayEndInV4: halves.count == 1) else { throw malformed }
        guard halves.count == 2 else {
            guard head.count == 8 else { throw malformed }
            return join(head)
        }
        // `::` stands for one group of zeros or more.
        guard let tail = groups(halves[1], mayEndInV4: true), head.count + tail.count <= 7 else { throw malformed }
        return join(head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail)
    }

    private static func join(_ groups: [UInt16]) -> UInt128 { groups.reduce(0) { $0 << 16 | UInt128($1) } }

    /// Groups of up to four hexadecimal digits; the last two may be written as an IPv4 address.
    private static func groups(_ text: Substring, mayEndInV4: Bool) -> [UInt16]? {
        if text.isEmpty { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if mayEndInV4, index == parts.count - 1, part.contains(".") {
                // A damaged ending is reported with the whole address.
                guard let bits = try? parseV4(part) else { return nil }
                groups += [UInt16(bits >> 16), UInt16(bits & 0xFFFF)]
            } else {
                let isHex = part.utf8.allSatisfy { Grammar.isDigit($0) || "abcdefABCDEF".utf8.contains($0) }
                guard (1...4).contains(part.utf8.count), isHex, let group = UInt16(part, radix: 16) else { return nil }
                groups.append(group)
            }
        }
        return groups
    }
}
