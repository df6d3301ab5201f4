import ReconcileTesting
import Specs
import Testing

@testable import NameFilter

/// A core with a clock of its own; what it waits for is answered by hand.
struct CoreBench {
    var core: FilterCore
    var now = ContinuousClock.now
    /// What is in the kernel's sets.
    var open: Set<IPAddress> = []

    init(_ configuration: FilterConfiguration) {
        core = FilterCore(at: now)
        _ = core.apply(configuration, at: now)
    }

    /// The reply to a query; upstream says these records if it is asked, and the kernel does what it is asked.
    mutating func ask(
        _ name: String, _ type: RecordType = .a, records: [UpstreamMessage.Record]? = nil, bridge: String = "br0",
        client: String = "127.0.0.1"
    ) throws -> NameReply? {
        let query = NameMessage.query(name, type.rawValue)
        switch core.receive(query, from: .of(client), bridge: bridge, overUDP: true, at: now) {
        case .drop: return nil
        case .reply(let bytes): return NameReply(bytes)
        case .resolve(let ticket): return try finish(ticket, records)
        }
    }

    mutating func finish(_ ticket: FilterCore.Ticket, _ records: [UpstreamMessage.Record]?) throws -> NameReply? {
        let question = ticket.query.question
        if core.cache.entry(question, at: now) == nil, let records {
            let message = UpstreamMessage(code: 0, isTruncated: false, answers: records)
            let answer = try VettedAnswer(message, to: question, code: .noError, limits: core.limits)
            core.cache.store(answer, for: question, limits: core.limits, at: now)
        }
        guard let entry = core.cache.entry(question, at: now) else {
            return NameReply(core.fail(ticket, .upstreamFailed))
        }
        switch core.prepare(ticket, entry, at: now) {
        case .reply(let bytes): return NameReply(bytes)
        case .grant(let request):
            open.formUnion(request.places.map(\.address))
            for grant in core.granted(request, at: now) { open.remove(grant.address) }
        }
        guard case .reply(let bytes) = core.prepare(ticket, entry, at: now) else { return nil }
        return NameReply(bytes)
    }

    static func record(_ name: String, _ address: String, ttl: UInt32 = 300) -> UpstreamMessage.Record {
        let address = IPAddress.of(address)
        return .init(name: .of(name), type: address.width == 32 ? .a : .aaaa, ttl: ttl, content: .address(address))
    }
}

struct FilterCoreTests {
    private static let pypi = [CoreBench.record("pypi.org", "151.101.0.223")]

    @Test("an allowed name is opened before it is answered, and then answered at once until it expires")
    func allowed() throws {
        var bench = CoreBench(.of(NameRule("pypi.org")))
        #expect(try bench.ask("pypi.org", records: Self.pypi)?.addresses == ["151.101.0.223"])
        #expect(bench.open == [.of("151.101.0.223")])
        bench.now += .seconds(100)
        let reply = try #require(try bench.ask("PyPI.org"))
        #expect(reply.answers.map(\.ttl) == [200])
        #expect(bench.core.figures.outcomes == [.resolved: 1, .cached: 1])
        bench.now += .seconds(201)
        #expect(try bench.ask("pypi.org")?.code == 2)
    }

    @Test("an address that is open for one bridge is not open for another")
    func bridges() throws {
        var configuration = FilterConfiguration.of(NameRule("pypi.org"))
        configuration.bridges.append(.init(name: "br1", addresses: [], rules: [NameRule("pypi.org")]))
        configuration.bridges.append(.init(name: "br2", addresses: [], rules: [NameRule("debian.org")]))
        var bench = CoreBench(configuration)
        _ = try bench.ask("pypi.org", records: Self.pypi)
        bench.open = []
        #expect(try bench.ask("pypi.org", bridge: "br1")?.code == 0)
        #expect(bench.open == [.of("151.101.0.223")])
        #expect(try bench.ask("pypi.org", bridge: "br2")?.code == 3)
        #expect(try bench.ask("pypi.org", bridge: "br3") == nil)
    }

    struct Refusal: Sendable {
        var name: String
        var type = RecordType.a
        var code: UInt8
        var outcome: Outcome
    }

