/// How many steps may be in flight at once: as many as the engine bears, found out by its start latency.
///
/// Additive increase, multiplicative decrease (Chiu, Jain: "Analysis of the increase and decrease algorithms for
/// congestion avoidance in computer networks", 1989; the form is that of Netflix' concurrency-limits, `AIMDLimit`). A
/// start that takes more than `tolerance` times the quickest one lately, or that fails for want of an answer, takes a
/// quarter of the limit away, at most once for all the starts that were in flight together; as many good starts as the
/// limit counts, while it is used up, raise it by one.
package struct ConcurrencyLimit: Hashable, Sendable {
    /// Steps that may be in flight now.
    package var current: Int { Int(limit) }

    private static let tolerance = 16.0
    private static let decrease = 0.75
    /// The quickest start is forgotten by and by, or one lucky start would set the measure for ever.
    private static let drift = 1.01
    /// Nobody minds starts as quick as this.
    private static let quick = Duration.milliseconds(500)

    private let range: ClosedRange<Double>
    private var limit: Double
    private var quickest: Duration?
    private var lastDecrease = Duration.zero

    /// - Parameter largest: at least 1; the limit begins there, since an engine at rest bears it.
    package init(upTo largest: Int) {
        range = 1...Double(max(1, largest))
        limit = range.upperBound
    }

    /// A start has ended.
    ///
    /// - Parameter isFailure: without an answer in time, or with an engine's own failure.
    package mutating func ended(begun: Duration, at now: Duration, inFlight: Int, isFailure: Bool) {
        let latency = now - begun
        if !isFailure { quickest = min(latency, quickest.map { $0 * Self.drift } ?? latency) }
        let isSlow = latency > max(Self.quick, (quickest ?? latency) * Self.tolerance)
        if isFailure || isSlow {
            // Those that began before the last decrease say nothing about it.
            guard begun >= lastDecrease else { return }
            limit = max(range.lowerBound, limit * Self.decrease)
            lastDecrease = now
        } else if Double(inFlight) >= limit.rounded(.down) {
            limit = min(range.upperBound, limit + 1 / limit)
        }
    }
}
