/// Lets so many things through per second, and a burst of them after a rest.
struct TokenBucket: Sendable {
    private var tokens: Double
    private var updated: ContinuousClock.Instant

    /// A full bucket.
    init(burst: Int, at now: ContinuousClock.Instant) {
        tokens = Double(burst)
        updated = now
    }

    /// Takes a token if there is one.
    mutating func take(perSecond rate: Double, burst: Int, at now: ContinuousClock.Instant) -> Bool {
        tokens = min(Double(burst), tokens + max(0, (now - updated) / .seconds(1)) * rate)
        updated = max(updated, now)
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
