import ReconcileTesting
import Specs
import Testing

@testable import NameFilter

struct VettedAnswerTests {
    private static func vetted(
        type: RecordType = .a, code: ResponseCode = .noError,
        _ records: [NameMessage.Record], authority: [NameMessage.Record] = []
    ) throws -> VettedAnswer {
        let name = "a.example.com"
        let question = Question(.of(name), type)
        let bytes = NameMessage.wire(name) + NameMessage.bytes(type.rawValue) + [0, 1]
        let message = try UpstreamMessage.read(
            NameMessage.answer(id: 1, question: bytes, code: UInt8(code.rawValue), records, authority: authority),
            to: question)
        return try VettedAnswer(message, to: question, code: code, limits: FilterLimits())
    }

    @Test("aliases are followed in any order of the records, and the smallest TTL counts")
    func chain() throws {
        let answer = try Self.vetted([
            .a("c.net", 93, 184, 216, 34, ttl: 900), .cname("b.net", "c.net", ttl: 40),
            .cname("a.example.com", "b.net", ttl: 600),
        ])
        #expect(answer.chain == [.of("b.net"), .of("c.net")])
        #expect(answer.addresses.map(\.address) == [.of("93.184.216.34")])
        #expect(answer.ttl == 40)
    }

    @Test("records of other names, types and classes are left out")
    func strangers() throws {
        let answer = try Self.vetted([
            .a("a.example.com", 93, 184, 216, 34), .a("bank.example", 1, 2, 3, 4), .cname("x.net", "a.example.com"),
            .init("a.example.com", NameMessage.txt, [1, 65]), .a("a.example.com", 93, 184, 216, 34),
        ])
        #expect(answer.addresses.count == 1)
        #expect(answer.others.isEmpty)
    }

    @Test(
        "aliases in a circle are refused",
        arguments: [["a.example.com"], ["b.net", "a.example.com"], ["b.net", "c.net", "b.net"]])
    func loop(targets: [String]) {
        let names = ["a.example.com"] + targets
        let records = zip(names, targets).map { NameMessage.Record.cname($0, $1) }
        #expect(throws: VettedAnswer.Flaw.aliasLoop) { try Self.vetted(records) }
    }

    @Test("eight aliases are followed, nine are refused")
    func longChain() throws {
        func records(_ count: Int) -> [NameMessage.Record] {
            let names = ["a.example.com"] + (1...count).map { "n\($0).net" }
            return zip(names, names.dropFirst()).map { .cname($0, $1) } + [.a("n\(count).net", 8, 8, 8, 8)]
        }
        #expect(try Self.vetted(records(8)).addresses.count == 1)
        #expect(throws: VettedAnswer.Flaw.longChain) { try Self.vetted(records(9)) }
    }

    @Test("of 1,000 addresses the first 64 are taken")
    func many() throws {
        let records = (0..<1_000).map {
            NameMessage.Record.a("a.example.com", 93, 184, UInt8($0 / 250), UInt8($0 % 250))
        }
        #expect(try Self.vetted(records).addresses.count == 64)
    }

    @Test("what does not exist is remembered for as long as its SOA says (RFC 2308)")
    func negative() throws {
        func ttl(_ authority: [NameMessage.Record]) throws -> UInt32 {
            try Self.vetted(code: .nameError, [], authority: authority).ttl
        }
        #expect(try ttl([.soa("example.com", minimum: 60, ttl: 300)]) == 60)
        #expect(try ttl([.soa("example.com", minimum: 600, ttl: 300)]) == 300)
        #expect(try ttl([]) == 0)
    }

    struct Blocked: Sendable {
        var address: [UInt8]
        var type = RecordType.a
        var `class`: BlockedRange.Class?
    }

    private static func v6(_ text: String) -> [UInt8] {
        guard case .v6(let bits) = IPAddress.of(text) else { return [] }
        return stride(from: 120, through: 0, by: -8).map { UInt8(truncatingIfNeeded: bits >> UInt128($0)) }
    }

    @Test(
        "addresses in blocked ranges are marked, whatever clothes they wear",
        arguments: [
            Blocked(address: [93, 184, 216, 34]), Blocked(address: [10, 0, 0, 1], class: .private),
            Blocked(address: [127, 0, 0, 1], class: .loopback),
            Blocked(address: [169, 254, 169, 254], class: .metadata),
            Blocked(address: [0, 0, 0, 0], class: .notUnicast),
            Blocked(address: v6("2606:2800:220:1::1"), type: .aaaa),
            Blocked(address: v6("::ffff:10.0.0.1"), type: .aaaa, class: .private),
            Blocked(address: v6("::ffff:8.8.8.8"), type: .aaaa, class: .translation),
            Blocked(address: v6("64:ff9b::a00:1"), type: .aaaa, class: .translation),
            Blocked(address: v6("fe80::1"), type: .aaaa, class: .linkLocal),
            Blocked(address: v6("fd00::1"), type: .aaaa, class: .private),
        ])
    func blocked(_ c: Blocked) throws {
        let answer = try Self.vetted(type: c.type, [.init("a.example.com", c.type.rawValue, c.address)])
        #expect(answer.addresses.map(\.blocked) == [c.class])
    }

    @Test("an address record of a wrong length is no record")
    func wrongLength() {
        #expect(throws: WireError.badRecord) { try Self.vetted([.init("a.example.com", 1, [1, 2, 3, 4, 5])]) }
        #expect(throws: WireError.truncated) { try Self.vetted([.init("a.example.com", 1, [1, 2, 3])]) }
    }
}
