import Reconciler
import Specs

/// A window of kured: days, a start and an end, where the day is that of the moment and the end's second is included.
///
/// Across midnight those are two windows of ours: the evening and the morning of each of the days.
enum WeekdayCase {
    static func run(_ fields: StepFields) throws(VectorError) {
        let now = try WindowCases.moment("now", fields)
        let (name, days) = (try fields.string("zone"), try weekdays(try fields.string("days")))
        let (start, end) = (try time(try fields.string("start")), try time(try fields.string("end")))
        let schedules: [WindowSchedule]
        do throws(InvalidText) {
            let zone = try WindowCases.zone(name)
            func schedule(_ from: Int, _ length: WindowSchedule.Length) -> WindowSchedule? {
                guard let at = WallTime(hour: from / 3600, minute: from / 60 % 60, second: from % 60) else {
                    return nil
                }
                let rule = RecurrenceRule(.weekly, days: days.map { RecurrenceRule.Day($0) })
                return WindowSchedule(
                    .recurrence(RecurrenceDays(rule, from: CalendarDate(daysSince1970: 0)), at: at), length, zone: zone)
            }
            let parts =
                start <= end
                ? [schedule(start, .wall(Int64(end - start + 1)))]
                : [schedule(start, .until(.midnight)), schedule(0, .wall(Int64(end + 1)))]
            schedules = parts.compactMap(\.self)
        } catch {
            throw VectorError("\(error)")
        }
        try expect(.bool(schedules.contains { $0.isOpen(at: now) }), fields["expected"])
    }

    /// `mon-fri`, `mon,we,fri`, `sat`
    private static func weekdays(_ text: String) throws(VectorError) -> [Weekday] {
        var found: [Weekday] = []
        for part in text.split(separator: ",") {
            let ends = try part.split(separator: "-").map { (word) throws(VectorError) in
                let name = word.filter { $0 != " " }.lowercased()
                guard let day = Weekday.allCases.first(where: { $0.description.hasPrefix(name) }), !name.isEmpty else {
                    throw VectorError("'\(word)' is not a day")
                }
                return day.rawValue
            }
            guard let first = ends.first, let last = ends.last else { throw VectorError("'\(part)' is no days") }
            for number in first...(last < first ? last + 7 : last) {
                if let day = Weekday(rawValue: number % 7) { found.append(day) }
            }
        }
        return found
    }

    /// Seconds of `9am`, `5pm`, `11:30am`, `10:01`, `23:59:59`, `00:01am`.
    private static func time(_ text: String) throws(VectorError) -> Int {
        var digits = text.lowercased().filter { $0 != " " }[...]
        let isPM = digits.hasSuffix("pm")
        let isAM = digits.hasSuffix("am")
        if isPM || isAM { digits = digits.dropLast(2) }
        let numbers = digits.split(separator: ":").map { Int($0) ?? -1 }
        guard (1...3).contains(numbers.count), numbers.allSatisfy({ $0 >= 0 }) else {
            throw VectorError("'\(text)' is not a time of day")
        }
        var hour = numbers[0]
        if isPM, hour < 12 { hour += 12 }
        if isAM, hour == 12 { hour = 0 }
        return hour * 3600 + (numbers.count > 1 ? numbers[1] : 0) * 60 + (numbers.count > 2 ? numbers[2] : 0)
    }
}
