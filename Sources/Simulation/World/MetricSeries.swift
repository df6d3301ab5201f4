import Invariants
import Reconciler
import Specs

/// How one metric goes, and how well it is measured, a while like this and a while like that.
struct MetricSeries: Sendable {
    private enum Mood: CaseIterable, Sendable { case steady, spike, nonsense, gap, stale }

    private var level = 4
    private var mood = Mood.steady
    private var until = Duration.zero

    /// What is measured now.
    ///
    /// - Parameter badness: how often a new mood is a bad one, in thousandths.
    mutating func read(at now: Now, since start: Duration, badness: Int, using dice: inout SplitMix64) -> MetricReading
    {
        if start >= until {
            let isBad = Int.random(in: 0..<1_000, using: &dice) < badness
            mood = isBad ? Mood.allCases[Int.random(in: 1..<Mood.allCases.count, using: &dice)] : .steady
            until = start + .seconds(Int.random(in: 3...30, using: &dice))
        }
        level = min(max(level + Int.random(in: -2...2, using: &dice), 0), 12)
        let extremes = [0.0, 1_000]
        let nonsense = [Double.nan, .infinity, -.infinity]
        let number = Int.random(in: 0..<6, using: &dice)
        return switch mood {
        case .steady: .whole(Double(level) + 0.5, at: now.wall)
        case .spike: .whole(extremes[number % 2], at: now.wall)
        case .nonsense: .whole(nonsense[number % 3], at: now.wall)
        case .gap: .failed("the server did not answer")
        case .stale: .whole(Double(level), at: now.wall.advanced(bySeconds: -Int64(number) * 20))
        }
    }
}
