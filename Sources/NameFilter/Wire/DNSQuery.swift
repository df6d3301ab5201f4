/// What a client asks: one question, and what it can take as an answer.
package struct DNSQuery: Hashable, Sendable {
    package var id: UInt16
    package var isRecursionDesired: Bool
    package var question: Question
    /// The question's bytes as they came: clients compare the letters' case with what they sent.
    package var questionBytes: ArraySlice<UInt8>
    /// The most bytes of an answer over UDP that the client takes; nil without EDNS.
    package var ednsSize: Int?

    /// What to do with bytes that came.
    package enum Reading: Sendable {
        case query(DNSQuery)
        /// It can be answered, but only with this code.
        case malformed(id: UInt16, opcode: UInt8, ResponseCode)
        /// A request that is well formed, and that this server does not serve.
        case unserved(DNSQuery, ResponseCode)
        /// Nothing can be said to it: it is no query, or too short to have an id. An answer is never answered, so that two
        /// servers cannot be made to talk to each other.
        case unanswerable
    }

    /// The header's bytes.
    static let headerBytes = 12

    package static func read(_ bytes: [UInt8]) -> Reading {
        guard bytes.count >= headerBytes, bytes[2] & 0x80 == 0 else { return .unanswerable }
        let id = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        let opcode = bytes[2] >> 3 & 0x0F
        guard opcode == 0 else { return .malformed(id: id, opcode: opcode, .notImplemented) }
        do throws(WireError) {
            return try read(bytes, id)
        } catch {
            return .malformed(id: id, opcode: 0, .formatError)
        }
    }

    private static func read(_ bytes: [UInt8], _ id: UInt16) throws(WireError) -> Reading {
        var reader = WireReader(bytes, from: 4)
        let (questions, answers) = (try reader.uint16(), try reader.uint16())
        let (authorities, additional) = (try reader.uint16(), try reader.uint16())
        guard questions == 1, answers == 0, authorities == 0, additional <= 2 else { throw .badHeader }
        let start = reader.position
        let name = try reader.name(mayPoint: false)
        let (type, `class`) = (RecordType(rawValue: try reader.uint16()), try reader.uint16())
        var query = DNSQuery(
            id: id, isRecursionDesired: bytes[2] & 1 == 1, question: Question(name, type),
            questionBytes: bytes[start..<reader.position])
        var code = type.isMeta || `class` != 1 ? ResponseCode.refused : .noError
        for _ in 0..<additional {
            guard let (size, version) = try option(&reader) else { continue }
            guard query.ednsSize == nil else { throw .badHeader }
            query.ednsSize = size
            if version != 0 { code = .badVersion }
        }
        return code == .noError ? .query(query) : .unserved(query, code)
    }

    /// The next record, if it is EDNS's (RFC 6891): the class is a size, the second byte of the TTL a version.
    private static func option(_ reader: inout WireReader) throws(WireError) -> (size: Int, version: UInt8)? {
        let name = try reader.name()
        let type = RecordType(rawValue: try reader.uint16())
        let size = try reader.uint16()
        let ttl = try reader.uint32()
        _ = try reader.take(Int(try reader.uint16()))
        guard type == .opt else { return nil }
        guard name == .root else { throw .badRecord }
        return (Int(size), UInt8(truncatingIfNeeded: ttl >> 16))
    }
}
