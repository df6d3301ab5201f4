import Reconciler
import Testing

struct WorkQueueMetricsTests {
    @Test("every metric has the name that dashboards know, and the name of the queue as label")
    func names() {
        var queue = WorkQueue<String>()
        queue.add("a", lane: .heal, now: .zero)
        let samples = queue.metrics(now: .seconds(1)).samples(queue: "keys")
        let expected: Set = [
            "workqueue_depth", "workqueue_adds_total", "workqueue_retries_total",
            "workqueue_queue_duration_seconds_bucket", "workqueue_queue_duration_seconds_sum",
            "workqueue_queue_duration_seconds_count", "workqueue_work_duration_seconds_bucket",
            "workqueue_work_duration_seconds_sum", "workqueue_work_duration_seconds_count",
            "workqueue_unfinished_work_seconds", "workqueue_longest_running_processor_seconds",
        ]
        #expect(Set(samples.map(\.name)) == expected)
        #expect(samples.allSatisfy { $0.labels["name"] == "keys" })
        let depth = samples.first { $0.name == "workqueue_depth" && $0.labels["priority"] == "heal" }
        #expect(depth?.value == 1)
    }

    @Test("the buckets are twelve, from ten nanoseconds, each ten times the one before")
    func buckets() {
        let bounds = WorkQueueMetrics.Histogram.bounds
        #expect(bounds.count == 12 && bounds.first == .nanoseconds(10) && bounds.last == .seconds(1_000))
        var histogram = WorkQueueMetrics.Histogram()
        for duration in [.zero, .nanoseconds(10), .nanoseconds(11), .seconds(1_000), .seconds(1_001)] as [Duration] {
            histogram.observe(duration)
        }
        #expect(histogram.counts == [2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1])
        #expect(histogram.count == 5)
    }

    @Test("buckets of samples are cumulative, and the last holds everything")
    func cumulative() {
        var queue = WorkQueue<Int>()
        for key in 0..<3 { queue.add(key, lane: .heal, now: .zero) }
        for second in [1, 100, 10_000] { _ = queue.get(now: .seconds(second)) }
        let samples = queue.metrics(now: .seconds(10_000)).samples(queue: "keys")
        let values = samples.filter { $0.name == "workqueue_queue_duration_seconds_bucket" }.map(\.value)
        #expect(values == [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3])
    }
}
