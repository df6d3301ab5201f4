/// What becomes of a window's start and end on the days on which the clocks are set.
package struct LocalTimePolicy: Hashable, Sendable {
    /// For a time that the clock skips.
    package enum Gap: Hashable, Sendable {
        /// The first moment behind the gap.
        case transition
        /// As far behind the gap as the time is inside it (RFC 5545).
        case shifted
        /// There is no window on that day, as with cron. For an end: as `transition`.
        case skipped
    }

    /// For a start that the clock shows twice.
    package enum RepeatedStart: Hashable, Sendable {
        case first
        /// A window of its own each time, as with cron.
        case both
    }

    /// For an end that the clock shows twice.
    package enum RepeatedEnd: Hashable, Sendable { case first, second }

    package var gap: Gap
    package var repeatedStart: RepeatedStart
    package var repeatedEnd: RepeatedEnd

    package init(gap: Gap, repeatedStart: RepeatedStart, repeatedEnd: RepeatedEnd) {
        self.gap = gap
        self.repeatedStart = repeatedStart
        self.repeatedEnd = repeatedEnd
    }

    /// Windows that allow: open for as long as the clock on the wall says so.
    package static let allow = LocalTimePolicy(gap: .transition, repeatedStart: .first, repeatedEnd: .second)
    /// Windows that deny: over as soon as the clock on the wall says so.
    package static let deny = LocalTimePolicy(gap: .transition, repeatedStart: .first, repeatedEnd: .first)
    /// RFC 5545, section 3.3.5: what calendars show.
    package static let calendar = LocalTimePolicy(gap: .shifted, repeatedStart: .first, repeatedEnd: .first)
    /// robfig/cron: whenever the clock shows it.
    package static let cron = LocalTimePolicy(gap: .skipped, repeatedStart: .both, repeatedEnd: .first)
}