    @Test(
        "what is not allowed does not exist",
        arguments: [
            Refusal(name: "evil.net", code: 3, outcome: .notAllowed),
            Refusal(name: "org", code: 0, outcome: .notAllowed),
            Refusal(name: "sub.pypi.org", code: 3, outcome: .notAllowed),
            Refusal(name: "localhost", code: 3, outcome: .notAllowed),
            Refusal(name: "1.2.0.192.in-addr.arpa", type: .ptr, code: 3, outcome: .notAllowed),
            Refusal(name: "pypi.org", type: .txt, code: 0, outcome: .typeNotPassed),
            Refusal(name: "pypi.org", type: .https, code: 0, outcome: .typeNotPassed),
            Refusal(name: "pypi.org", type: .svcb, code: 0, outcome: .typeNotPassed),
            Refusal(name: "pypi.org", type: .mx, code: 0, outcome: .typeNotPassed),
            Refusal(name: "pypi.org", type: .init(rawValue: 10), code: 0, outcome: .typeNotPassed),
            Refusal(name: "pypi.org", type: .init(rawValue: 65_399), code: 0, outcome: .typeNotPassed),
            Refusal(
                name: (0..<3).map { _ in String(repeating: "a", count: 40) }.joined(separator: ".") + ".example.com",
                code: 3, outcome: .longName),
        ])
    func refused(_ c: Refusal) throws {
        var bench = CoreBench(.of(NameRule("pypi.org", "*.example.com")))
        let reply = try #require(try bench.ask(c.name, c.type))
        #expect(reply.code == c.code)
        #expect(reply.answers.isEmpty)
        #expect(bench.core.figures.outcomes == [c.outcome: 1])
    }

    @Test("HTTPS records never pass, not even if somebody asks for them")
    func https() throws {
        var configuration = FilterConfiguration.of(NameRule("pypi.org"))
        configuration.types = [.a, .https, .svcb]
        var bench = CoreBench(configuration)
        #expect(try bench.ask("pypi.org", .https)?.answers.isEmpty == true)
    }

    @Test("private addresses are taken out of answers, unless a rule allows them; others never pass")
    func rebinding() throws {
        let mixed = ["151.101.0.223", "10.0.0.1", "169.254.169.254", "127.0.0.1"].map {
            CoreBench.record("pypi.org", $0)
        }
        var bench = CoreBench(.of(NameRule("pypi.org")))
        #expect(try bench.ask("pypi.org", records: mixed)?.addresses == ["151.101.0.223"])
        #expect(bench.open == [.of("151.101.0.223")])
        bench = CoreBench(.of(NameRule("pypi.org", allowPrivate: true)))
        #expect(try bench.ask("pypi.org", records: mixed)?.addresses == ["151.101.0.223", "10.0.0.1"])
        #expect(bench.open == [.of("151.101.0.223"), .of("10.0.0.1")])
    }

