/// What a work queue did and what it holds, under the names that existing dashboards know.
///
/// Source of names, meaning and buckets: client-go `util/workqueue/metrics.go` and Kubernetes' component-base; the label
/// `priority` of the depth is controller-runtime's.
package struct WorkQueueMetrics: Hashable, Sendable {
    /// Keys that are queued, or were added again while being worked on, by the raw value of their lane.
    package internal(set) var depths = [Int](repeating: 0, count: Lane.allCases.count)
    /// Adds that were not merged with one before; a delayed add counts when it is due.
    package internal(set) var adds = 0
    /// Adds with a delay.
    package internal(set) var retries = 0
    /// From the first add to the turn; for a key that was added while being worked on, from that add.
    package internal(set) var queueDuration = Histogram()
    /// How long turns took.
    package internal(set) var workDuration = Histogram()
    /// The ages of all turns under way together, and of the oldest.
    package internal(set) var unfinishedWork = Duration.zero
    package internal(set) var longestRunning = Duration.zero

    package init() {}

    package var depth: Int { depths.reduce(0, +) }
    package func depth(of lane: Lane) -> Int { depths[lane.rawValue] }

    /// Durations in twelve buckets, each ten times as wide as the one before: 10 ns to 1,000 s.
    package struct Histogram: Hashable, Sendable {
        /// The longest duration that each bucket counts.
        package static let bounds = (0..<12).map { power in
            (0..<power).reduce(Duration.nanoseconds(10)) { bound, _ in bound * 10 }
        }

        /// By bucket, not cumulative; the last is for what is longer than every bound.
        package private(set) var counts = [Int](repeating: 0, count: 13)
        package private(set) var count = 0
        package private(set) var sum = Duration.zero

        package init() {}

        package mutating func observe(_ duration: Duration) {
            count += 1
            sum += duration
            var bucket = 0
            let bounds = Self.bounds
            while bucket < bounds.count && bounds[bucket] < duration { bucket += 1 }
            counts[bucket] += 1
        }
    }
}

/// One value of a metric as Prometheus knows it.
package struct MetricSample: Hashable, Sendable {
    package var name: String
    package var labels: [String: String]
    package var value: Double
}

extension WorkQueueMetrics {
    /// Everything under its public name, durations in seconds.
    ///
    /// - Parameter name: of the queue, the value of the label `name`.
    package func samples(queue name: String) -> [MetricSample] {
        func sample(_ metric: String, _ value: Double, _ more: [String: String] = [:]) -> MetricSample {
            MetricSample(
                name: "workqueue_" + metric, labels: more.merging(["name": name]) { $1 }, value: value)
        }
        func histogram(_ metric: String, _ histogram: Histogram) -> [MetricSample] {
            var total = 0
            let buckets = zip(histogram.counts, Histogram.bounds.map { "\($0 / .seconds(1))" } + ["+Inf"])
            return buckets.map { count, bound in
                total += count
                return sample(metric + "_bucket", Double(total), ["le": bound])
            } + [
                sample(metric + "_sum", histogram.sum / .seconds(1)),
                sample(metric + "_count", Double(histogram.count)),
            ]
        }
        return Lane.allCases.map { sample("depth", Double(depth(of: $0)), ["priority": "\($0)"]) }
            + [sample("adds_total", Double(adds)), sample("retries_total", Double(retries))]
            + histogram("queue_duration_seconds", queueDuration) + histogram("work_duration_seconds", workDuration)
            + [
                sample("unfinished_work_seconds", unfinishedWork / .seconds(1)),
                sample("longest_running_processor_seconds", longestRunning / .seconds(1)),
            ]
    }
}
