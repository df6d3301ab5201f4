/// Any number of addresses of both versions, as ranges that neither overlap nor touch.
package struct AddressSet: Hashable, Sendable {
    /// In order, disjoint, and with a gap between any two.
    package private(set) var v4: [ClosedRange<UInt32>]
    package private(set) var v6: [ClosedRange<UInt128>]

    package static let nothing = AddressSet([])
    package static let everything = AddressSet([
        CIDR(networkOf: .v4(0), prefix: 0), CIDR(networkOf: .v6(0), prefix: 0),
    ])

    /// IPv4 ranges in IPv6's clothes are IPv4's.
    package init(_ ranges: some Sequence<CIDR>) {
        v4 = []
        v6 = []
        for range in ranges.map(\.unmapped) {
            switch (range.address, range.last) {
            case (.v4(let first), .v4(let last)): v4.append(first...last)
            case (.v6(let first), .v6(let last)): v6.append(first...last)
            default: preconditionFailure("a range has one version")
            }
        }
        v4 = Self.joined(v4)
        v6 = Self.joined(v6)
    }

    package var isEmpty: Bool { v4.isEmpty && v6.isEmpty }
    /// How many ranges there are.
    package var count: Int { v4.count + v6.count }

    package func contains(_ address: IPAddress) -> Bool {
        switch address.unmapped {
        case .v4(let bits): Self.find(bits, in: v4)
        case .v6(let bits): Self.find(bits, in: v6)
        }
    }

    package func union(_ other: AddressSet) -> AddressSet {
        var result = self
        result.v4 = Self.joined(v4 + other.v4)
        result.v6 = Self.joined(v6 + other.v6)
        return result
    }

    /// What any of them holds.
    package static func union(of sets: [AddressSet]) -> AddressSet {
        var result = nothing
        result.v4 = joined(sets.flatMap(\.v4))
        result.v6 = joined(sets.flatMap(\.v6))
        return result
    }

    package func subtracting(_ other: AddressSet) -> AddressSet {
        var result = self
        result.v4 = Self.difference(v4, other.v4)
        result.v6 = Self.difference(v6, other.v6)
        return result
    }

    /// Sorts, and makes one of those that overlap or touch.
    private static func joined<Bits: FixedWidthInteger>(_ ranges: [ClosedRange<Bits>]) -> [ClosedRange<Bits>] {
        var result: [ClosedRange<Bits>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard let last = result.last, last.upperBound == .max || range.lowerBound <= last.upperBound + 1 else {
                result.append(range)
                continue
            }
            result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
        }
        return result
    }

    /// Both in order and disjoint.
    private static func difference<Bits: FixedWidthInteger>(
        _ ranges: [ClosedRange<Bits>], _ holes: [ClosedRange<Bits>]
    ) -> [ClosedRange<Bits>] {
        var result: [ClosedRange<Bits>] = []
        var next = 0
        for range in ranges {
            var first = range.lowerBound
            var isUsedUp = false
            while next < holes.count, holes[next].upperBound < first { next += 1 }
            var index = next
            while index < holes.count, holes[index].lowerBound <= range.upperBound {
                let hole = holes[index]
                if hole.lowerBound > first { result.append(first...(hole.lowerBound - 1)) }
                guard hole.upperBound < range.upperBound else {
                    isUsedUp = true
                    break
                }
                first = hole.upperBound + 1
                index += 1
            }
            if !isUsedUp { result.append(first...range.upperBound) }
        }
        return result
    }

    private static func find<Bits: FixedWidthInteger>(_ bits: Bits, in ranges: [ClosedRange<Bits>]) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].contains(bits) { return true }
            if ranges[middle].lowerBound > bits { high = middle } else { low = middle + 1 }
        }
        return false
    }
}

extension AddressSet {
    /// Each range as `first-last`, or as one address; IPv4 first, in order.
    package var texts: [String] { v4.map { Self.text($0) } + v6.map { Self.text($0) } }

    package static func text(_ range: ClosedRange<UInt32>) -> String {
        text(.v4(range.lowerBound), .v4(range.upperBound))
    }

    package static func text(_ range: ClosedRange<UInt128>) -> String {
        text(.v6(range.lowerBound), .v6(range.upperBound))
    }

    private static func text(_ first: IPAddress, _ last: IPAddress) -> String {
        first == last ? first.description : "\(first)-\(last)"
    }
}
