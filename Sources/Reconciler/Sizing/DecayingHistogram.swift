/// How often a number was about so large, with the recent past counting for more.
///
/// As in Kubernetes' vertical autoscaler: buckets that grow by 5 %, and weights that halve every 24 hours, so that a
/// percentile is right to 5 % in a few kilobytes, however many samples there were.
package struct DecayingHistogram: Hashable, Sendable {
    private static let growth = 1.05
    private static let halfLife = 24.0 * 3600

    /// The end of the first bucket.
    private let first: Double
    private var weights: [Float]
    private var total: Double = 0
    /// The time whose samples have weight 1, in seconds.
    private var reference: Double = 0

    /// - Parameters:
    ///   - first: numbers up to this one are all the same; positive.
    ///   - last: numbers beyond this one are all the same.
    package init(first: Double, last: Double) {
        self.first = first
        weights = [Float](repeating: 0, count: Self.steps(last / first) + 2)
    }

    package var isEmpty: Bool { total <= 0 }

    /// - Parameter now: never less than at the call before.
    package mutating func add(_ value: Double, at now: Duration) {
        let seconds = now / .seconds(1)
        // Weights that grow for ever would end at the largest number.
        if seconds - reference > 10 * Self.halfLife { shift(to: seconds) }
        let weight = Self.powerOfTwo((seconds - reference) / Self.halfLife)
        weights[bucket(of: value)] += Float(weight)
        total += weight
    }

    /// The end of the bucket within which this share of the weight is; nil before the first sample.
    ///
    /// - Parameter share: 0 to 1.
    package func percentile(_ share: Double) -> Double? {
        guard !isEmpty else { return nil }
        var sum = 0.0
        for (bucket, weight) in weights.enumerated() where weight > 0 {
            sum += Double(weight)
            // What is left of rounding must not lead past the last bucket that holds anything.
            if sum >= share * total * (1 - 1e-6) { return end(of: bucket) }
        }
        return weights.lastIndex { $0 > 0 }.map { end(of: $0) }
    }

    private mutating func shift(to seconds: Double) {
        let factor = Float(Self.powerOfTwo((reference - seconds) / Self.halfLife))
        for bucket in weights.indices { weights[bucket] *= factor }
        total = weights.reduce(0) { $0 + Double($1) }
        reference = seconds
    }

    private func bucket(of value: Double) -> Int {
        guard value > first else { return 0 }
        return min(weights.count - 1, Self.steps(value / first) + 1)
    }

    private func end(of bucket: Int) -> Double {
        var end = first
        for _ in 0..<bucket { end *= Self.growth }
        return end
    }

    /// Whole steps of 5 % within a ratio.
    private static func steps(_ ratio: Double) -> Int {
        var (steps, reached) = (0, growth)
        while reached < ratio {
            reached *= growth
            steps += 1
        }
        return steps
    }

    /// 2 to this power, without a library: whole powers by doubling, and the rest by the series of e.
    private static func powerOfTwo(_ exponent: Double) -> Double {
        let whole = exponent.rounded(.down)
        let rest = (exponent - whole) * 0.693_147_180_559_945_3
        var (term, sum) = (1.0, 1.0)
        for number in 1..<16 {
            term *= rest / Double(number)
            sum += term
        }
        return Double(sign: .plus, exponent: Int(max(-1000, min(1000, whole))), significand: sum)
    }
}
