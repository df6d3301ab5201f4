/// When a clock on the wall shows a time.
package enum LocalTimeMatch: Hashable, Sendable {
    case once(Instant)
    /// Never: the clock is put forward over it at `transition`. `shifted` is the moment by the offset that held before,
    /// as far behind the transition as the time is inside the gap (RFC 5545, section 3.3.5).
    case never(transition: Instant, shifted: Instant)
    /// Twice, because the clock is put back.
    case twice(first: Instant, second: Instant)
}

extension TimeZoneRules {
    /// The furthest that a clock is from UTC, in seconds.
    static let greatestOffset: Int64 = 26 * 3600

    /// When the clock shows `civil`. Should it do so more than twice, the first and the last time count.
    package func match(_ civil: CivilDateTime) -> LocalTimeMatch {
        let middle = Instant(secondsSince1970: civil.secondsSince1970)
        let horizon = middle.advanced(bySeconds: Self.greatestOffset)
        var segment = segment(at: middle.advanced(bySeconds: -Self.greatestOffset))
        var first: Instant?
        var last: Instant?
        var gap: LocalTimeMatch?
        while true {
            let candidate = segment.instant(of: civil)
            if segment.contains(candidate) {
                first = first ?? candidate
                last = candidate
            }
            guard let end = segment.end, end <= horizon else { break }
            let next = self.segment(at: end)
            if gap == nil, candidate >= end, next.instant(of: civil) < end {
                gap = .never(transition: end, shifted: candidate)
            }
            segment = next
        }
        guard let first, let last else { return gap ?? .once(segment.instant(of: civil)) }
        return first == last ? .once(first) : .twice(first: first, second: last)
    }

    /// Whether the clock keeps its offset from `start` to `end`, both included.
    package func keepsOffset(from start: Instant, through end: Instant) -> Bool {
        var segment = segment(at: start)
        let offset = segment.type.offset
        while let change = segment.end, change <= end {
            segment = self.segment(at: change)
            if segment.type.offset != offset { return false }
        }
        return true
    }
}
