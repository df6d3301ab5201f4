package import Specs

/// What an upstream resolver answered, as far as it is of use here: records of the answer section and of the authority
/// section, with their names written out.
package struct UpstreamMessage: Hashable, Sendable {
    package struct Record: Hashable, Sendable {
        package var name: DomainName
        package var type: RecordType
        /// In seconds.
        package var ttl: UInt32
        package var content: Content
    }

    package enum Content: Hashable, Sendable {
        case address(IPAddress)
        /// The target of a CNAME.
        case alias(DomainName)
        /// The seconds that a name that does not exist may be remembered for (RFC 2308).
        case authority(negativeTTL: UInt32)
        /// Bytes without any pointer, ready to be sent.
        case bytes([UInt8])
    }

    package var code: UInt16
    package var isTruncated: Bool
    package var answers: [Record] = []
    /// SOA records alone.
    package var authorities: [Record] = []

    /// The most bytes of a message over TCP hold fewer than 6,000 of the smallest records, so their number needs no bound.
    ///
    /// - Parameter question: what was asked; types that the answer was not asked for are skipped, but for CNAME and SOA.
    /// - Throws: `badHeader` for what is no answer to that question.
    package static func read(_ bytes: [UInt8], to question: Question) throws(WireError) -> UpstreamMessage {
        guard bytes.count >= DNSQuery.headerBytes else { throw .truncated }
        guard bytes[2] & 0xF8 == 0x80 else { throw .badHeader }
        var message = UpstreamMessage(code: UInt16(bytes[3] & 0x0F), isTruncated: bytes[2] & 0x02 != 0)
        var reader = WireReader(bytes, from: 4)
        let (questions, answers, authorities) = (try reader.uint16(), try reader.uint16(), try reader.uint16())
        _ = try reader.uint16()
        guard questions == 1 else { throw .badHeader }
        let asked = Question(try reader.name(mayPoint: false), RecordType(rawValue: try reader.uint16()))
        guard asked == question, try reader.uint16() == 1 else { throw .badHeader }
        // What follows may be cut off anywhere, and is asked for again over TCP.
        guard !message.isTruncated else { return message }
        for _ in 0..<answers {
            if let record = try Record.read(&reader, wanted: question.type) { message.answers.append(record) }
        }
        for _ in 0..<authorities {
            if let record = try Record.read(&reader, wanted: .soa) { message.authorities.append(record) }
        }
        return message
    }
}

extension UpstreamMessage.Record {
    /// The next record; nil for one of another class or of a type that nobody asked for.
    fileprivate static func read(_ reader: inout WireReader, wanted: RecordType) throws(WireError) -> Self? {
        let name = try reader.name()
        let type = RecordType(rawValue: try reader.uint16())
        let `class` = try reader.uint16()
        let ttl = try reader.uint32()
        var content = try reader.part(Int(try reader.uint16()))
        guard `class` == 1, type == wanted || type == .cname else { return nil }
        let read = try UpstreamMessage.Content.read(&content, type, isForNegativeTTL: wanted == .soa)
        guard content.isAtEnd else { throw .badRecord }
        // A TTL with its highest bit set is 0 (RFC 2181, section 8).
        return Self(name: name, type: type, ttl: ttl >> 31 == 0 ? ttl : 0, content: read)
    }
}

extension UpstreamMessage.Content {
    fileprivate static func read(
        _ reader: inout WireReader, _ type: RecordType, isForNegativeTTL: Bool
    ) throws(WireError) -> Self {
        switch type {
        case .a: return .address(.v4(try reader.uint32()))
        case .aaaa:
            var bits: UInt128 = 0
            for byte in try reader.take(16) { bits = bits << 8 | UInt128(byte) }
            return .address(.v6(bits))
        case .cname: return .alias(try reader.name())
        case .ns, .ptr: return .bytes(Array(try reader.name().wire))
        case .mx: return .bytes(Array(try reader.take(2)) + Array(try reader.name().wire))
        case .srv: return .bytes(Array(try reader.take(6)) + Array(try reader.name().wire))
        case .soa:
            let names = Array(try reader.name().wire) + Array(try reader.name().wire)
            let numbers = Array(try reader.take(20))
            guard isForNegativeTTL else { return .bytes(names + numbers) }
            return .authority(negativeTTL: numbers.suffix(4).reduce(0) { $0 << 8 | UInt32($1) })
        default:
            // TXT, CAA: no names inside that could be compressed.
            return .bytes(Array(try reader.take(reader.remaining)))
        }
    }
}
