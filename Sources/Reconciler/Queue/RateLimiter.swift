/// How long a key waits before its next turn: exponential backoff per key and a token bucket for the host, whichever
/// is longer.
///
/// Source: client-go `util/workqueue/default_rate_limiters.go` (ItemExponentialFailure, Bucket and MaxOf), with up to
/// 10 % of seeded jitter, so that keys which failed together do not come back together.
package struct RateLimiter<Key: Hashable & Sendable>: Sendable {
    package struct Limits: Hashable, Sendable {
        /// The delay after the first failure of a key.
        package var base: Duration
        /// The longest delay.
        package var max: Duration
        /// Turns per second that all keys together may take again, and how many of them at once.
        package var rate: Double
        package var burst: Int
        /// 0 for none; 0.1 lengthens a delay by up to a tenth.
        package var jitter: Double

        package init(
            base: Duration = .milliseconds(100), max: Duration = .seconds(300), rate: Double = 50, burst: Int = 200,
            jitter: Double = 0.1
        ) {
            self.base = base
            self.max = max
            self.rate = rate
            self.burst = burst
            self.jitter = jitter
        }
    }

    package var limits: Limits
    private var failures: [Key: Int] = [:]
    private var bucket: TokenBucket
    private var random: SplitMix64

    package init(_ limits: Limits = Limits(), seed: UInt64) {
        self.limits = limits
        bucket = TokenBucket(rate: limits.rate, burst: limits.burst)
        random = SplitMix64(seed: seed)
    }

    /// Counts a failure of the key and answers how long it should wait.
    package mutating func delay(for key: Key, now: Duration) -> Duration {
        let count = failures[key, default: 0]
        failures[key] = count + 1
        let exponential = Swift.min(limits.max, limits.base * Self.power(count))
        let jittered = exponential + exponential * (Double.random(in: 0..<1, using: &random) * limits.jitter)
        return Swift.max(jittered, bucket.reserve(now: now))
    }

    /// How often the key failed since it was last forgotten.
    package func failures(of key: Key) -> Int { failures[key, default: 0] }

    /// The key succeeded: its next failure counts as the first.
    package mutating func forget(_ key: Key) { failures[key] = nil }

    /// What all keys failed at has changed: their next failures count as the first.
    package mutating func forgetAll() { failures = [:] }

    /// 2^count without overflow; any delay is beyond its maximum long before 2^40.
    private static func power(_ count: Int) -> Int { 1 << Swift.min(count, 40) }
}

/// A token bucket that reserves: each reservation answers how long it is until its token exists.
struct TokenBucket: Sendable {
    let rate: Double
    let burst: Double
    private var tokens: Double
    private var updated: Duration = .zero

    init(rate: Double, burst: Int) {
        self.rate = rate
        self.burst = Double(burst)
        tokens = Double(burst)
    }

    mutating func reserve(now: Duration) -> Duration {
        tokens = min(burst, tokens + (now - updated) / .seconds(1) * rate)
        updated = now
        tokens -= 1
        return tokens >= 0 ? .zero : .seconds(-tokens / rate)
    }
}

/// A small seeded generator (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014).
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
