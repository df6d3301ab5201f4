/// A rule that starts on a day, laid out on the calendar.
///
/// The start is where intervals are counted from and the day that stands in for parts the rule leaves out. It is itself
/// chosen only if the rule chooses it, and nothing before it is. `UNTIL` in UTC is left to whoever knows the time zone.
package struct RecurrenceDays: Hashable, Sendable {
    package let rule: RecurrenceRule
    package let start: CalendarDate
    /// Counts the periods of the frequency from one that is fixed: days, weeks, months or years since 1970.
    private let firstPeriod: Int
    /// The last day that `COUNT` leaves; nil without one.
    private var lastCounted: CalendarDate?

    package init(_ rule: RecurrenceRule, from start: CalendarDate) {
        self.rule = rule
        self.start = start
        firstPeriod = Self.period(of: start, rule)
        lastCounted = rule.count.flatMap(lastDay)
    }

    /// How far a count is followed; whoever counts further sees no end.
    private static let countedDays = 400 * 366

    private func lastDay(counting count: Int) -> CalendarDate? {
        var left = count
        var period = firstPeriod
        while firstDay(ofPeriod: period) < start.advanced(byDays: Self.countedDays) {
            let days = days(ofPeriod: period)
            if days.count >= left { return days[left - 1] }
            left -= days.count
            period += rule.interval
        }
        return nil
    }

    /// The first chosen day after `day`, up to `limit`.
    package func next(after day: CalendarDate, through limit: CalendarDate) -> CalendarDate? {
        let from = max(day.advanced(byDays: 1), start)
        let last = min(limit, lastCounted ?? limit)
        guard from <= last else { return nil }
        let turn = (Self.period(of: from, rule) - firstPeriod).flooredQuotient(by: rule.interval)
        var period = firstPeriod + turn * rule.interval
        while firstDay(ofPeriod: period) <= last {
            if let found = days(ofPeriod: period).first(where: { $0 >= from }) { return found <= last ? found : nil }
            period += rule.interval
        }
        return nil
    }

    /// The last chosen day up to `day`, down to `limit`.
    package func last(upTo day: CalendarDate, through limit: CalendarDate) -> CalendarDate? {
        let from = min(day, lastCounted ?? day)
        let first = max(limit, start)
        guard from >= first else { return nil }
        let turn = (Self.period(of: from, rule) - firstPeriod).flooredQuotient(by: rule.interval)
        var period = firstPeriod + turn * rule.interval
        while period >= firstPeriod, firstDay(ofPeriod: period + 1) > first {
            if let found = days(ofPeriod: period).last(where: { $0 <= from }) { return found >= first ? found : nil }
            period -= rule.interval
        }
        return nil
    }

    private static func period(of day: CalendarDate, _ rule: RecurrenceRule) -> Int {
        switch rule.frequency {
        case .daily: return day.daysSince1970
        // Day 0 is a Thursday, 4; the shift lets week 0 begin where weeks begin.
        case .weekly: return (day.daysSince1970 + 4 - rule.weekStart.rawValue).flooredQuotient(by: 7)
        case .monthly:
            let (year, month, _) = day.components
            return year * 12 + month - 1
        case .yearly: return day.year
        }
    }

    private func firstDay(ofPeriod period: Int) -> CalendarDate {
        switch rule.frequency {
        case .daily: CalendarDate(daysSince1970: period)
        case .weekly: CalendarDate(daysSince1970: period * 7 - 4 + rule.weekStart.rawValue)
        case .monthly:
            CalendarDate(
                uncheckedYear: period.flooredQuotient(by: 12), month: period.flooredRemainder(by: 12) + 1, day: 1)
        case .yearly: CalendarDate(uncheckedYear: period, month: 1, day: 1)
        }
    }

    /// The chosen days of a period, ascending.
    private func days(ofPeriod period: Int) -> [CalendarDate] {
        let (first, end) = (firstDay(ofPeriod: period), firstDay(ofPeriod: period + 1))
        var chosen: [CalendarDate] = []
        for number in first.daysSince1970..<end.daysSince1970 {
            let day = CalendarDate(daysSince1970: number)
            if chooses(day, in: first..<end) { chosen.append(day) }
        }
        if !rule.positions.isEmpty {
            let all = chosen
            chosen = rule.positions.compactMap { position in
                let index = position > 0 ? position - 1 : all.count + position
                return all.indices.contains(index) ? all[index] : nil
            }.sorted()
        }
        return chosen.filter { $0 >= start && isWithinUntil($0) }
    }

    /// Whether every part of the rule agrees to the day; a part that was left out takes the start's place in the period.
    private func chooses(_ day: CalendarDate, in period: Range<CalendarDate>) -> Bool {
        let (year, month, dayOfMonth) = day.components
        let length = CalendarDate.days(inMonth: month, of: year)
        if !rule.months.isEmpty, !rule.months.contains(month) { return false }
        if !rule.daysOfMonth.isEmpty,
            !rule.daysOfMonth.contains(where: { ($0 > 0 ? $0 : length + 1 + $0) == dayOfMonth })
        {
            return false
        }
        if !rule.days.isEmpty {
            let isOfMonth = rule.frequency == .monthly || !rule.months.isEmpty
            let place = isOfMonth ? dayOfMonth - 1 : day.daysSince1970 - period.lowerBound.daysSince1970
            let size = isOfMonth ? length : period.upperBound.daysSince1970 - period.lowerBound.daysSince1970
            return rule.days.contains { $0.weekday == day.weekday && $0.stands(at: place, of: size) }
        }
        if !rule.daysOfMonth.isEmpty { return true }
        switch rule.frequency {
        case .daily: return true
        case .weekly: return day.weekday == start.weekday
        case .monthly: return dayOfMonth == start.components.day
        case .yearly:
            return dayOfMonth == start.components.day && (!rule.months.isEmpty || month == start.components.month)
        }
    }

    private func isWithinUntil(_ day: CalendarDate) -> Bool {
        switch rule.until {
        case .date(let last): day <= last
        // The time of day is compared by whoever knows it; a day that is too late is certain.
        case .civil(let last): day <= last.date
        case .instant, nil: true
        }
    }
}

extension RecurrenceRule.Day {
    /// Whether the day at `place`, counted from 0 among `size` days, is the nth of its weekday.
    fileprivate func stands(at place: Int, of size: Int) -> Bool {
        guard let nth else { return true }
        return nth > 0 ? place / 7 + 1 == nth : (size - 1 - place) / 7 + 1 == -nth
    }
}
