/// A state that one cron expression begins and another one ends, as schedules of an autoscaler write it.
package struct CronInterval: Hashable, Sendable, CustomStringConvertible {
    package let start: CronExpression
    package let end: CronExpression

    /// Throws if both are the same, which would begin and end it at once.
    package init(start: CronExpression, end: CronExpression) throws(InvalidText) {
        guard start != end else { throw InvalidText("it starts and ends at the same time", hint: "'\(start)' is both") }
        self.start = start
        self.end = end
    }

    /// `0 20 * * * to 0 7 * * *`
    package var description: String { "\(start) to \(end)" }

    /// Whether the last start came after the last end. It lasts from its start on and no longer at its end; where both fall
    /// on one moment, the end holds.
    package func isActive(at instant: Instant, in zone: TimeZoneRules) -> Bool {
        guard let begun = start.last(atOrBefore: instant, in: zone) else { return false }
        guard let ended = end.last(atOrBefore: instant, in: zone) else { return true }
        return begun > ended
    }

    /// The next moment at which it may begin or end; nil is never.
    package func nextChange(after instant: Instant, in zone: TimeZoneRules) -> Instant? {
        [start.next(after: instant, in: zone), end.next(after: instant, in: zone)].compactMap { $0 }.min()
    }
}
