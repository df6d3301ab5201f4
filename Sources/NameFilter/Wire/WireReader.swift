/// Why bytes are no message.
package enum WireError: Error, Hashable, Sendable {
    /// They end before what they promise.
    case truncated
    /// A label that is neither text nor a pointer, or a name of more than 255 bytes.
    case badName
    /// A pointer that does not lead back, or too many of them.
    case badPointer
    /// A record whose content has another length than it says.
    case badRecord
    /// Not what was asked for.
    case badHeader
}

/// Reads the parts of a message in their order; whatever the bytes are, it ends.
struct WireReader {
    let bytes: [UInt8]
    private(set) var position: Int
    /// The end of what may be read.
    private var end: Int

    /// So many pointers are followed in one name: each must lead to an earlier place, and this bounds the work besides.
    private static let mostPointers = 16

    init(_ bytes: [UInt8], from position: Int = 0) {
        self.bytes = bytes
        self.position = position
        end = bytes.count
    }

    var isAtEnd: Bool { position >= end }

    var remaining: Int { end - position }

    mutating func byte() throws(WireError) -> UInt8 {
        guard position < end else { throw .truncated }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func uint16() throws(WireError) -> UInt16 {
        guard end - position >= 2 else { throw .truncated }
        defer { position += 2 }
        return UInt16(bytes[position]) << 8 | UInt16(bytes[position + 1])
    }

    mutating func uint32() throws(WireError) -> UInt32 {
        let high = try uint16()
        return try UInt32(high) << 16 | UInt32(uint16())
    }

    mutating func take(_ count: Int) throws(WireError) -> ArraySlice<UInt8> {
        guard count <= end - position else { throw .truncated }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// A reader of the next bytes alone; pointers in their names may still lead back to all that is before.
    mutating func part(_ count: Int) throws(WireError) -> WireReader {
        guard count <= end - position else { throw .truncated }
        var part = self
        part.end = position + count
        position += count
        return part
    }

    /// A name in lower case.
    ///
    /// - Parameter mayPoint: whether pointers (RFC 1035, section 4.1.4) are let through; nothing can be before a question.
    mutating func name(mayPoint: Bool = true) throws(WireError) -> DomainName {
        var wire: [UInt8] = []
        wire.reserveCapacity(32)
        var place = position
        var lowest = position
        var pointers = 0
        /// Where reading goes on: behind the first pointer.
        var next: Int?
        while true {
            guard place < end else { throw .truncated }
            let length = bytes[place]
            switch length & 0xC0 {
            case 0:
                let labelEnd = place + 1 + Int(length)
                guard labelEnd <= end else { throw .truncated }
                guard wire.count + 1 + Int(length) <= DomainName.mostBytes else { throw .badName }
                wire.append(length)
                for byte in bytes[(place + 1)..<labelEnd] { wire.append(DomainName.lowered(byte)) }
                place = labelEnd
                if length == 0 {
                    position = next ?? place
                    return DomainName(unchecked: wire[...])
                }
            case 0xC0:
                guard place + 1 < end else { throw .truncated }
                let target = Int(length & 0x3F) << 8 | Int(bytes[place + 1])
                pointers += 1
                // Always further back, so that no chain of pointers can be a circle.
                guard mayPoint, target < lowest, target >= 12, pointers <= Self.mostPointers else { throw .badPointer }
                next = next ?? place + 2
                lowest = target
                place = target
            default: throw .badName
            }
        }
    }
}
