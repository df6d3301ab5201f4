package import Specs

/// One transaction that puts addresses into sets of the packet filter, or takes them out.
///
/// What `nft -f` would send for `add element`, without a program that is started for it. Numbers are those of
/// linux/netfilter/nf_tables.h.
package struct SetElementBatch: Sendable {
    /// An address in a set of the table.
    package struct Element: Hashable, Sendable {
        package var set: String
        package var address: IPAddress
        /// Until it leaves the set by itself.
        package var lifetime: Duration

        package init(set: String, address: IPAddress, lifetime: Duration) {
            self.set = set
            self.address = address
            self.lifetime = lifetime
        }
    }

    /// What is sent.
    package let bytes: [UInt8]
    /// The numbers of the messages that the kernel answers, one answer for each.
    let answered: Range<UInt32>
    /// Of the message after the last.
    let next: UInt32

    private enum Message {
        static let batchBegin: UInt16 = 0x10
        static let batchEnd: UInt16 = 0x11
        /// Of the subsystem for nftables, whose number is 10.
        static let newElement: UInt16 = 10 << 8 | 12
        static let deleteElement: UInt16 = 10 << 8 | 14
        static let subsystem: UInt16 = 10
        /// NFPROTO_INET: the family of tables that see both versions.
        static let inet: UInt8 = 1
    }

    private enum Flag {
        static let request: UInt16 = 0x1
        static let acknowledge: UInt16 = 0x4
        static let create: UInt16 = 0x400
    }

    /// An element takes up to 48 bytes, and the length of a list has 16 bits.
    private static let mostInMessage = 1_000

    /// - Parameters:
    ///   - table: of the family `inet`.
    ///   - isRemoval: takes out; what is not in is no error.
    ///   - sequence: the number of the first message, so that answers to earlier batches are told apart.
    package init(_ elements: [Element], table: String, isRemoval: Bool, sequence: UInt32) {
        var writer = NetlinkWriter(sequence: sequence)
        writer.message(
            Message.batchBegin, flags: Flag.request, family: 0, resource: Message.subsystem)
        let first = writer.sequence
        for (set, elements) in Dictionary(grouping: elements, by: \.set).sorted(by: { $0.key < $1.key }) {
            for start in stride(from: 0, to: elements.count, by: Self.mostInMessage) {
                let part = elements[start..<min(start + Self.mostInMessage, elements.count)]
                // A kernel before 6.12 does not give what is in a new lifetime, so it is taken out first; and for that it has to
                // be in.
                Self.write(Message.newElement, part, set, table, to: &writer)
                Self.write(Message.deleteElement, part, set, table, to: &writer)
                if !isRemoval { Self.write(Message.newElement, part, set, table, to: &writer) }
            }
        }
        answered = first..<writer.sequence
        writer.message(Message.batchEnd, flags: Flag.request, family: 0, resource: Message.subsystem)
        bytes = writer.bytes
        next = writer.sequence
    }

    private static func write(
        _ type: UInt16, _ elements: ArraySlice<Element>, _ set: String, _ table: String, to writer: inout NetlinkWriter
    ) {
        let isNew = type == Message.newElement
        let flags = Flag.request | Flag.acknowledge | (isNew ? Flag.create : 0)
        writer.message(type, flags: flags, family: Message.inet, resource: 0) { writer in
            // NFTA_SET_ELEM_LIST_TABLE, _SET and _ELEMENTS.
            writer.attribute(1, table)
            writer.attribute(2, set)
            writer.attributes(3) { writer in
                for element in elements {
                    writer.attributes(1) { writer in
                        // NFTA_SET_ELEM_KEY with NFTA_DATA_VALUE, and NFTA_SET_ELEM_TIMEOUT in milliseconds.
                        writer.attributes(1) { $0.attribute(1, element.address.bytes) }
                        if isNew { writer.attribute(4, element.milliseconds) }
                    }
                }
            }
        }
    }
}

extension SetElementBatch.Element {
    /// 0 would be an element that stays for ever.
    fileprivate var milliseconds: UInt64 { max(1, UInt64(max(0, lifetime / .milliseconds(1)))) }
}

extension IPAddress {
    /// As they are in packets.
    fileprivate var bytes: [UInt8] {
        switch self {
        case .v4(let bits): stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bits >> UInt32($0)) }
        case .v6(let bits): stride(from: 120, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bits >> UInt128($0)) }
        }
    }
}
