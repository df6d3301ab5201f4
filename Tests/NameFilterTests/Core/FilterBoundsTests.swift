import ReconcileTesting
import Specs
import Testing

@testable import NameFilter

struct FilterBoundsTests {
    @Test("a client that asks too much gets no answers for a while, and others do")
    func clientRate() throws {
        var configuration = FilterConfiguration.of(NameRule("pypi.org"))
        configuration.limits.queriesPerSecond = 10
        var bench = CoreBench(configuration)
        for _ in 0..<20 { #expect(try bench.ask("evil.net") != nil) }
        #expect(try bench.ask("evil.net") == nil)
        #expect(try bench.ask("evil.net", client: "127.0.0.2") != nil)
        bench.now += .seconds(1)
        for _ in 0..<10 { #expect(try bench.ask("evil.net") != nil) }
        #expect(try bench.ask("evil.net") == nil)
        #expect(bench.core.figures.outcomes[.rateLimited] == 2)
    }

    @Test("new names below a wildcard are counted out; known names and other wildcards are not")
    func wildcardRate() throws {
        var configuration = FilterConfiguration.of(NameRule("*.example.com", "*.example.org"))
        configuration.limits.burstOfNewNames = 5
        var bench = CoreBench(configuration)
        func answer(_ name: String) -> [UpstreamMessage.Record] { [CoreBench.record(name, "151.101.0.223")] }
        for number in 0..<5 {
            #expect(try bench.ask("n\(number).example.com", records: answer("n\(number).example.com"))?.code == 0)
        }
        #expect(try bench.ask("data.example.com")?.code == 2)
        #expect(try bench.ask("n0.example.com")?.code == 0)
        #expect(try bench.ask("n0.example.org", records: answer("n0.example.org"))?.code == 0)
        bench.now += .milliseconds(600)
        #expect(try bench.ask("n9.example.com", records: answer("n9.example.com"))?.code == 0)
        #expect(bench.core.figures.outcomes[.lookupsLimited] == 1)
    }

    @Test("a bridge has no more queries waiting than its share")
    func waiting() throws {
        var configuration = FilterConfiguration.of(NameRule("*.example.com"))
        configuration.bridges.append(.init(name: "br1", addresses: [], rules: [NameRule("pypi.org")]))
        configuration.limits.waitingPerBridge = 3
        var core = CoreBench(configuration).core
        var tickets: [FilterCore.Ticket] = []
        func receive(_ name: String, _ bridge: String = "br0") -> FilterCore.Reception {
            core.receive(NameMessage.query(name), from: .of("127.0.0.1"), bridge: bridge, overUDP: true, at: .now)
        }
        for number in 0..<3 {
            guard case .resolve(let ticket) = receive("n\(number).example.com") else {
                return #expect(Bool(false), "a place")
            }
            tickets.append(ticket)
        }
        guard case .reply(let bytes) = receive("more.example.com") else { return #expect(Bool(false), "no place") }
        #expect(NameReply(bytes)?.code == 2)
        guard case .resolve = receive("pypi.org", "br1") else { return #expect(Bool(false), "another bridge") }
        for ticket in tickets { _ = core.fail(ticket, .upstreamFailed) }
        guard case .resolve = receive("more.example.com") else { return #expect(Bool(false), "a place again") }
    }

    @Test("a bridge whose sets are full gets an error that says so, until addresses expire")
    func full() throws {
        var configuration = FilterConfiguration.of(NameRule("*.example.com"))
        configuration.limits.grantsPerBridge = 2
        var bench = CoreBench(configuration)
        for number in 1...2 {
            let name = "n\(number).example.com"
            #expect(try bench.ask(name, records: [CoreBench.record(name, "151.101.0.\(number)")])?.code == 0)
        }
        guard
            case .resolve(let ticket) = bench.core.receive(
                NameMessage.query("n3.example.com"), from: .of("127.0.0.1"), bridge: "br0", overUDP: true, at: bench.now
            )
        else { return #expect(Bool(false), "looked up") }
        let answer = try VettedAnswer(
            UpstreamMessage(code: 0, isTruncated: false, answers: [CoreBench.record("n3.example.com", "151.101.0.3")]),
            to: ticket.query.question, code: .noError, limits: FilterLimits())
        let entry = AnswerCache.Entry(
            content: .answer(answer), expires: bench.now + .seconds(60), useless: bench.now + .seconds(60))
        guard case .reply(let bytes) = bench.core.prepare(ticket, entry, at: bench.now) else {
            return #expect(Bool(false), "no room")
        }
        #expect(NameReply(bytes)?.code == 2)
        #expect(bench.core.figures.outcomes[.setFull] == 1)
        bench.now += .seconds(421)
        let name = "n4.example.com"
        #expect(try bench.ask(name, records: [CoreBench.record(name, "151.101.0.4")])?.code == 0)
        #expect(bench.core.figures.openAddresses == 1)
    }

    @Test("the same refused name is told about once, and counted each time")
    func refusals() throws {
        var bench = CoreBench(.of(NameRule("pypi.org")))
        for _ in 0..<5 { _ = try bench.ask("evil.net") }
        #expect(bench.core.takeEvents().count == 1)
        #expect(bench.core.refusals(of: "br0") == ["evil.net": 5])
        for number in 0..<100 { _ = try bench.ask("n\(number).evil.net") }
        #expect(bench.core.takeEvents().count == 19)
    }

    @Test("an answer that expired is kept for when no upstream answers")
    func stale() throws {
        var bench = CoreBench(.of(NameRule("pypi.org")))
        let question = Question(.of("pypi.org"), .a)
        _ = try bench.ask("pypi.org", records: [CoreBench.record("pypi.org", "151.101.0.223")])
        bench.now += .seconds(301)
        #expect(bench.core.cache.entry(question, at: bench.now) == nil)
        bench.core.cache.storeFailure(of: question, limits: bench.core.limits, at: bench.now)
        #expect(try bench.ask("pypi.org")?.addresses == ["151.101.0.223"])
        bench.now += .seconds(3_600)
        bench.core.cache.storeFailure(of: question, limits: bench.core.limits, at: bench.now)
        #expect(try bench.ask("pypi.org")?.code == 2)
    }

    @Test("a cache of bounded size forgets what was not used")
    func generations() {
        var kept = Generations<Int, Int>(most: 100)
        for number in 0..<1_000 {
            kept[number] = number
            #expect(kept[7] == (number >= 7 ? 7 : nil))
        }
        #expect(kept.count <= 100)
        #expect((951..<1_000).allSatisfy { kept[$0] == $0 })
        kept[999] = nil
        #expect(kept[999] == nil)
    }
}
