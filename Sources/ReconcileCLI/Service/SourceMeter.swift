import API
import Foundation
import Reconciler
import Synchronization

/// Counts looks at the source, for metrics.
final class SourceMeter: Sendable {
    private struct Contents {
        var looks: [String: Int] = [:]
        var durations = DurationHistogram()
        var lastSuccess: Double?
        var state = SourceStatus.State.starting
    }

    private let contents = Mutex(Contents())

    /// - Parameters:
    ///   - isRead: the source was read, whatever became of what it holds.
    ///   - duration: of the look, with everything that follows from it but the work on the host.
    func note(_ status: SourceStatus, isRead: Bool, _ duration: Duration) {
        contents.withLock { contents in
            contents.looks[status.state.rawValue, default: 0] += 1
            contents.durations.observe(duration)
            contents.state = status.state
            if isRead { contents.lastSuccess = Date().timeIntervalSince1970 }
        }
    }

    var families: [MetricFamily] {
        let contents = contents.withLock { $0 }
        var looks = MetricFamily(
            "reconcile_source_fetches_total", .counter, "Looks at the source by the state that followed.")
        for (state, count) in contents.looks.sorted(by: { $0.key < $1.key }) {
            looks.add(Double(count), .init("state", state))
        }
        var durations = MetricFamily(
            "reconcile_source_fetch_duration_seconds", .histogram,
            "How long looks at the source took, with reading and checking what was new.")
        durations.add(contents.durations)
        var last = MetricFamily(
            "reconcile_source_last_success_timestamp_seconds", .gauge,
            "When the source was last read, in seconds since 1970.")
        if let time = contents.lastSuccess { last.add(time) }
        return [looks, durations, last]
    }
}
