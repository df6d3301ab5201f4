/// The starts on the wall, and what becomes of each in real time.
extension WindowSchedule {
    /// The first start after `civil`, on a day up to `limit`.
    func nextStart(after civil: CivilDateTime, through limit: CalendarDate) -> OneOff? {
        switch starts {
        case .cron(let cron):
            return cron.firstMatch(from: civil.advanced(bySeconds: 1), through: limit).map { OneOff(start: $0) }
        case .recurrence(let days, let time):
            let sameDay = time > civil.time ? -1 : 0
            let found = days.next(after: civil.date.advanced(byDays: sameDay), through: limit)
            return found.flatMap { oneOff(days, $0, time) }
        case .dates(let dates):
            return dates.first { $0.start > civil && $0.start.date <= limit }
        }
    }

    /// The last start at or before `civil`, on a day down to `limit`.
    func lastStart(upTo civil: CivilDateTime, through limit: CalendarDate) -> OneOff? {
        switch starts {
        case .cron(let cron):
            return cron.lastMatch(upTo: civil, through: limit).map { OneOff(start: $0) }
        case .recurrence(let days, let time):
            var day = civil.date.advanced(byDays: time > civil.time ? -1 : 0)
            // A day whose start lies behind `UNTIL` is not chosen, the one before it may be.
            while let found = days.last(upTo: day, through: limit) {
                if let start = oneOff(days, found, time) { return start }
                day = found.advanced(byDays: -1)
            }
            return nil
        case .dates(let dates):
            return dates.last { $0.start <= civil && $0.start.date >= limit }
        }
    }

    private func oneOff(_ days: RecurrenceDays, _ day: CalendarDate, _ time: WallTime) -> OneOff? {
        let start = CivilDateTime(day, time)
        if case .civil(let last) = days.rule.until, start > last { return nil }
        return OneOff(start: start)
    }

    func nominalEnd(of window: OneOff) -> CivilDateTime {
        if let end = window.end { return end }
        switch length {
        case .wall(let seconds), .elapsed(let seconds): return window.start.advanced(bySeconds: seconds)
        case .until(let time):
            let isSameDay = time > window.start.time
            return CivilDateTime(window.start.date.advanced(byDays: isSameDay ? 0 : 1), time)
        }
    }

    /// The occurrences of a start (none, one or two), and a moment before which no later start begins.
    func resolve(_ window: OneOff) -> (occurrences: [WindowOccurrence], bound: Instant) {
        let match = zone.match(window.start)
        let begins: [Instant]
        let bound: Instant
        switch match {
        case .once(let instant): (begins, bound) = ([instant], instant)
        case .never(let transition, let shifted):
            bound = transition
            begins =
                switch policy.gap {
                case .transition: [transition]
                case .shifted: [shifted]
                case .skipped: []
                }
        case .twice(let first, let second):
            bound = first
            begins = repeats ? [first, second] : [first]
        }
        if exceptions.contains(where: { $0.covers(window.start) }) { return ([], bound) }
        let occurrences = begins.filter(isWithinUntil).map { start in
            WindowOccurrence(nominalStart: window.start, start: start, end: end(of: window, from: start))
        }
        return (occurrences, bound)
    }

    /// A schedule for every hour means the hours that pass, not the numbers on the clock.
    private var repeats: Bool {
        if case .cron(let cron) = starts, cron.isEveryHour { return true }
        return policy.repeatedStart == .both
    }

    private func isWithinUntil(_ start: Instant) -> Bool {
        guard case .recurrence(let days, _) = starts, case .instant(let last) = days.rule.until else { return true }
        return start <= last
    }

    private func end(of window: OneOff, from start: Instant) -> Instant {
        if case .elapsed(let seconds) = length, window.end == nil { return start.advanced(bySeconds: seconds) }
        switch zone.match(nominalEnd(of: window)) {
        case .once(let end): return end
        case .never(let transition, let shifted): return policy.gap == .shifted ? shifted : transition
        case .twice(let first, let second):
            // Where both starts count, each has the end that follows it.
            let isFirst = repeats ? first > start : policy.repeatedEnd == .first
            return isFirst ? first : second
        }
    }
}