    @Test("an answer of private addresses alone is none, and is told about")
    func onlyPrivate() throws {
        var bench = CoreBench(.of(NameRule("pypi.org")))
        let query = NameMessage.query("pypi.org")
        guard
            case .resolve(let ticket) = bench.core.receive(
                query, from: .of("127.0.0.1"), bridge: "br0", overUDP: true, at: bench.now)
        else { return #expect(Bool(false), "looked up") }
        let message = UpstreamMessage(
            code: 0, isTruncated: false, answers: [CoreBench.record("pypi.org", "192.168.1.1")])
        let answer = try VettedAnswer(message, to: ticket.query.question, code: .noError, limits: FilterLimits())
        let entry = AnswerCache.Entry(
            content: .answer(answer), expires: bench.now + .seconds(60), useless: bench.now + .seconds(60))
        guard case .reply(let bytes) = bench.core.prepare(ticket, entry, at: bench.now) else {
            return #expect(Bool(false), "nothing to open")
        }
        let reply = try #require(NameReply(bytes))
        #expect(reply.code == 0 && reply.answers.isEmpty)
        #expect(bench.core.figures.outcomes == [.blockedAddress: 1])
        #expect(bench.core.takeEvents().count == 1)
    }

    @Test("each rule opens its own ports")
    func ports() throws {
        let https = PortRange(443...443, .tcp)
        var bench = CoreBench(.of(NameRule("pypi.org", ports: [https]), NameRule("*.org", "debian.org")))
        let grants = try {
            _ = try bench.ask("pypi.org", records: Self.pypi)
            return bench.core.grants(of: "br0", at: bench.now)
        }()
        #expect(Set(grants.map(\.ports)) == [[https], []])
        #expect(grants.allSatisfy { $0.lifetime == .seconds(420) })
    }

    @Test(
        "TTLs have a floor and a ceiling, in the answer and in the kernel",
        arguments: [(0, 30), (5, 30), (100_000, 3_600)])
    func ttl(said: UInt32, kept: UInt32) throws {
        var bench = CoreBench(.of(NameRule("pypi.org")))
        let reply = try bench.ask("pypi.org", records: [CoreBench.record("pypi.org", "151.101.0.223", ttl: said)])
        #expect(reply?.answers.map(\.ttl) == [kept])
        #expect(bench.core.grants(of: "br0", at: bench.now).map(\.lifetime) == [.seconds(Int64(kept) + 120)])
    }

    @Test("a name that is not allowed any more is closed, unless another that is leads to the same address")
    func tightened() throws {
        var bench = CoreBench(.of(NameRule("pypi.org", "files.org")))
        _ = try bench.ask("pypi.org", records: Self.pypi)
        _ = try bench.ask(
            "files.org",
            records: [CoreBench.record("files.org", "151.101.0.223"), CoreBench.record("files.org", "151.101.0.1")])
        #expect(bench.core.apply(.of(NameRule("pypi.org")), at: bench.now).map(\.address) == [.of("151.101.0.1")])
        #expect(bench.core.apply(.of(NameRule("debian.org")), at: bench.now).map(\.address) == [.of("151.101.0.223")])
        #expect(bench.core.apply(.of(NameRule("debian.org")), at: bench.now).isEmpty)
        #expect(try bench.ask("pypi.org")?.code == 3)
    }

    @Test("rules that change while a name is looked up count")
    func tightenedMeanwhile() throws {
        var bench = CoreBench(.of(NameRule("pypi.org")))
        guard
            case .resolve(let ticket) = bench.core.receive(
                NameMessage.query("pypi.org"), from: .of("127.0.0.1"), bridge: "br0", overUDP: true, at: bench.now)
        else { return #expect(Bool(false), "looked up") }
        let message = UpstreamMessage(code: 0, isTruncated: false, answers: Self.pypi)
        let answer = try VettedAnswer(message, to: ticket.query.question, code: .noError, limits: FilterLimits())
        let entry = AnswerCache.Entry(
            content: .answer(answer), expires: bench.now + .seconds(60), useless: bench.now + .seconds(60))
        guard case .grant(let request) = bench.core.prepare(ticket, entry, at: bench.now) else {
            return #expect(Bool(false), "something to open")
        }
        _ = bench.core.apply(.of(NameRule("debian.org")), at: bench.now)
        #expect(bench.core.granted(request, at: bench.now).map(\.address) == [.of("151.101.0.223")])
        guard case .reply(let bytes) = bench.core.prepare(ticket, entry, at: bench.now) else {
            return #expect(Bool(false), "a reply")
        }
        #expect(NameReply(bytes)?.code == 3)
    }

    @Test("who asks from outside of the bridge gets no answer")
    func foreignClient() throws {
        var configuration = FilterConfiguration.of(NameRule("pypi.org"))
        configuration.bridges[0].clients = [CIDR(networkOf: .of("172.30.0.0"), prefix: 24)]
        var bench = CoreBench(configuration)
        #expect(try bench.ask("evil.net", client: "172.30.1.2") == nil)
        #expect(try bench.ask("evil.net", client: "172.30.0.2")?.code == 3)
    }

    @Test("without IPv6, names have no such addresses, and nobody is asked")
    func withoutIPv6() throws {
        var configuration = FilterConfiguration.of(NameRule("pypi.org"))
        configuration.bridges[0].hasIPv6 = false
        var bench = CoreBench(configuration)
        #expect(try bench.ask("pypi.org", .aaaa)?.code == 0)
        #expect(bench.core.figures.outcomes == [.typeNotPassed: 1])
    }
}
