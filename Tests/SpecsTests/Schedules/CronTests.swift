import Specs
import Testing

@Suite("Cron expressions")
struct CronTests {
    @Test(
        "what an expression says of itself reads back as itself",
        arguments: [
            ("* * * * *", "* * * * *"), ("*/15 0-6 * * MON-FRI", "*/15 0-6 * * 1-5"),
            ("0 2 * * SUN#3", "0 2 * * SUN#3"),
            ("0,1,2 3 1,15 jan,Mar *", "0-2 3 1,15 1,3 *"), ("@daily", "0 0 * * *"), ("@weekly", "0 0 * * 0"),
            ("0-59 0-23 1-31 1-12 0-6", "* * 1-31 * 0-6"), ("5/20 ? ? ? ?", "5,25,45 * * * *"),
            ("0 0 */2 * *", "0 0 */2 * *"), ("0 0 */1 * SUN,MON#1", "0 0 * * 0,MON#1"),
            ("  0   2 * *  6 ", "0 2 * * 6"),
        ])
    func canonical(text: String, canonical: String) throws {
        let cron = try CronExpression.parse(text)
        #expect(cron.description == canonical)
        #expect(try CronExpression.parse(canonical) == cron)
    }

    @Test(
        "what is no cron expression",
        arguments: [
            ("", "the cron expression is empty (such as '0 2 * * SUN')"),
            ("* * * *", "it has 4 fields, expected 5 (minute, hour, day of month, month and day of week)"),
            ("0 0 0 * * *", "it has 6 fields, expected 5 (minute, hour, day of month, month and day of week)"),
            ("60 * * * *", "the minute '60' is above 59"), ("* 24 * * *", "the hour '24' is above 23"),
            ("* * 0 * *", "the day of month '0' is below 1"), ("* * * 13 *", "the month '13' is above 12"),
            ("* * * * 7", "the day of week '7' is above 6 (Sunday is 0 or SUN)"),
            ("* * * * XYZ", "the day of week 'XYZ' is not a number or name (write 0-6 or SUN-SAT)"),
            ("5 j * * *", "the hour 'j' is not a number (write 0-23)"),
            ("5-3 * * * *", "the minute '5-3' ends before it begins"),
            ("1-2-3 * * * *", "the minute '1-2-3' has two hyphens"),
            ("*/0 * * * *", "the minute '*/0' has the step '0' (a step is 1 or more)"),
            ("*/2/3 * * * *", "the minute '*/2/3' has two slashes"),
            ("1,,2 * * * *", "the minute has an empty part (write numbers with a single comma between them)"),
            ("-30 * * * *", "the minute '-30' is not a number (write 0-59)"),
            (
                "0 2 * * SUN#6",
                "the day of week 'SUN#6' does not say which of the month (write a day and 1-5, such as SUN#3; the last of a month is 'nth: -1' or BYDAY=-1SU)"
            ),
            ("0 2 * * MON-FRI#1", "the day of week 'MON-FRI#1' names more than one day"),
            ("0 2 L * *", "the day of month 'L' is not a number (write 1-31)"),
            (
                "CRON_TZ=Asia/Tokyo 0 2 * * *",
                "it names the time zone 'Asia/Tokyo' (write it into the field 'timeZone')"
            ),
            ("@dayly", "'@dayly' is not known (did you mean '@daily'?)"),
            (
                "@every 5m",
                "'@every 5m' has no place on the clock, since it would begin anew with every restart (write fields, such as '*/5 * * * *')"
            ),
        ])
    func noExpression(text: String, message: String) {
        let said = error { _ = try CronExpression.parse(text) }
        #expect(said == message)
    }

