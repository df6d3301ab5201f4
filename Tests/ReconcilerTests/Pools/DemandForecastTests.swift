import Foundation
import Reconciler
import Specs
import Testing

/// Traces of claims are played against a pool that follows the forecast, and against pools of each fixed size.
@Suite("demand forecast")
struct DemandForecastTests {
    private static let refill = 1.5
    private static let target = Percentage(1)

    enum Pattern: String, CaseIterable {
        case steady, slow, rare, bursty, veryBursty, daily

        /// Seconds since the start.
        func trace(_ random: inout SplitMix64) -> [Double] {
            switch self {
            case .steady: DemandForecastTests.bursts(2, of: 1, for: 15_000, &random)
            case .slow: DemandForecastTests.bursts(0.2, of: 1, for: 80_000, &random)
            // One in two minutes: a half-life knows of twenty at most.
            case .rare: DemandForecastTests.bursts(1.0 / 120, of: 1, for: 2_000_000, &random)
            case .bursty: DemandForecastTests.bursts(1, of: 3, for: 30_000, &random)
            case .veryBursty: DemandForecastTests.bursts(1, of: 10, for: 40_000, &random)
            case .daily:
                // Twice the mean at its highest, a tenth at its lowest.
                DemandForecastTests.bursts(1, of: 1, for: 2 * 86_400, &random).filter {
                    Double.random(in: 0..<1, using: &random) < 0.5 * (1 + 0.9 * sin(2 * .pi * $0 / 86_400))
                }
            }
        }
    }

    @Test(
        "the size that follows the claims misses no more than twice the target, and is hardly larger than the best fixed one",
        arguments: Pattern.allCases, [UInt64(1), 2])
    func holds(pattern: Pattern, seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let trace = pattern.trace(&random)
        let target = Double(Self.target.hundredths) / 10_000
        let best = Self.smallest { Self.play(trace, fixed: $0).misses <= target }
        let followed = Self.play(trace, fixed: nil)
        #expect(followed.misses <= 2 * target, "\(followed), fixed \(best)")
        #expect(followed.size <= 1.3 * Double(best), "\(followed), fixed \(best)")
    }

    @Test("nothing is said before there were claims enough")
    func tooFew() {
        var forecast = DemandForecast()
        forecast.refilled(in: .seconds(1))
        for second in 0..<29 { forecast.arrived(at: .seconds(second)) }
        #expect(forecast.size(missing: Self.target, at: .seconds(30)) == nil)
        for second in 29..<40 { forecast.arrived(at: .seconds(second)) }
        #expect(forecast.size(missing: Self.target, at: .seconds(40)) != nil)
    }

    /// By bisection: a larger pool misses no more.
    private static func smallest(_ isEnough: (Int) -> Bool) -> Int {
        var (low, high) = (1, 128)
        while low < high {
            let middle = (low + high) / 2
            if isEnough(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// Bursts that come independently, of a geometric size with this mean, each within two seconds.
    private static func bursts(
        _ rate: Double, of mean: Double, for seconds: Double, _ random: inout SplitMix64
    ) -> [Double] {
        var times: [Double] = []
        var now = 0.0
        while true {
            now -= log(1 - Double.random(in: 0..<1, using: &random)) * mean / rate
            if now > seconds { return times.sorted() }
            repeat {
                times.append(now + (mean == 1 ? 0 : Double.random(in: 0..<2, using: &random)))
            } while Double.random(in: 0..<1, using: &random) < 1 - 1 / mean
        }
    }

    /// A pool whose refills take `refill` each; what was missed is served by the next refill.
    ///
    /// - Returns: the share of claims that found it empty, and its mean size, both after a tenth of the trace.
    private static func play(_ trace: [Double], fixed: Int?) -> (misses: Double, size: Double) {
        var forecast = DemandForecast()
        forecast.refilled(in: .seconds(refill))
        let end = trace.last ?? 0
        let begin = end / 10
        var (ready, size) = (fixed ?? 1, fixed ?? 1)
        var coming: ArraySlice<Double> = []
        var (misses, claims, area, last) = (0, 0, 0.0, begin)
        for time in trace {
            while let first = coming.first, first <= time {
                coming.removeFirst()
                ready += 1
            }
            if time > begin {
                area += Double(size) * (time - last)
                last = time
                claims += 1
                if ready <= 0 { misses += 1 }
            }
            ready -= 1
            coming.append(time + refill)
            guard fixed == nil else { continue }
            let now = Duration.seconds(time)
            forecast.arrived(at: now)
            guard let wanted = forecast.size(missing: target, at: now) else { continue }
            let present = ready + coming.count
            for _ in 0..<max(0, wanted - present) { coming.append(time + refill) }
            ready -= min(max(0, present - wanted), max(0, ready))
            size = wanted
        }
        return (Double(misses) / Double(max(1, claims)), area / (end - begin))
    }
}
