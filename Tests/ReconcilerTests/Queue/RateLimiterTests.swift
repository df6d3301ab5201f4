import ReconcileTesting
import Reconciler
import Testing

struct RateLimiterTests {
    private func limiter(
        base: Duration = .milliseconds(100), max: Duration = .seconds(300), rate: Double = 1e6, burst: Int = 1 << 20,
        jitter: Double = 0, seed: UInt64 = 1
    ) -> RateLimiter<String> {
        RateLimiter(.init(base: base, max: max, rate: rate, burst: burst, jitter: jitter), seed: seed)
    }

    @Test("the delay doubles up to its maximum and stays there")
    func doubles() {
        var limiter = limiter(max: .seconds(1))
        let delays = (0..<6).map { _ in limiter.delay(for: "a", now: .zero) }
        #expect(
            delays == [
                .milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800), .seconds(1),
                .seconds(1),
            ])
    }

    @Test("a thousand failures do not overflow")
    func manyFailures() {
        var limiter = limiter()
        for _ in 0..<1_000 { _ = limiter.delay(for: "a", now: .zero) }
        #expect(limiter.delay(for: "a", now: .zero) == .seconds(300))
        #expect(limiter.failures(of: "a") == 1_001)
    }

    @Test("jitter lengthens a delay by less than a tenth and never shortens it", arguments: Seeds.corpus(20))
    func jitter(seed: UInt64) {
        var limiter = limiter(jitter: 0.1, seed: seed)
        for index in 0..<20 {
            let delay = limiter.delay(for: "k\(index)", now: .zero)
            #expect(delay >= .milliseconds(100) && delay < .milliseconds(110))
        }
    }

    @Test("the same seed gives the same delays, another seed others")
    func seeded() {
        func delays(_ seed: UInt64) -> [Duration] {
            var limiter = limiter(jitter: 0.1, seed: seed)
            return (0..<5).map { limiter.delay(for: "k\($0)", now: .zero) }
        }
        #expect(delays(1) == delays(1))
        #expect(delays(1) != delays(2))
    }

    @Test("beyond the burst all keys together get tokens at the rate")
    func bucket() {
        var limiter = limiter(base: .nanoseconds(1), rate: 10, burst: 2)
        let delays = (0..<5).map { limiter.delay(for: "k\($0)", now: .zero) }
        let rounded = delays.map { Int(($0 / .milliseconds(1)).rounded()) }
        #expect(rounded == [0, 0, 100, 200, 300])
    }

    @Test("the bucket fills again with time, up to the burst and no further")
    func refill() {
        var limiter = limiter(base: .nanoseconds(1), rate: 10, burst: 2)
        for index in 0..<2 { _ = limiter.delay(for: "k\(index)", now: .zero) }
        let later = (2..<6).map { limiter.delay(for: "k\($0)", now: .seconds(100)) }
        #expect(later.map { Int(($0 / .milliseconds(1)).rounded()) } == [0, 0, 100, 200])
    }

    @Test("a key that was forgotten begins anew")
    func forget() {
        var limiter = limiter()
        _ = limiter.delay(for: "a", now: .zero)
        _ = limiter.delay(for: "b", now: .zero)
        limiter.forget("a")
        #expect(limiter.failures(of: "a") == 0)
        #expect(limiter.delay(for: "a", now: .zero) == .milliseconds(100))
        #expect(limiter.delay(for: "b", now: .zero) == .milliseconds(200))
    }
}
