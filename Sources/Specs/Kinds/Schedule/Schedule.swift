/// When something happens again and again, as it is written: without a time zone and without a length.
package struct Schedule: Hashable, Sendable {
    package var cron: CronExpression?
    package var rrule: RecurrenceRule?
    package var weekday: Weekday?
    /// Which one of the month: 1-5, or -1 for the last; nil is every one.
    package var nth: Int?
    /// The time of day, for all but `cron` and `dates`.
    package var at: WallTime?
    /// Where the intervals of an `rrule` are counted from.
    package var start: CalendarDate?
    package var dates: [CivilDateTime]

    package init() { dates = [] }

    package init(cron: CronExpression) {
        self.init()
        self.cron = cron
    }

    /// The starts that this means; nil only for one that was never checked.
    package var starts: WindowSchedule.Starts? {
        if let cron { return .cron(cron) }
        if !dates.isEmpty { return .dates(dates.map { WindowSchedule.OneOff(start: $0) }) }
        guard let at, let rule = rrule ?? weekdayRule else { return nil }
        return .recurrence(RecurrenceDays(rule, from: start ?? Self.epoch), at: at)
    }

    private var weekdayRule: RecurrenceRule? {
        weekday.map { RecurrenceRule(nth == nil ? .weekly : .monthly, days: [RecurrenceRule.Day($0, nth: nth)]) }
    }

    private static let epoch = CalendarDate(daysSince1970: 0)
}
