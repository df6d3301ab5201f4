import Specs

/// Connections that the kernel follows (linux/netfilter/nfnetlink_conntrack.h), of those with a bit of a mark set.
struct TrackedConnections {
    private enum Message {
        /// Of the subsystem for connections, whose number is 1.
        static let get: UInt16 = 1 << 8 | 1
        static let new: UInt16 = 1 << 8
        /// NLM_F_REQUEST and NLM_F_DUMP.
        static let dump: UInt16 = 0x301
        /// AF_INET.
        static let v4: UInt8 = 2
    }

    private enum Attribute {
        static let (reply, protocolState, mark, markMask): (UInt16, UInt16, UInt16, UInt16) = (2, 4, 8, 21)
        /// Each is the first kind within what holds it: addresses, the source; TCP, its state.
        static let first: UInt16 = 1
    }

    /// From the first packet on until both sides have closed: TCP_CONNTRACK_SYN_SENT to TCP_CONNTRACK_CLOSE_WAIT.
    private static let open: ClosedRange<UInt8> = 1...5

    let socket: NetlinkSocket
    /// What connections carry that are meant.
    let mark: UInt32

    /// Who answers one of TCP that goes on, of IPv4.
    func answering() throws(NetlinkSocket.Refusal) -> Set<IPAddress> {
        let mark = Self.bytes(mark)
        var request = NetlinkWriter(sequence: 1)
        request.message(Message.get, flags: Message.dump, family: Message.v4, resource: 0) { message in
            message.attribute(Attribute.mark, mark)
            message.attribute(Attribute.markMask, mark)
        }
        var members: Set<IPAddress> = []
        try socket.dump(request.bytes) { type, body in
            guard type == Message.new, let state = Self.state(body), Self.open.contains(state),
                let source = Self.source(body)
            else { return }
            members.insert(source)
        }
        return members
    }

    private static func source(_ body: NetlinkAttributes) -> IPAddress? {
        guard let bytes = body.nested(Attribute.reply)?.nested(Attribute.first)?[Attribute.first], bytes.count == 4
        else { return nil }
        return .v4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
    }

    /// nil for what is no TCP.
    private static func state(_ body: NetlinkAttributes) -> UInt8? {
        body.nested(Attribute.protocolState)?.nested(Attribute.first)?[Attribute.first]?.first
    }

    private static func bytes(_ number: UInt32) -> [UInt8] {
        stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
    }
}

/// Attributes as they stand in a message of the kernel, each with its length, its kind and its value.
struct NetlinkAttributes {
    let bytes: ArraySlice<UInt8>

    /// What the kind says beside its number: that there are others in the value, and in which order its bytes are.
    private static let flags: UInt16 = 0xC000

    /// The value of the first of this kind; nil where there is none.
    subscript(_ kind: UInt16) -> ArraySlice<UInt8>? {
        var place = bytes.startIndex
        while bytes.endIndex - place >= 4 {
            let length = Int(bytes[place]) | Int(bytes[place + 1]) << 8
            let found = (UInt16(bytes[place + 2]) | UInt16(bytes[place + 3]) << 8) & ~Self.flags
            guard length >= 4, length <= bytes.endIndex - place else { return nil }
            if found == kind { return bytes[place + 4..<place + length] }
            // Everything begins at a multiple of four.
            place += (length + 3) & ~3
        }
        return nil
    }

    func nested(_ kind: UInt16) -> NetlinkAttributes? { self[kind].map(NetlinkAttributes.init) }
}
