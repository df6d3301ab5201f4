/// Durations in buckets, as Prometheus' histograms have them.
package struct DurationHistogram: Hashable, Sendable {
    /// From half a millisecond to five minutes: an answer of the API, a step, a pull.
    package static let usual: [Duration] =
        [
            .microseconds(500), .milliseconds(1), .microseconds(2_500), .milliseconds(5), .milliseconds(10),
            .milliseconds(25), .milliseconds(50), .milliseconds(100), .milliseconds(250), .milliseconds(500),
            .seconds(1), .milliseconds(2_500), .seconds(5), .seconds(10), .seconds(30), .seconds(60), .seconds(300),
        ]

    /// The longest duration that each bucket counts.
    package let bounds: [Duration]
    /// By bucket, not cumulative; the last is for what is longer than every bound.
    package private(set) var counts: [Int]
    package private(set) var count = 0
    package private(set) var sum = Duration.zero

    package init(bounds: [Duration] = DurationHistogram.usual) {
        self.bounds = bounds
        counts = [Int](repeating: 0, count: bounds.count + 1)
    }

    package mutating func observe(_ duration: Duration) {
        count += 1
        sum += duration
        let bucket = bounds.firstIndex { duration <= $0 } ?? bounds.count
        counts[bucket] += 1
    }

    /// The duration that this part of all was within, as Prometheus' `histogram_quantile` reckons it: even within a bucket, and
    /// the longest bound for what is longer than all of them.
    ///
    /// - Parameter part: 0-1.
    /// - Returns: nil of nothing.
    package func quantile(_ part: Double) -> Duration? {
        guard count > 0 else { return nil }
        let rank = part * Double(count)
        var below = 0
        for (index, bound) in bounds.enumerated() {
            let within = counts[index]
            if Double(below + within) >= rank, within > 0 {
                let lower = index == 0 ? .zero : bounds[index - 1]
                return lower + (bound - lower) * (max(0, rank - Double(below)) / Double(within))
            }
            below += within
        }
        return bounds.last
    }
}
