/// A range of addresses that share their first bits: `10.20.0.0/16`, `fd00::/8`.
package struct CIDR: Hashable, Sendable {
    /// The first address; the bits behind the prefix are 0.
    package let address: IPAddress
    /// How many bits are shared: 0 to 32 for IPv4, 0 to 128 for IPv6.
    package let prefix: Int

    /// The network of `address` with this prefix, cut to what its version has.
    package init(networkOf address: IPAddress, prefix: Int) {
        self.prefix = min(max(prefix, 0), address.width)
        self.address = address.with(bits: address.bits & Self.mask(self.prefix, address.width))
    }

    private static func mask(_ prefix: Int, _ width: Int) -> UInt128 {
        // A shift by the whole width gives 0, as it should.
        let all = UInt128.max >> UInt128(128 - width)
        return all & ~(all >> UInt128(prefix))
    }

    /// The last address.
    package var last: IPAddress {
        let all = UInt128.max >> UInt128(128 - address.width)
        return address.with(bits: address.bits | all & ~Self.mask(prefix, address.width))
    }

    /// The IPv4 range that a range of `::ffff:0:0/96` stands for; every other range is itself.
    package var unmapped: CIDR {
        guard case .v6(let bits) = address, prefix >= 96, bits >> 32 == 0xFFFF else { return self }
        return CIDR(networkOf: address.unmapped, prefix: prefix - 96)
    }

    /// Addresses of the other version are never inside, an IPv4 address in IPv6's clothes is IPv4's.
    package func contains(_ address: IPAddress) -> Bool {
        let (range, address) = (unmapped, address.unmapped)
        guard range.address.width == address.width else { return false }
        return address.bits & Self.mask(range.prefix, address.width) == range.address.bits
    }

    /// Whether all of `other` is inside; a range contains itself.
    package func contains(_ other: CIDR) -> Bool {
        let (range, other) = (unmapped, other.unmapped)
        return range.prefix <= other.prefix && range.contains(other.address)
    }

    /// Whether one address is in both.
    package func overlaps(_ other: CIDR) -> Bool { contains(other) || other.contains(self) }
}

extension CIDR: CustomStringConvertible {
    package var description: String { "\(address)/\(prefix)" }

    /// Reads an address, a slash and the number of bits; bits behind the prefix are an error that names the network.
    package static func parse(_ text: String) throws(InvalidText) -> CIDR {
        try InvalidText.check(text, "the range", example: "10.20.0.0/16")
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2 else {
            throw InvalidText("\(Diagnostic.quote(text)) is not a range of addresses", hint: "such as 10.20.0.0/16")
        }
        let address = try IPAddress.parse(parts[0])
        guard parts.count == 2 else {
            throw InvalidText(
                "\(Diagnostic.quote(text)) has no prefix length", hint: "one address is \(address)/\(address.width)")
        }
        let prefix = try parsePrefix(parts[1], of: text, address)
        let range = CIDR(networkOf: address, prefix: prefix)
        guard range.address == address else {
            throw InvalidText(
                "\(Diagnostic.quote(text)) has bits set behind its prefix", hint: "the network is \(range)",
                code: .hostBitsInCIDR)
        }
        return range
    }

    private static func parsePrefix(_ text: Substring, of whole: String, _ address: IPAddress) throws(InvalidText)
        -> Int
    {
        // The hint is all that a mask that can be read is good for; one that cannot is a wrong length like others.
        if text.contains("."), case .v4(let mask)? = try? IPAddress.parse(text) {
            let ones = (~mask).leadingZeroBitCount
            let isMask = mask == UInt32(truncatingIfNeeded: Self.mask(ones, 32))
            throw InvalidText(
                "\(Diagnostic.quote(whole)) has a mask",
                hint: isMask ? "write \(address)/\(ones)" : "write the number of its bits")
        }
        guard let prefix = text.plainNumber(digits: 1...3), prefix <= address.width else {
            throw InvalidText(
                "\(Diagnostic.quote(whole)) has the prefix length \(Diagnostic.quote(text))",
                hint: "write 0-\(address.width)")
        }
        guard text.utf8.count == 1 || text.first != "0" else {
            throw InvalidText(
                "\(Diagnostic.quote(whole)) has a prefix length with a leading zero", hint: "write \(prefix)")
        }
        return prefix
    }
}
