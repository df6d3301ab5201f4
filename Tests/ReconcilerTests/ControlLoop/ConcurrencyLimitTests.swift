import Reconciler
import Testing

struct ConcurrencyLimitTests {
    /// Starts one after the other, each taking as long as told.
    private func run(_ limit: inout ConcurrencyLimit, from start: Duration = .zero, _ latencies: [Duration]) {
        var now = start
        for latency in latencies {
            let begun = now
            now += latency
            limit.ended(begun: begun, at: now, inFlight: limit.current, isFailure: false)
        }
    }

    @Test("it begins at its largest, and good starts keep it there")
    func begins() {
        var limit = ConcurrencyLimit(upTo: 8)
        #expect(limit.current == 8)
        run(&limit, Array(repeating: .milliseconds(200), count: 100))
        #expect(limit.current == 8)
    }

    @Test("starts that take much longer than the quickest make it smaller, and never smaller than one")
    func decreases() {
        var limit = ConcurrencyLimit(upTo: 8)
        run(&limit, [.milliseconds(200)])
        run(&limit, from: .seconds(1), [.seconds(10)])
        #expect(limit.current == 6)
        run(&limit, from: .seconds(20), Array(repeating: .seconds(20), count: 40))
        #expect(limit.current == 1)
    }

    @Test("many slow starts that were in flight together count once")
    func onceForAll() {
        var limit = ConcurrencyLimit(upTo: 8)
        run(&limit, [.milliseconds(200)])
        for _ in 0..<8 { limit.ended(begun: .seconds(1), at: .seconds(11), inFlight: 8, isFailure: false) }
        #expect(limit.current == 6)
    }

    @Test("a start without an answer counts as slow")
    func failure() {
        var limit = ConcurrencyLimit(upTo: 8)
        limit.ended(begun: .zero, at: .milliseconds(100), inFlight: 8, isFailure: true)
        #expect(limit.current == 6)
    }

    @Test("with good starts it comes back one by one, but only when it is used up")
    func increases() {
        var limit = ConcurrencyLimit(upTo: 8)
        run(&limit, [.milliseconds(200)])
        run(&limit, from: .seconds(1), [.seconds(10)])
        for _ in 0..<100 { limit.ended(begun: .seconds(20), at: .milliseconds(20_200), inFlight: 1, isFailure: false) }
        #expect(limit.current == 6)
        run(&limit, from: .seconds(30), Array(repeating: .milliseconds(200), count: 7))
        #expect(limit.current == 7)
        run(&limit, from: .seconds(40), Array(repeating: .milliseconds(200), count: 20))
        #expect(limit.current == 8)
    }
}
