/// A rule for the clock that is the same in every year: POSIX's TZ string, with the extensions of RFC 9636, section 3.3.1.
struct PosixTimeZone: Hashable, Sendable {
    var standard: LocalTimeType
    var daylight: Daylight?

    struct Daylight: Hashable, Sendable {
        var type: LocalTimeType
        var start: Change
        var end: Change
    }

    /// A day of the year and a time on the clock that is about to change.
    struct Change: Hashable, Sendable {
        var day: Day
        /// Seconds from the day's midnight, -167 to 167 hours.
        var time: Int
    }

    enum Day: Hashable, Sendable {
        /// 1-365; 29 February is never counted, so 60 is always 1 March.
        case julian(Int)
        /// 0-365; 29 February is counted.
        case zeroBased(Int)
        /// The nth weekday of the month; the 5th is the last.
        case weekday(Weekday, nth: Int, month: Int)
    }

    func segment(at instant: Instant) -> ZoneSegment {
        guard let daylight else { return ZoneSegment(type: standard) }
        let year = CivilDateTime(secondsSince1970: instant.secondsSince1970.saturatingSum(Int64(standard.offset)))
            .date.year
        var before: (at: Int64, isDaylight: Bool)?
        var after: (at: Int64, isDaylight: Bool)?
        // A neighbouring year's changes can lie in this one, by as much as a week. Of two changes at one moment, which
        // is how a year that is summer throughout is written, the one to summer time holds.
        for near in (year - 1)...(year + 1) {
            let start = (at: daylight.start.second(of: near, offset: standard.offset), isDaylight: true)
            let end = (at: daylight.end.second(of: near, offset: daylight.type.offset), isDaylight: false)
            for change in start.at < end.at ? [start, end] : [end, start] {
                if change.at <= instant.secondsSince1970 {
                    if before.map({ $0.at < change.at || ($0.at == change.at && change.isDaylight) }) ?? true {
                        before = change
                    }
                } else if after.map({ change.at < $0.at }) ?? true {
                    after = change
                }
            }
        }
        return ZoneSegment(
            type: before?.isDaylight == true ? daylight.type : standard,
            start: before.map { Instant(secondsSince1970: $0.at) }, end: after.map { Instant(secondsSince1970: $0.at) })
    }
}

extension PosixTimeZone.Change {
    /// The moment of the change in a year, in seconds since 1970, for the offset that holds before it.
    func second(of year: Int, offset: Int) -> Int64 {
        Int64(date(in: year).daysSince1970) * 86_400 + Int64(time) - Int64(offset)
    }

    private func date(in year: Int) -> CalendarDate {
        let newYear = CalendarDate(uncheckedYear: year, month: 1, day: 1)
        switch day {
        case .zeroBased(let number): return newYear.advanced(byDays: number)
        case .julian(let number):
            return newYear.advanced(byDays: number - 1 + (CalendarDate.isLeap(year) && number > 59 ? 1 : 0))
        case .weekday(let weekday, let nth, let month):
            let first = CalendarDate(uncheckedYear: year, month: month, day: 1)
            let ahead = (weekday.rawValue - first.weekday.rawValue).flooredRemainder(by: 7)
            let day = ahead + (nth - 1) * 7
            // Four weeks always fit; the fifth may not, and then the fourth is the last.
            return first.advanced(byDays: day < CalendarDate.days(inMonth: month, of: year) ? day : day - 7)
        }
    }
}
