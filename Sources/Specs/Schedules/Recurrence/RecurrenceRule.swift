/// Days that repeat by the calendar: the part of RFC 5545's RRULE that maintenance needs.
///
/// A rule chooses days; the time of day stands beside it. Days are those of the wall, so nothing here asks for a time zone.
package struct RecurrenceRule: Hashable, Sendable {
    package enum Frequency: String, CaseIterable, Hashable, Sendable {
        case daily = "DAILY"
        case weekly = "WEEKLY"
        case monthly = "MONTHLY"
        case yearly = "YEARLY"
    }

    /// A day of the week: every one, or the nth of its month or year, counted from the end if negative.
    package struct Day: Hashable, Comparable, Sendable {
        package var weekday: Weekday
        package var nth: Int?

        package init(_ weekday: Weekday, nth: Int? = nil) {
            self.weekday = weekday
            self.nth = nth
        }

        package static func < (a: Day, b: Day) -> Bool {
            (a.nth ?? 0, a.weekday.rawValue) < (b.nth ?? 0, b.weekday.rawValue)
        }
    }

    /// The last moment that may still be chosen, itself included.
    package enum Until: Hashable, Sendable {
        case date(CalendarDate)
        case civil(CivilDateTime)
        case instant(Instant)
    }

    package var frequency: Frequency
    /// Every how many days, weeks, months or years; 1 or more.
    package var interval: Int
    /// BYDAY; sorted, without repeats, as the next three.
    package var days: [Day]
    /// BYMONTHDAY: 1 to 31, or -31 to -1 from the end of the month.
    package var daysOfMonth: [Int]
    /// BYMONTH: 1 to 12.
    package var months: [Int]
    /// BYSETPOS: which of a period's days, from its end if negative; empty is all.
    package var positions: [Int]
    package var until: Until?
    /// How many there are, from the start on.
    package var count: Int?
    /// WKST: where weeks begin, which matters for every second week and the like.
    package var weekStart: Weekday

    package init(
        _ frequency: Frequency, interval: Int = 1, days: [Day] = [], daysOfMonth: [Int] = [], months: [Int] = [],
        positions: [Int] = [], until: Until? = nil, count: Int? = nil, weekStart: Weekday = .monday
    ) {
        self.frequency = frequency
        self.interval = interval
        self.days = Set(days).sorted()
        self.daysOfMonth = Set(daysOfMonth).sorted()
        self.months = Set(months).sorted()
        self.positions = Set(positions).sorted()
        self.until = until
        self.count = count
        self.weekStart = weekStart
    }

    /// Whether the days depend on where the rule starts: on its interval's first turn, or on the day that no part names.
    package var needsStart: Bool {
        if interval > 1 || count != nil { return true }
        return switch frequency {
        case .daily: false
        case .weekly: days.isEmpty
        case .monthly: days.isEmpty && daysOfMonth.isEmpty
        case .yearly: days.isEmpty && daysOfMonth.isEmpty
        }
    }
}

/// The friendly spellings of the spec language.
extension RecurrenceRule {
    /// `{weekday: sunday}`: every week.
    package static func every(_ weekday: Weekday) -> RecurrenceRule { RecurrenceRule(.weekly, days: [Day(weekday)]) }

    /// `{weekday: sunday, nth: 3}`: once a month; -1 is the last. A month without a fifth is left out.
    ///
    /// Throws unless `nth` is 1 to 5 or -5 to -1.
    package static func nth(_ nth: Int, _ weekday: Weekday) throws(InvalidText) -> RecurrenceRule {
        guard (1...5).contains(abs(nth)) else {
            throw InvalidText("no month has a \(weekday) number \(nth)", hint: "nth is 1 to 5, or -1 for the last")
        }
        return RecurrenceRule(.monthly, days: [Day(weekday, nth: nth)])
    }
}

extension RecurrenceRule: CustomStringConvertible {
    /// The parts in a fixed order, with the defaults left out: `FREQ=MONTHLY;BYDAY=3SU`.
    package var description: String {
        var parts = ["FREQ=\(frequency.rawValue)"]
        func add(_ name: String, _ values: [some CustomStringConvertible]) {
            if !values.isEmpty { parts.append("\(name)=\(values.map(\.description).joined(separator: ","))") }
        }
        if interval > 1 { parts.append("INTERVAL=\(interval)") }
        add("BYMONTH", months)
        add("BYMONTHDAY", daysOfMonth)
        add("BYDAY", days)
        add("BYSETPOS", positions)
        if let until { parts.append("UNTIL=\(until)") }
        if let count { parts.append("COUNT=\(count)") }
        if weekStart != .monday { parts.append("WKST=\(weekStart.recurrenceName)") }
        return parts.joined(separator: ";")
    }
}

extension RecurrenceRule.Day: CustomStringConvertible {
    /// `SU`, `3SU`, `-1SU`
    package var description: String { (nth.map(String.init) ?? "") + weekday.recurrenceName }
}

extension RecurrenceRule.Until: CustomStringConvertible {
    /// RFC 5545's spelling: `20261231`, `20261231T235959` or `20261231T235959Z`.
    package var description: String {
        switch self {
        case .date(let date): Self.compact(date)
        case .civil(let civil): Self.compact(civil)
        case .instant(let instant): Self.compact(CivilDateTime(secondsSince1970: instant.secondsSince1970)) + "Z"
        }
    }

    private static func compact(_ date: CalendarDate) -> String { String(date.description.filter { $0 != "-" }) }

    private static func compact(_ civil: CivilDateTime) -> String {
        let time = civil.time
        let clock = [time.hour, time.minute, time.second].map { $0.padded(to: 2) }.joined()
        return "\(compact(civil.date))T\(clock)"
    }
}
