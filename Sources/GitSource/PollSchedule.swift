/// Says how long to wait before the source is asked again.
///
/// A pure value: hosts that were started together drift apart by the jitter, and a server in trouble is asked ever
/// less often, up to ten times the interval.
package struct PollSchedule: Hashable, Sendable {
    /// Between two successful fetches, before jitter.
    package let interval: Duration
    /// Failures since the last success.
    package private(set) var failures = 0

    private static let jitter = 0.1
    private static let maximumFactor = 10.0

    package init(interval: Duration) {
        self.interval = interval
    }

    package mutating func recordSuccess() { failures = 0 }

    package mutating func recordFailure() { failures += 1 }

    /// The interval, doubled for every failure in a row up to ten times, and ten percent more or less.
    package func delay(using generator: inout some RandomNumberGenerator) -> Duration {
        // The shift is bounded so that it cannot overflow; 2^4 is beyond the cap already.
        let factor = min(Double(1 << min(failures, 4)), Self.maximumFactor)
        return interval * (factor * Double.random(in: (1 - Self.jitter)...(1 + Self.jitter), using: &generator))
    }
}
