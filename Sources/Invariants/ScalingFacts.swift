package import Specs

/// Between which numbers an object's autoscaler may choose, and what it goes by.
package struct ScalingFacts: Hashable, Codable, Sendable {
    /// What is measured, and how many members it asks for.
    package enum Metric: Hashable, Codable, Sendable {
        /// As many as the value says, without its fraction.
        case load
        /// So many more above the one, and fewer below the other.
        case pressure(above: Double, below: Double, step: Int)
    }

    /// Other bounds for a while, from one moment on and not any more at the other.
    package struct Night: Hashable, Codable, Sendable {
        package var bounds: ClosedRange<Int>
        package var from: Instant
        package var to: Instant

        package init(_ bounds: ClosedRange<Int>, from: Instant, to: Instant) {
            self.bounds = bounds
            (self.from, self.to) = (from, to)
        }
    }

    package var bounds: ClosedRange<Int>
    /// nil where the bounds are always the same.
    package var night: Night?
    package var metrics: [Metric]
    /// How long more members, and fewer, are doubted, in seconds.
    package var upWindow: Int64
    package var downWindow: Int64
    /// After so many seconds a value counts as missing.
    package var maxAge: Int64
    /// Between two measurements, in seconds.
    package var interval: Int

    package init(
        _ bounds: ClosedRange<Int>, _ metrics: [Metric], upWindow: Int64 = 0, downWindow: Int64 = 5,
        maxAge: Int64 = 30, interval: Int = 5
    ) {
        self.bounds = bounds
        self.metrics = metrics
        self.upWindow = upWindow
        self.downWindow = downWindow
        self.maxAge = maxAge
        self.interval = interval
    }

    /// What git allows as of this moment.
    func bounds(at wall: Instant) -> ClosedRange<Int> {
        night.flatMap { $0.from <= wall && wall < $0.to ? $0.bounds : nil } ?? bounds
    }

    /// What each metric asks for; nil where it was not measured, is no number, or is too old.
    func asked(by measurements: [Measurement], from size: Int, at wall: Instant) -> [Int?] {
        metrics.enumerated().map { index, metric in
            guard index < measurements.count, let value = measurements[index].value, value.isFinite,
                measurements[index].at.advanced(bySeconds: maxAge) >= wall
            else { return nil }
            return switch metric {
            case .load: Int(max(0, value))
            case .pressure(let above, _, let step) where value > above: size + step
            case .pressure(_, let below, let step) where value < below: max(0, size - step)
            case .pressure: size
            }
        }
    }
}

extension ClosedRange<Int> {
    /// The nearest number within.
    func nearest(to number: Int) -> Int { Swift.min(Swift.max(number, lowerBound), upperBound) }
}

/// What was measured for one metric, as the program is told.
package struct Measurement: Hashable, Codable, Sendable {
    /// nil where nothing was.
    package var value: Double?
    package var at: Instant

    package init(_ value: Double?, at: Instant) {
        self.value = value
        self.at = at
    }
}
