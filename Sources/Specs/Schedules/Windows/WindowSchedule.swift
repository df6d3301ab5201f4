/// When a window is open: starts on the wall of some place, how long each lasts, and the days on which it stays shut.
///
/// Every occurrence is half-open, `[start, end)`, and occurrences may overlap: the window is open while one of them runs.
/// What happens when clocks are set is in `policy`; all searches end after `CronExpression.searchYears`.
package struct WindowSchedule: Hashable, Sendable {
    package enum Starts: Hashable, Sendable {
        case cron(CronExpression)
        case recurrence(RecurrenceDays, at: WallTime)
        case dates([OneOff])
    }

    /// A window on one date.
    package struct OneOff: Hashable, Comparable, Sendable {
        package var start: CivilDateTime
        /// Nil lets the schedule's length decide.
        package var end: CivilDateTime?

        package init(start: CivilDateTime, end: CivilDateTime? = nil) {
            self.start = start
            self.end = end
        }

        package static func < (a: OneOff, b: OneOff) -> Bool {
            (a.start, a.end ?? a.start) < (b.start, b.end ?? b.start)
        }
    }

    package enum Length: Hashable, Sendable {
        /// Seconds on the wall: 4 hours from 02:00 end at 06:00, whatever the clock did between.
        case wall(Int64)
        /// Seconds by a stopwatch.
        case elapsed(Int64)
        /// The next time that the wall shows this, a day later if that is when it starts.
        case until(WallTime)
    }

    /// Starts that are left out.
    package enum Exception: Hashable, Sendable {
        /// All that would start on these days.
        case days(ClosedRange<CalendarDate>)
        case start(CivilDateTime)
    }

    package let starts: Starts
    package let length: Length
    package let zone: TimeZoneRules
    package let exceptions: [Exception]
    package let policy: LocalTimePolicy

    package init(
        _ starts: Starts, _ length: Length, zone: TimeZoneRules, exceptions: [Exception] = [],
        policy: LocalTimePolicy = .allow
    ) {
        self.starts =
            switch starts {
            case .dates(let dates): .dates(dates.sorted())
            default: starts
            }
        self.length = length
        self.zone = zone
        self.exceptions = exceptions
        self.policy = policy
    }
}

/// One time that a window opens.
package struct WindowOccurrence: Hashable, Sendable {
    /// What the schedule says, before the clocks of that day are looked at.
    package var nominalStart: CivilDateTime
    package var start: Instant
    /// The first moment that is no longer part of it.
    package var end: Instant

    /// Whether nothing is left of it, because the clock skips the whole of it.
    package var isEmpty: Bool { end <= start }

    package func contains(_ instant: Instant) -> Bool { start <= instant && instant < end }
}

extension WindowSchedule.Exception: CustomStringConvertible {
    /// `2026-12-24`, `2026-12-24..2027-01-02` or `2026-12-24T02:00`
    package var description: String {
        switch self {
        case .days(let days) where days.lowerBound == days.upperBound: "\(days.lowerBound)"
        case .days(let days): "\(days.lowerBound)..\(days.upperBound)"
        case .start(let start): "\(start)"
        }
    }

    /// Reads a date, two dates with `..` between them, or the date and time of a start.
    package static func parse(_ text: String) throws(InvalidText) -> WindowSchedule.Exception {
        try InvalidText.check(text, "the exception", example: "2026-12-24")
        if text.contains("T") { return .start(try CivilDateTime.parse(text)) }
        let parts = text.split(separator: "..", omittingEmptySubsequences: false)
        let first = try CalendarDate.parse(parts[0])
        guard parts.count > 1 else { return .days(first...first) }
        guard parts.count == 2 else {
            throw InvalidText(
                "\(Diagnostic.quote(text)) has more than two dates", hint: "such as 2026-12-24..2027-01-02")
        }
        let last = try CalendarDate.parse(parts[1])
        guard first <= last else { throw InvalidText("\(Diagnostic.quote(text)) ends before it begins") }
        return .days(first...last)
    }

    func covers(_ start: CivilDateTime) -> Bool {
        switch self {
        case .days(let days): days.contains(start.date)
        case .start(let excepted): excepted == start
        }
    }
}

extension WindowSchedule: CustomStringConvertible {
    /// `0 2 * * SUN#3 for 4h, Asia/Tokyo, except 2026-12-20`
    package var description: String {
        let when =
            switch starts {
            case .cron(let cron): "\(cron)"
            case .recurrence(let days, let time):
                "\(days.rule) at \(time)" + (days.rule.needsStart ? " from \(days.start)" : "")
            case .dates(let dates):
                dates.map { date in "\(date.start)" + (date.end.map { " to \($0)" } ?? "") }.joined(separator: ", ")
            }
        let long =
            switch length {
            case .wall(let seconds): "for \(Duration.seconds(seconds).goText)"
            case .elapsed(let seconds): "for \(Duration.seconds(seconds).goText) elapsed"
            case .until(let time): "until \(time)"
            }
        let except = exceptions.isEmpty ? "" : ", except \(exceptions.map(\.description).joined(separator: ", "))"
        return "\(when) \(long), \(zone.name)\(except)"
    }
}
