import NameFilter
import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Whatever comes, reading ends, and what is written can be read.
struct HostileMessageTests {
    struct Query: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        /// nil is no reply at all.
        var code: UInt8?
    }

    private static let valid = NameMessage.query("pypi.org", edns: 1232)

    private static func changed(_ changes: [Int: UInt8]) -> [UInt8] {
        var bytes = valid
        for (place, byte) in changes { bytes[place] = byte }
        return bytes
    }

    static let queries = [
        Query(testDescription: "nothing", bytes: [], code: nil),
        Query(testDescription: "half a header", bytes: Array(valid.prefix(11)), code: nil),
        Query(testDescription: "an answer", bytes: changed([2: 0x81]), code: nil),
        Query(testDescription: "a header alone", bytes: Array(valid.prefix(12)), code: 1),
        Query(testDescription: "half a name", bytes: Array(valid.prefix(16)), code: 1),
        Query(testDescription: "no type", bytes: Array(valid.prefix(22)), code: 1),
        Query(testDescription: "no question", bytes: changed([5: 0]), code: 1),
        Query(testDescription: "two questions", bytes: changed([5: 2]), code: 1),
        Query(testDescription: "65,535 questions", bytes: changed([4: 255, 5: 255]), code: 1),
        Query(testDescription: "an answer section", bytes: changed([7: 1]), code: 1),
        Query(testDescription: "more records than there are", bytes: changed([11: 2]), code: 1),
        Query(testDescription: "a pointer as its name", bytes: changed([12: 0xC0, 13: 0x0C]), code: 1),
        Query(testDescription: "an update", bytes: changed([2: 0x28]), code: 4),
        Query(testDescription: "a notification", bytes: changed([2: 0x20]), code: 4),
        Query(testDescription: "ANY", bytes: NameMessage.query("pypi.org", 255), code: 5),
        Query(testDescription: "a transfer of a zone", bytes: NameMessage.query("pypi.org", 252), code: 5),
        Query(testDescription: "class CHAOS", bytes: NameMessage.query("version.bind", 16, class: 3), code: 5),
        Query(testDescription: "EDNS of version 1", bytes: changed([valid.count - 5: 1]), code: 0),
        Query(
            testDescription: "EDNS twice", bytes: changed([11: 2]) + [0, 0, 41, 4, 0, 0, 0, 0, 0, 0, 0], code: 1),
        Query(
            testDescription: "EDNS with another owner",
            bytes: changed([11: 1]).dropLast(11) + [1, 97, 0, 0, 41] + Array(repeating: 0, count: 8), code: 1),
        Query(testDescription: "a name of bytes", bytes: changed([13: 0, 14: 255]), code: 3),
        Query(testDescription: "the root", bytes: NameMessage.query(""), code: 0),
    ]

    @Test("a damaged query gets an error or nothing", arguments: queries)
    func query(_ c: Query) throws {
        var core = FilterCore(at: .now)
        _ = core.apply(.of(NameRule("pypi.org")), at: .now)
        let reception = core.receive(c.bytes, from: .of("127.0.0.1"), bridge: "br0", overUDP: true, at: .now)
        guard case .reply(let bytes) = reception else { return #expect(c.code == nil, "dropped or looked up") }
        #expect(try #require(NameReply(bytes)).code == c.code)
        #expect(bytes.count <= 512)
    }

    /// Flips, cuts, doubles and swaps of bytes.
    private static func mutated(_ bytes: [UInt8], _ random: inout SplitMix64) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard !bytes.isEmpty else { return bytes }
            let place = Int.random(in: bytes.indices, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[place] = .random(in: 0...255, using: &random)
            case 1: bytes[place] ^= UInt8(1) << Int.random(in: 0..<8, using: &random)
            case 2: bytes.removeSubrange(place...)
            case 3: bytes.insert(contentsOf: bytes[..<place], at: place)
            case 4: bytes[place] = [0, 0xC0, 0x0C, 0xFF, 63, 64].randomElement(using: &random) ?? 0
            default: bytes.swapAt(place, Int.random(in: bytes.indices, using: &random))
            }
        }
        return bytes
    }

    @Test("mutated queries never end the program, and every reply can be read", arguments: Seeds.corpus(8))
    func mutatedQueries(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        var core = FilterCore(at: .now)
        var configuration = FilterConfiguration.of(NameRule("pypi.org", "*.example.com"))
        configuration.limits.queriesPerSecond = 1_000_000
        _ = core.apply(configuration, at: .now)
        let seeds = [
            Self.valid, NameMessage.query("a.b.example.com", 28), NameMessage.query("x.org", 65, edns: 512),
        ]
        for _ in 0..<4_000 {
            let bytes = Self.mutated(seeds.randomElement(using: &random) ?? [], &random)
            switch core.receive(bytes, from: .of("127.0.0.1"), bridge: "br0", overUDP: true, at: .now) {
            case .drop: break
            case .reply(let reply):
                #expect(NameReply(reply) != nil, "SEED=\(seed): \(bytes)")
                #expect(reply.count <= 1_232)
            case .resolve(let ticket): _ = core.fail(ticket, .upstreamFailed)
            }
        }
    }

    @Test("mutated answers never end the program, and open no address that is blocked", arguments: Seeds.corpus(8))
    func mutatedAnswers(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let question = Question(.of("a.example.com"), .a)
        let bytes = NameMessage.wire("a.example.com") + [0, 1, 0, 1]
        let seeds = [
            NameMessage.answer(
                id: 1, question: bytes,
                [.cname("a.example.com", "b.example.com"), .a("b.example.com", 93, 184, 216, 34)]),
            NameMessage.answer(id: 1, question: bytes, code: 3, [], authority: [.soa("example.com", minimum: 60)]),
            NameMessage.answer(id: 1, question: bytes, (0..<40).map { .a("a.example.com", 10, 0, 0, $0) }),
        ]
        for _ in 0..<4_000 {
            let bytes = Self.mutated(seeds.randomElement(using: &random) ?? [], &random)
            // Errors are what most of them end in.
            guard let message = try? UpstreamMessage.read(bytes, to: question),
                let answer = try? VettedAnswer(message, to: question, code: .noError, limits: FilterLimits())
            else { continue }
            #expect(answer.addresses.count <= 64)
            for address in answer.addresses {
                #expect((BlockedRanges.containing(address.address) == nil) == (address.blocked == nil))
            }
        }
    }
}
