/// The search on the calendar alone, where every day has 24 hours.
extension CronExpression {
    /// The first match at or after `civil`, on a day up to `limit`.
    func firstMatch(from civil: CivilDateTime, through limit: CalendarDate) -> CivilDateTime? {
        var day = civil.date
        var second = civil.time.secondOfDay
        while day <= limit {
            let (year, month, dayOfMonth) = day.components
            if !months.contains(month) {
                day = day.advanced(byDays: CalendarDate.days(inMonth: month, of: year) - dayOfMonth + 1)
            } else {
                if matches(day, dayOfMonth: dayOfMonth), let found = firstSecond(from: second) {
                    return CivilDateTime(day, WallTime(uncheckedSecondOfDay: found))
                }
                day = day.advanced(byDays: 1)
            }
            second = 0
        }
        return nil
    }

    /// The last match at or before `civil`, on a day down to `limit`.
    func lastMatch(upTo civil: CivilDateTime, through limit: CalendarDate) -> CivilDateTime? {
        var day = civil.date
        var second = civil.time.secondOfDay
        while day >= limit {
            let (_, month, dayOfMonth) = day.components
            if !months.contains(month) {
                day = day.advanced(byDays: -dayOfMonth)
            } else {
                if matches(day, dayOfMonth: dayOfMonth), let found = lastSecond(upTo: second) {
                    return CivilDateTime(day, WallTime(uncheckedSecondOfDay: found))
                }
                day = day.advanced(byDays: -1)
            }
            second = 86_399
        }
        return nil
    }

    /// Either field of days suffices, unless one of the two is open; then the other decides.
    private func matches(_ day: CalendarDate, dayOfMonth: Int) -> Bool {
        let weekday = day.weekday.rawValue
        let nth = UInt64(7 * ((dayOfMonth - 1) / 7) + weekday)
        let byWeek = daysOfWeek.contains(weekday) || nthDaysOfWeek >> nth & 1 == 1
        let byMonth = daysOfMonth.contains(dayOfMonth)
        return daysOfMonth.isStar || daysOfWeek.isStar ? byMonth && byWeek : byMonth || byWeek
    }

    private func firstSecond(from second: Int) -> Int? {
        let (hour, minute, rest) = (second / 3600, second / 60 % 60, second % 60)
        guard let foundHour = hours.first(from: hour), let firstMinute = minutes.first(from: 0),
            let firstSecond = seconds.first(from: 0)
        else { return nil }
        if foundHour == hour {
            if minutes.contains(minute), let found = seconds.first(from: rest) {
                return hour * 3600 + minute * 60 + found
            }
            if let found = minutes.first(from: minute + 1) { return hour * 3600 + found * 60 + firstSecond }
        }
        guard let later = foundHour > hour ? foundHour : hours.first(from: hour + 1) else { return nil }
        return later * 3600 + firstMinute * 60 + firstSecond
    }

    private func lastSecond(upTo second: Int) -> Int? {
        let (hour, minute, rest) = (second / 3600, second / 60 % 60, second % 60)
        guard let foundHour = hours.last(upTo: hour), let lastMinute = minutes.last(upTo: 59),
            let lastSecond = seconds.last(upTo: 59)
        else { return nil }
        if foundHour == hour {
            if minutes.contains(minute), let found = seconds.last(upTo: rest) {
                return hour * 3600 + minute * 60 + found
            }
            if let found = minutes.last(upTo: minute - 1) { return hour * 3600 + found * 60 + lastSecond }
        }
        guard let earlier = foundHour < hour ? foundHour : hours.last(upTo: hour - 1) else { return nil }
        return earlier * 3600 + lastMinute * 60 + lastSecond
    }
}
