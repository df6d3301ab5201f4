/// A question to an upstream resolver, and what an answer to it must look like.
struct UpstreamQuery: Sendable {
    let question: Question
    let id: UInt16
    let bytes: [UInt8]
    /// The name as it was sent.
    private let sentName: [UInt8]

    /// - Parameters:
    ///   - mixesCase: gives the letters of the name a random case, which a forger has to guess as well
    ///     (draft-vixie-dnsext-dns0x20); some resolvers do not echo it.
    ///   - hasEDNS: asks for datagrams of up to 1232 bytes.
    init(_ question: Question, mixesCase: Bool, hasEDNS: Bool, using random: inout some RandomNumberGenerator) {
        self.question = question
        id = UInt16.random(in: .min ... .max, using: &random)
        var name = Array(question.name.wire)
        if mixesCase { Self.mixCase(of: &name, using: &random) }
        sentName = name
        var bytes: [UInt8] = [UInt8(id >> 8), UInt8(id & 0xFF), 0x01, 0, 0, 1, 0, 0, 0, 0, 0, hasEDNS ? 1 : 0]
        bytes += name
        bytes += [UInt8(question.type.rawValue >> 8), UInt8(question.type.rawValue & 0xFF), 0, 1]
        if hasEDNS {
            let size = UInt16(ResponseWriter.mostBytesOverUDP)
            bytes += [0, 0, 41, UInt8(size >> 8), UInt8(size & 0xFF), 0, 0, 0, 0, 0, 0]
        }
        self.bytes = bytes
    }

    private static func mixCase(of name: inout [UInt8], using random: inout some RandomNumberGenerator) {
        var place = 0
        while name[place] > 0 {
            let next = place + 1 + Int(name[place])
            for index in (place + 1)..<next where (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(name[index]) {
                if Bool.random(using: &random) { name[index] &= ~0x20 }
            }
            place = next
        }
    }

    /// Whether these bytes can be the answer: same id, same question, the letters in the case that they were sent in.
    func isAnswered(by bytes: [UInt8]) -> Bool {
        guard bytes.count >= DNSQuery.headerBytes + sentName.count + 4 else { return isRefusedWithoutQuestion(bytes) }
        guard hasHeader(bytes), bytes[4] == 0, bytes[5] == 1 else { return isRefusedWithoutQuestion(bytes) }
        return bytes[DNSQuery.headerBytes...].starts(
            with: self.bytes[DNSQuery.headerBytes...].prefix(sentName.count + 4))
    }

    private func hasHeader(_ bytes: [UInt8]) -> Bool {
        bytes[0] == self.bytes[0] && bytes[1] == self.bytes[1] && bytes[2] & 0xF8 == 0x80
    }

    /// Servers without EDNS may answer a header alone, with FORMERR or NOTIMP (RFC 6891, section 7).
    private func isRefusedWithoutQuestion(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == DNSQuery.headerBytes, hasHeader(bytes) else { return false }
        return [1, 4].contains(bytes[3] & 0x0F)
    }
}
