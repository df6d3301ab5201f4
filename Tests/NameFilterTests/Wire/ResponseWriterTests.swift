import ReconcileTesting
import Specs
import Testing

@testable import NameFilter

struct ResponseWriterTests {
    private static func query(_ bytes: [UInt8]) throws -> DNSQuery {
        guard case .query(let query) = DNSQuery.read(bytes) else { throw WireError.badHeader }
        return query
    }

    private static func answer(_ count: Int) throws -> VettedAnswer {
        let records = (0..<count).map {
            UpstreamMessage.Record(
                name: .of("b.example.com"), type: .a, ttl: 60, content: .address(.v4(0x5DB8_0000 + UInt32($0))))
        }
        let alias = UpstreamMessage.Record(
            name: .of("a.example.com"), type: .cname, ttl: 60, content: .alias(.of("b.example.com")))
        var limits = FilterLimits()
        limits.recordsPerAnswer = 1_000
        let message = UpstreamMessage(code: 0, isTruncated: false, answers: [alias] + records)
        return try VettedAnswer(message, to: Question(.of("a.example.com"), .a), code: .noError, limits: limits)
    }

    @Test("aliases and addresses come as they are, the name in the case of the question")
    func records() throws {
        let query = try Self.query(NameMessage.query("A.eXample.com", id: 7))
        let bytes = ResponseWriter.write(to: query, .noError, answer: try Self.answer(2), ttl: 60, overUDP: true)
        let reply = try #require(NameReply(bytes))
        #expect(reply.id == 7)
        #expect(reply.answers.map(\.name) == ["A.eXample.com", "b.example.com", "b.example.com"])
        #expect(reply.answers.map(\.ttl) == [60, 60, 60])
        #expect(reply.addresses == ["93.184.0.0", "93.184.0.1"])
    }

    struct Size: Sendable {
        var edns: UInt16?
        var records: Int
        var overUDP = true
        var isTruncated: Bool
    }

    @Test(
        "a datagram is no longer than the client takes, and never longer than 1,232 bytes",
        arguments: [
            Size(edns: nil, records: 20, isTruncated: false), Size(edns: nil, records: 40, isTruncated: true),
            Size(edns: 0, records: 20, isTruncated: false), Size(edns: 1_232, records: 70, isTruncated: false),
            Size(edns: 1_232, records: 90, isTruncated: true), Size(edns: 65_535, records: 90, isTruncated: true),
            Size(edns: nil, records: 900, overUDP: false, isTruncated: false),
        ])
    func size(_ c: Size) throws {
        let query = try Self.query(NameMessage.query("a.example.com", edns: c.edns))
        let bytes = ResponseWriter.write(
            to: query, .noError, answer: try Self.answer(c.records), ttl: 60, overUDP: c.overUDP)
        let reply = try #require(NameReply(bytes))
        #expect(reply.isTruncated == c.isTruncated)
        #expect(reply.addresses.count == (c.isTruncated ? 0 : c.records))
        if c.overUDP { #expect(bytes.count <= min(1_232, max(512, Int(c.edns ?? 0)))) }
    }
}
