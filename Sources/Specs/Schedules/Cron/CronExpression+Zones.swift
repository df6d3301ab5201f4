/// The search in real time, as robfig/cron does it: a match is a moment at which the clock on the wall shows a match.
///
/// So a time that the clock skips does not match on that day, and one that it shows twice matches twice. Windows follow
/// rules of their own (`LocalTimePolicy`).
extension CronExpression {
    /// Years that a search goes on before it says never.
    package static let searchYears = 5

    /// The first match after `instant`; nil if there is none up to the end of the fifth year from there.
    package func next(after instant: Instant, in zone: TimeZoneRules) -> Instant? {
        var from = instant.advanced(bySeconds: 1)
        let limit = CalendarDate(uncheckedYear: zone.civil(at: from).date.year + Self.searchYears, month: 12, day: 31)
        // Between two changes of the clock, the wall and real time run side by side.
        while true {
            let segment = zone.segment(at: from)
            guard let civil = firstMatch(from: segment.civil(at: from), through: limit) else { return nil }
            let found = segment.instant(of: civil)
            guard let end = segment.end, found >= end else { return found }
            from = end
        }
    }

    /// The last match at or before `instant`; nil if there is none back to the beginning of the fifth year before.
    package func last(atOrBefore instant: Instant, in zone: TimeZoneRules) -> Instant? {
        var from = instant
        let limit = CalendarDate(uncheckedYear: zone.civil(at: from).date.year - Self.searchYears, month: 1, day: 1)
        while true {
            let segment = zone.segment(at: from)
            guard let civil = lastMatch(upTo: segment.civil(at: from), through: limit) else { return nil }
            let found = segment.instant(of: civil)
            guard let start = segment.start, found < start else { return found }
            from = start.advanced(bySeconds: -1)
        }
    }
}
