package import Reconciler

/// All series of one metric, with what it means.
///
/// Names are in base units (seconds, bytes), counters end with `_total`. Labels have values from lists that the program
/// knows (kinds, outcomes, routes), and never names of objects, revisions or containers: the number of series is
/// bounded, whatever runs.
package struct MetricFamily: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable { case counter, gauge, histogram }

    package struct Sample: Hashable, Sendable {
        /// `_bucket`, `_sum` and `_count` of a histogram.
        package var suffix = ""
        package var labels: [Label]
        package var value: Double
    }

    package struct Label: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    package var name: String
    package var kind: Kind
    package var help: String
    package var samples: [Sample] = []

    package init(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }

    /// A metric with one series.
    package init(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
        self.init(name, kind, help)
        add(value)
    }

    package mutating func add(_ value: Double, _ labels: Label...) {
        samples.append(Sample(labels: labels, value: value))
    }

    package mutating func add(_ histogram: DurationHistogram, _ labels: Label...) {
        add(
            counts: histogram.counts, bounds: histogram.bounds.map { $0 / .seconds(1) },
            sum: histogram.sum / .seconds(1), labels)
    }

    /// - Parameters:
    ///   - counts: by bucket, not cumulative; one more than there are bounds.
    ///   - bounds: in seconds.
    package mutating func add(counts: [Int], bounds: [Double], sum: Double, _ labels: [Label]) {
        var total = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < bounds.count ? PrometheusText.number(bounds[index]) : "+Inf"
            samples.append(Sample(suffix: "_bucket", labels: labels + [Label("le", bound)], value: Double(total)))
        }
        samples.append(Sample(suffix: "_sum", labels: labels, value: sum))
        samples.append(Sample(suffix: "_count", labels: labels, value: Double(total)))
    }
}