    @Test("the next and the last match are those that every minute, asked one by one, would give", arguments: 0..<12)
    func agreesWithCounting(seed: Int) throws {
        var numbers = SeededNumbers(UInt64(seed))
        let zone = try TimeZoneRules.named(
            ["UTC", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"][seed % 4])
        let cron = try CronExpression.parse(Self.randomText(&numbers))
        // Around days on which clocks are set.
        let start = try Instant.parse(
            ["2026-03-06T00:00:00Z", "2026-10-30T00:00:00Z", "2026-02-12T00:00:00Z"][seed % 3])
        var last: Instant?
        var pending: [Instant] = []
        for minute in 0..<(5 * 1440) {
            let now = start.advanced(bySeconds: Int64(minute) * 60)
            if Self.matches(cron, zone.civil(at: now)) {
                for waiting in pending {
                    #expect(cron.next(after: waiting, in: zone) == now, "\(cron) after \(waiting)")
                }
                (last, pending) = (now, [])
            }
            if minute % 61 == 0 {
                pending.append(now)
                if let last { #expect(cron.last(atOrBefore: now, in: zone) == last, "\(cron) before \(now)") }
            }
        }
    }

    private static func randomText(_ numbers: inout SeededNumbers) -> String {
        func pick(_ choices: [String]) -> String { choices.randomElement(using: &numbers) ?? "*" }
        return [
            pick(["0", "30", "*/7", "5,35", "59", "*"]), pick(["*", "0", "1-3", "*/5", "2", "23", "0,12"]),
            pick(["*", "*", "?", "1-7", "*/3", "31"]), pick(["*", "*", "2-3", "10,11"]),
            pick(["*", "*", "SUN", "MON-FRI", "0,6", "SUN#2", "FRI#1,TUE"]),
        ].joined(separator: " ")
    }

    private static func matches(_ cron: CronExpression, _ civil: CivilDateTime) -> Bool {
        let (_, month, day) = civil.date.components
        let weekday = civil.date.weekday.rawValue
        guard cron.minutes.values.contains(civil.time.minute), cron.hours.values.contains(civil.time.hour),
            cron.months.values.contains(month)
        else { return false }
        let byMonth = cron.daysOfMonth.values.contains(day)
        let isNth = cron.nthDaysOfWeek >> UInt64((day - 1) / 7 * 7 + weekday) & 1 == 1
        let byWeek = cron.daysOfWeek.values.contains(weekday) || isNth
        if cron.daysOfMonth.isStar { return byWeek }
        if cron.daysOfWeek.isStar { return byMonth }
        return byMonth || byWeek
    }

    @Test("the third Sunday is the third Sunday of every month")
    func thirdSunday() throws {
        let cron = try CronExpression.parse("0 2 * * SUN#3")
        var now = try Instant.parse("2026-01-01T00:00:00Z")
        var days: [String] = []
        while days.count < 6, let next = cron.next(after: now, in: .utc) {
            days.append(String(next.description.prefix(10)))
            now = next
        }
        #expect(days == ["2026-01-18", "2026-02-15", "2026-03-15", "2026-04-19", "2026-05-17", "2026-06-21"])
    }

    @Test("what never comes is nil in both directions", arguments: ["0 0 30 2 *", "0 0 31 4,6,9,11 *"])
    func never(text: String) throws {
        let cron = try CronExpression.parse(text)
        let now = try Instant.parse("2026-01-01T00:00:00Z")
        #expect(cron.next(after: now, in: .utc) == nil)
        #expect(cron.last(atOrBefore: now, in: .utc) == nil)
    }

    @Test("a state between two expressions lasts from the one to the other, without its end")
    func interval() throws {
        let nights = try CronInterval(start: .parse("0 20 * * *"), end: .parse("0 7 * * *"))
        let zone = try TimeZoneRules.named("Asia/Tokyo")
        for (time, isActive) in [("19:59:59", false), ("20:00:00", true), ("06:59:59", true), ("07:00:00", false)] {
            #expect(nights.isActive(at: try Instant.parse("2026-06-17T\(time)+09:00"), in: zone) == isActive)
        }
        let next = nights.nextChange(after: try Instant.parse("2026-06-17T12:00:00+09:00"), in: zone)
        #expect(next == (try Instant.parse("2026-06-17T20:00:00+09:00")))
        #expect(throws: InvalidText.self) { try CronInterval(start: .parse("0 1 * * *"), end: .parse("0 1 * * *")) }
    }
}
