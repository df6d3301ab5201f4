/// Writes messages to the kernel's packet filter, as linux/netlink.h and linux/netfilter/nfnetlink.h describe them.
///
/// Numbers of headers are in the byte order of the machine, which on all that Swift runs on is the little one; those
/// inside of attributes are in that of the network.
struct NetlinkWriter {
    private(set) var bytes: [UInt8] = []
    /// Of the next message.
    private(set) var sequence: UInt32

    /// Set in the type of an attribute that holds others.
    private static let nested: UInt16 = 0x8000

    init(sequence: UInt32) { self.sequence = sequence }

    /// A message with the header of netfilter.
    mutating func message(
        _ type: UInt16, flags: UInt16, family: UInt8, resource: UInt16, _ body: (inout Self) -> Void = { _ in }
    ) {
        let start = bytes.count
        append(UInt32(0))
        append(type)
        append(flags)
        append(sequence)
        append(UInt32(0))
        sequence &+= 1
        bytes += [family, 0, UInt8(resource >> 8), UInt8(resource & 0xFF)]
        body(&self)
        let length = UInt32(bytes.count - start)
        for index in 0..<4 { bytes[start + index] = UInt8(truncatingIfNeeded: length >> UInt32(8 * index)) }
    }

    mutating func attribute(_ type: UInt16, _ value: [UInt8]) {
        append(UInt16(value.count + 4))
        append(type)
        bytes += value
        // Everything begins at a multiple of four.
        while !bytes.count.isMultiple(of: 4) { bytes.append(0) }
    }

    /// A text with the zero that ends it.
    mutating func attribute(_ type: UInt16, _ text: String) { attribute(type, Array(text.utf8) + [0]) }

    mutating func attribute(_ type: UInt16, _ number: UInt64) {
        attribute(type, stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt64($0)) })
    }

    mutating func attributes(_ type: UInt16, _ body: (inout Self) -> Void) {
        let start = bytes.count
        append(UInt16(0))
        append(type | Self.nested)
        body(&self)
        let length = bytes.count - start
        (bytes[start], bytes[start + 1]) = (UInt8(length & 0xFF), UInt8(length >> 8 & 0xFF))
    }

    private mutating func append(_ number: UInt16) { bytes += [UInt8(number & 0xFF), UInt8(number >> 8)] }

    private mutating func append(_ number: UInt32) {
        append(UInt16(number & 0xFFFF))
        append(UInt16(number >> 16))
    }
}
