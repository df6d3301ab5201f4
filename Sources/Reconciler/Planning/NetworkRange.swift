/// An IPv4 range that is cut into one subnet per object.
///
/// Docker's own default pools end at about 31 networks. A /22 holds 1,021 members, close to the 1,023 ports that a
/// Linux bridge can have, so a larger subnet would buy nothing.
package struct NetworkRange: Hashable, Sendable {
    package var range: IPv4Subnet
    /// The length of each subnet's prefix.
    package var subnetPrefix: Int

    package static let `default` = NetworkRange(range: IPv4Subnet(address: 0x0AE0_0000, prefix: 14), subnetPrefix: 22)

    package init(range: IPv4Subnet, subnetPrefix: Int) {
        self.range = range
        self.subnetPrefix = subnetPrefix
    }

    /// How many subnets the range holds.
    package var count: Int { subnetPrefix < range.prefix ? 0 : 1 << (subnetPrefix - range.prefix) }

    /// The first free subnet at or after a preferred place, wrapping around; nil when all are taken.
    ///
    /// A preferred place that depends on the object alone gives an object the same subnet on most hosts, which makes
    /// logs easier to read; correctness does not rest on it.
    package func freeSubnet(preferring place: UInt64, taken: [IPv4Subnet]) -> IPv4Subnet? {
        let count = UInt64(count)
        guard count > 0 else { return nil }
        let size = UInt32(1) << UInt32(32 - subnetPrefix)
        for offset in 0..<count {
            let index = UInt32((place % count + offset) % count)
            let candidate = IPv4Subnet(address: range.address + index * size, prefix: subnetPrefix)
            if !taken.contains(where: candidate.overlaps) { return candidate }
        }
        return nil
    }
}

/// An IPv4 network in CIDR notation.
package struct IPv4Subnet: Hashable, Sendable, CustomStringConvertible {
    package var address: UInt32
    /// 0-32.
    package var prefix: Int

    package init(address: UInt32, prefix: Int) {
        self.prefix = prefix
        self.address = address & Self.mask(prefix)
    }

    /// Reads `10.0.0.0/8`; nil for anything else, host bits included.
    package init?(_ text: some StringProtocol) {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, let prefix = Int(halves[1]), (0...32).contains(prefix) else { return nil }
        let octets = halves[0].split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard octets.count == 4 else { return nil }
        var address: UInt32 = 0
        for octet in octets {
            guard let octet else { return nil }
            address = address << 8 | UInt32(octet)
        }
        self.init(address: address, prefix: prefix)
        guard self.address == address else { return nil }
    }

    package func overlaps(_ other: IPv4Subnet) -> Bool {
        let mask = Self.mask(min(prefix, other.prefix))
        return address & mask == other.address & mask
    }

    package var description: String {
        "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)/\(prefix)"
    }

    private static func mask(_ prefix: Int) -> UInt32 { prefix == 0 ? 0 : ~UInt32(0) << UInt32(32 - prefix) }
}
