import NameFilter
import ReconcileTesting
import Specs
import Testing

/// Upstream resolvers, and those who pretend to be one.
struct HostileUpstreamTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// 0 with the address of `FilterServerTests.address`, or another code.
        var code: UInt8 = 0
        var addresses = ["93.184.216.34"]
        var script: ScriptedNameServer.Script
    }

    typealias Answer = ScriptedNameServer.Answer

    private static func right(_ question: ScriptedNameServer.Question) -> [Answer] {
        FilterServerTests.address(question)
    }

    private static func lie(_ question: ScriptedNameServer.Question, id: UInt16? = nil, name: String? = nil) -> Answer {
        let bytes = name.map { NameMessage.wire($0) + [0, 1, 0, 1] } ?? question.bytes
        return Answer(
            NameMessage.answer(
                id: id ?? question.id, question: bytes, [.a(name ?? question.name, 6, 6, 6, 6)]))
    }

    static let cases = [
        Case(testDescription: "the truth") { right($0) },
        Case(testDescription: "garbage first") { [Answer([1, 2, 3]), Answer([])] + right($0) },
        Case(testDescription: "wrong ids first") { question in
            (1...2).map { lie(question, id: question.id &+ $0) } + right(question)
        },
        Case(testDescription: "a flood of wrong ids, then TCP") { question in
            question.isOverTCP ? right(question) : (1...500).map { lie(question, id: question.id &+ $0) }
        },
        Case(testDescription: "the answer to another question") { question in
            [lie(question, name: "evil.net")] + right(question)
        },
        Case(testDescription: "a record of another name") { question in
            question.answer([.a("evil.net", 6, 6, 6, 6), .a(question.name, 93, 184, 216, 34)])
        },
        Case(testDescription: "a query instead of an answer") { question in
            [Answer(NameMessage.query(question.name, id: question.id))] + right(question)
        },
        Case(testDescription: "only garbage", code: 2, addresses: []) { _ in [Answer(Array(repeating: 7, count: 40))] },
        Case(testDescription: "silence", code: 2, addresses: []) { _ in [] },
        Case(testDescription: "silence to the first") { $0.hasEDNS && $0.id % 2 == 0 ? right($0) : right($0) },
        Case(testDescription: "truncated, then TCP") { question in
            question.isOverTCP ? right(question) : question.answer([], isTruncated: true)
        },
        Case(testDescription: "truncated in a record, then TCP") { question in
            guard !question.isOverTCP else { return right(question) }
            return question.answer([.a(question.name, 6, 6, 6, 6)], isTruncated: true).map {
                Answer(Array($0.bytes.dropLast(3)))
            }
        },
        Case(testDescription: "truncated over TCP too", code: 2, addresses: []) { $0.answer([], isTruncated: true) },
        Case(testDescription: "records cut off, then TCP") { question in
            question.isOverTCP ? right(question) : right(question).map { Answer(Array($0.bytes.dropLast(2))) }
        },
        Case(testDescription: "no EDNS") { $0.hasEDNS ? $0.answer([], code: 1) : right($0) },
        Case(testDescription: "no EDNS, said with a header alone") { question in
            question.hasEDNS
                ? [Answer(Array(NameMessage.answer(id: question.id, question: [], code: 4)))] : right(question)
        },
        Case(testDescription: "SERVFAIL", code: 2, addresses: []) { $0.answer([], code: 2) },
        Case(testDescription: "REFUSED", code: 2, addresses: []) { $0.answer([], code: 5) },
        Case(testDescription: "NXDOMAIN", code: 3, addresses: []) { $0.answer([], code: 3) },
        Case(testDescription: "an alias loop", code: 2, addresses: []) { question in
            question.answer([.cname(question.name, "b.net"), .cname("b.net", question.name)])
        },
        Case(testDescription: "an alias", addresses: ["93.184.216.34"]) { question in
            question.answer([.cname(question.name, "cdn.net"), .a("cdn.net", 93, 184, 216, 34)])
        },
        Case(testDescription: "a private address", addresses: []) { $0.answer([.a($0.name, 192, 168, 0, 1)]) },
        Case(testDescription: "the metadata service", addresses: []) { $0.answer([.a($0.name, 169, 254, 169, 254)]) },
        Case(testDescription: "a public and a private address") { question in
            question.answer([.a(question.name, 127, 0, 0, 1), .a(question.name, 93, 184, 216, 34)])
        },
        Case(testDescription: "a TTL of 0") { $0.answer([.a($0.name, 93, 184, 216, 34, ttl: 0)]) },
        Case(testDescription: "a TTL with its highest bit") {
            $0.answer([.a($0.name, 93, 184, 216, 34, ttl: 1 << 31)])
        },
        Case(testDescription: "slow") { right($0).map { Answer($0.bytes, after: .milliseconds(200)) } },
    ]

    @Test("an upstream's lies are not believed, and its mistakes are borne", arguments: cases)
    func hostile(_ c: Case) async throws {
        let change: @Sendable (inout FilterConfiguration) -> Void = { configuration in
            configuration.upstream.timeout = .milliseconds(400)
            configuration.upstream.totalTimeout = .seconds(2)
        }
        try await FilterBench.with(NameRule("pypi.org"), change: change, script: c.script) { bench async throws in
            let reply = try #require(try await bench.ask("pypi.org"))
            #expect(reply.code == c.code)
            #expect(reply.addresses == c.addresses)
            #expect(bench.sets.addresses(of: "br0") == Set(c.addresses.map { .of($0) }))
        }
    }

    @Test("a thousand addresses over TCP are 64")
    func thousand() async throws {
        let script: ScriptedNameServer.Script = { question in
            guard question.isOverTCP else { return question.answer([], isTruncated: true) }
            return question.answer((0..<1_000).map { .a(question.name, 93, 184, UInt8($0 / 250), UInt8($0 % 250)) })
        }
        try await FilterBench.with(NameRule("pypi.org"), script: script) { bench async throws in
            #expect(try await bench.ask("pypi.org")?.isTruncated == true)
            #expect(try await bench.ask("pypi.org", edns: 4_096)?.addresses.count == 64)
            #expect(bench.sets.addresses(of: "br0").count == 64)
        }
    }

    @Test("what was sent in a mixture of cases must come back so")
    func mixedCase() async throws {
        let change: @Sendable (inout FilterConfiguration) -> Void = { configuration in
            configuration.upstream.mixesCase = true
            configuration.upstream.timeout = .milliseconds(300)
            configuration.upstream.totalTimeout = .seconds(1)
        }
        try await FilterBench.with(NameRule("*.example.com"), change: change, script: Self.right) {
            bench async throws in
            #expect(try await bench.ask("mixedcaseisechoed.example.com")?.addresses == ["93.184.216.34"])
            #expect(bench.upstream.questions.contains { $0.bytes != NameMessage.wire($0.name) + [0, 1, 0, 1] })
        }
        let lowered: ScriptedNameServer.Script = { question in
            [
                Answer(
                    NameMessage.answer(
                        id: question.id, question: NameMessage.wire(question.name) + [0, 1, 0, 1],
                        [.a(question.name, 6, 6, 6, 6)]))
            ]
        }
        try await FilterBench.with(NameRule("*.example.com"), change: change, script: lowered) { bench async throws in
            #expect(try await bench.ask("mixedcaseisnotechoed.example.com")?.code == 2)
        }
    }

    @Test("a server that is down costs nothing but a moment if another is up")
    func secondServer() async throws {
        try await FilterBench.with(NameRule("*.example.com"), script: Self.right) { bench async throws in
            var configuration = bench.server.engine.configuration
            let up = ServerAddress(.of("127.0.0.1"), port: bench.upstream.port)
            configuration.upstream.servers = .fixed([ServerAddress(.of("127.0.0.1"), port: 9), up])
            await bench.server.apply(configuration)
            for number in 0..<3 { #expect(try await bench.ask("n\(number).example.com")?.code == 0) }
            // The second is asked first from then on.
            #expect(bench.server.engine.figures.exchanges[.unreachable] == 1)
        }
    }

    @Test("expired answers are served while nobody answers")
    func stale() async throws {
        let change: @Sendable (inout FilterConfiguration) -> Void = { configuration in
            configuration.limits.ttl = .milliseconds(1) ... .milliseconds(1)
            configuration.upstream.timeout = .milliseconds(100)
            configuration.upstream.totalTimeout = .milliseconds(200)
        }
        try await FilterBench.with(NameRule("pypi.org"), change: change, script: Self.right) { bench async throws in
            #expect(try await bench.ask("pypi.org")?.code == 0)
            var configuration = bench.server.engine.configuration
            configuration.upstream.servers = .fixed([ServerAddress(.of("127.0.0.1"), port: 9)])
            await bench.server.apply(configuration)
            #expect(await eventually { bench.server.engine.figures.cachedAnswers == 1 })
            #expect(try await bench.ask("pypi.org")?.addresses == ["93.184.216.34"])
        }
    }
}
