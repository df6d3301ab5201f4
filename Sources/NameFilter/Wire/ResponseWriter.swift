import Specs

/// Writes answers to clients.
///
/// The only pointers are to the question's name and to the chain's names, each written out once: every client reads these.
struct ResponseWriter {
    /// Why a name was not answered, for people who run `dig` (RFC 8914).
    enum Explanation: UInt16 {
        case blocked = 15
        case notReady = 14
        case noReachableAuthority = 22

        var text: String {
            switch self {
            case .blocked: "no NetworkPolicy allows it"
            case .notReady: "the firewall has not taken the addresses"
            case .noReachableAuthority: "no upstream resolver answered"
            }
        }
    }

    /// The most bytes of an answer over UDP: larger ones may be cut into fragments, which get lost or forged (RFC 9715 says
    /// 1400, DNS Flag Day 2020 this).
    static let mostBytesOverUDP = 1232

    private var bytes: [UInt8] = []
    private var places: [DomainName: Int] = [:]

    /// A whole answer.
    ///
    /// - Parameters:
    ///   - answer: what to say; nil says the code alone.
    ///   - ttl: of every record, in seconds.
    ///   - overUDP: whether the answer must fit into a datagram; one that does not is empty and says so.
    static func write(
        to query: DNSQuery, _ code: ResponseCode, answer: VettedAnswer? = nil, ttl: UInt32 = 0, overUDP: Bool,
        explanation: Explanation? = nil
    ) -> [UInt8] {
        var writer = ResponseWriter()
        writer.head(query, code, explanation)
        let limit = overUDP ? min(max(query.ednsSize ?? 512, 512), mostBytesOverUDP) : Int(UInt16.max)
        if let answer { writer.append(answer, ttl: ttl, query) }
        writer.appendOption(query, code, explanation)
        guard writer.bytes.count > limit else { return writer.bytes }
        writer = ResponseWriter()
        writer.head(query, code, nil)
        writer.bytes[2] |= 0x02
        writer.appendOption(query, code, nil)
        return writer.bytes
    }

    /// The header alone, for a query that could not be read.
    static func malformed(id: UInt16, opcode: UInt8, _ code: ResponseCode) -> [UInt8] {
        let flags: [UInt8] = [UInt8(id >> 8), UInt8(id & 0xFF), 0x80 | opcode << 3, 0x80 | UInt8(code.rawValue & 0x0F)]
        return flags + Array(repeating: 0, count: 8)
    }

    private mutating func head(_ query: DNSQuery, _ code: ResponseCode, _ explanation: Explanation?) {
        bytes.reserveCapacity(512)
        append(query.id)
        // An answer; recursion is what we do.
        bytes.append(query.isRecursionDesired ? 0x81 : 0x80)
        bytes.append(0x80 | UInt8(code.rawValue & 0x0F))
        append(1)
        bytes += [0, 0, 0, 0, 0, query.ednsSize == nil ? 0 : 1]
        places[query.question.name] = bytes.count
        bytes += query.questionBytes
    }

    private mutating func append(_ answer: VettedAnswer, ttl: UInt32, _ query: DNSQuery) {
        var count: UInt16 = 0
        var owner = query.question.name
        for target in answer.chain {
            appendRecord(owner, .cname, ttl) { $0.append(target) }
            owner = target
            count += 1
        }
        for address in answer.addresses {
            appendRecord(owner, query.question.type, ttl) { $0.append(address.address) }
            count += 1
        }
        for record in answer.others {
            appendRecord(owner, query.question.type, ttl) { $0.bytes += record }
            count += 1
        }
        (bytes[6], bytes[7]) = (UInt8(count >> 8), UInt8(count & 0xFF))
    }

    private mutating func appendRecord(
        _ owner: DomainName, _ type: RecordType, _ ttl: UInt32, _ content: (inout ResponseWriter) -> Void
    ) {
        append(owner)
        append(type.rawValue)
        append(1)
        append(UInt16(ttl >> 16))
        append(UInt16(ttl & 0xFFFF))
        let length = bytes.count
        append(0)
        content(&self)
        let count = bytes.count - length - 2
        (bytes[length], bytes[length + 1]) = (UInt8(count >> 8 & 0xFF), UInt8(count & 0xFF))
    }

    private mutating func append(_ number: UInt16) {
        bytes.append(UInt8(number >> 8))
        bytes.append(UInt8(number & 0xFF))
    }

    private mutating func append(_ name: DomainName) {
        if let place = places[name] { return append(0xC000 | UInt16(place)) }
        // Pointers have 14 bits.
        if bytes.count < 0x4000, name != .root { places[name] = bytes.count }
        bytes += name.wire
    }

    private mutating func append(_ address: IPAddress) {
        switch address {
        case .v4(let bits):
            for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(shift))) }
        case .v6(let bits):
            for shift in stride(from: 120, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt128(shift)))
            }
        }
    }

    /// The server's side of EDNS, only to clients that speak it.
    private mutating func appendOption(_ query: DNSQuery, _ code: ResponseCode, _ explanation: Explanation?) {
        guard query.ednsSize != nil else { return }
        bytes.append(0)
        append(RecordType.opt.rawValue)
        append(UInt16(Self.mostBytesOverUDP))
        bytes += [UInt8(code.rawValue >> 4), 0, 0, 0]
        guard let explanation else { return append(0) }
        let text = Array(explanation.text.utf8)
        append(UInt16(text.count + 6))
        append(15)
        append(UInt16(text.count + 2))
        append(explanation.rawValue)
        bytes += text
    }
}
