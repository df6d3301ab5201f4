/// A change of a number while a metric lies between two bounds; the threshold strategy of Nomad's autoscaler.
package struct ThresholdRule: Hashable, Sendable {
    package enum Change: Hashable, Sendable {
        /// So many more, or fewer.
        case delta(Int)
        /// So many percent more, or fewer; the new number is rounded up.
        case percent(Double)
        /// Just so many.
        case value(Int)
    }

    /// The first value that lies within.
    package var lower: Double
    /// The first value that no longer does.
    package var upper: Double
    package var change: Change
    /// How many samples must lie within.
    package var trigger: Int

    package init(from lower: Double = -.infinity, upTo upper: Double = .infinity, change: Change, trigger: Int = 1) {
        self.lower = lower
        self.upper = upper
        self.change = change
        self.trigger = trigger
    }

    /// The new number, never below 0; nil where nothing changes.
    package func count(from current: Int, samples: [Double]) -> Int? {
        guard samples.count(where: { lower <= $0 && $0 < upper }) >= trigger else { return nil }
        let count =
            switch change {
            case .delta(let delta): current + delta
            case .percent(let percent): Int((Double(current) * (1 + percent / 100)).rounded(.up))
            case .value(let value): value
            }
        return max(0, count) == current ? nil : max(0, count)
    }
}
