import Specs
import Testing

@Suite("Recurrence rules")
struct RecurrenceTests {
    @Test(
        "what a rule says of itself reads back as itself",
        arguments: [
            ("FREQ=MONTHLY;BYDAY=3SU", "FREQ=MONTHLY;BYDAY=3SU"),
            ("BYDAY=TU,MO;FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO,TU"),
            ("FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SA", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA;WKST=SU"),
            ("FREQ=MONTHLY;BYMONTHDAY=-1,15;COUNT=5", "FREQ=MONTHLY;BYMONTHDAY=-1,15;COUNT=5"),
            (
                "FREQ=YEARLY;BYMONTH=12,3;BYDAY=-1SU;UNTIL=20301231",
                "FREQ=YEARLY;BYMONTH=3,12;BYDAY=-1SU;UNTIL=20301231"
            ),
            ("FREQ=DAILY;INTERVAL=1;UNTIL=20301231T235959Z", "FREQ=DAILY;UNTIL=20301231T235959Z"),
            ("FREQ=DAILY;UNTIL=20301231T020000", "FREQ=DAILY;UNTIL=20301231T020000"),
            ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1"),
        ])
    func canonical(text: String, canonical: String) throws {
        let rule = try RecurrenceRule.parse(text)
        #expect(rule.description == canonical)
        #expect(try RecurrenceRule.parse(canonical) == rule)
    }

    @Test(
        "what is no rule",
        arguments: [
            ("", "the recurrence rule is empty (such as 'FREQ=MONTHLY;BYDAY=3SU')"),
            ("RRULE:FREQ=DAILY", "it begins with 'RRULE:' (leave that out)"),
            ("BYDAY=SU", "FREQ is missing (one of DAILY, WEEKLY, MONTHLY or YEARLY)"),
            ("FREQ=HOURLY", "FREQ is 'HOURLY' (a rule chooses days; use cron for more than one time a day)"),
            (
                "FREQ=DAILY;BYHOUR=2",
                "'BYHOUR' is not a part of a recurrence rule (the time of day is a field of its own)"
            ),
            (
                "FREQ=YEARLY;BYWEEKNO=2",
                "'BYWEEKNO' is not a part of a recurrence rule (name the days by BYMONTH, BYMONTHDAY and BYDAY)"
            ),
            ("FREQ=DAILY;BYDAYS=SU", "'BYDAYS' is not a part of a recurrence rule (did you mean 'BYDAY'?)"),
            ("FREQ=DAILY;", "'' is not NAME=VALUE (such as FREQ=MONTHLY;BYDAY=3SU)"),
            ("FREQ=DAILY;FREQ=DAILY", "FREQ stands there twice"),
            ("FREQ=DAILY;INTERVAL=0", "INTERVAL is '0' (write 1 to 1000)"),
            ("FREQ=MONTHLY;BYDAY=0SU", "BYDAY is '0SU' (write SU, MO, TU, WE, TH, FR or SA, such as SU, 3SU or -1SU)"),
            ("FREQ=MONTHLY;BYDAY=6SU", "no month has the day '6SU' (write 1 to 5, or -1 for the last)"),
            ("FREQ=WEEKLY;BYDAY=3SU", "BYDAY counts days of a month, and FREQ is WEEKLY (write FREQ=MONTHLY)"),
            ("FREQ=WEEKLY;BYMONTHDAY=3", "BYMONTHDAY does not go with FREQ=WEEKLY (write FREQ=MONTHLY or FREQ=DAILY)"),
            ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY is '32' (write 1 to 31, or -31 to -1 from the end)"),
            ("FREQ=MONTHLY;BYMONTH=-1", "BYMONTH is '-1' (write 1 to 12)"),
            (
                "FREQ=MONTHLY;BYSETPOS=1",
                "BYSETPOS chooses among days, and nothing names them (add BYDAY or BYMONTHDAY)"
            ),
            ("FREQ=DAILY;COUNT=2;UNTIL=20260101", "it has both UNTIL and COUNT (leave one out)"),
            (
                "FREQ=DAILY;UNTIL=2026-01-01",
                "UNTIL is '2026-01-01' (write a day such as 20261231, or a moment such as 20261231T235959Z)"
            ),
            (
                "FREQ=DAILY;UNTIL=20260230",
                "UNTIL is '20260230' (write a day such as 20261231, or a moment such as 20261231T235959Z)"
            ),
        ])
    func noRule(text: String, message: String) {
        let said = error { _ = try RecurrenceRule.parse(text) }
        #expect(said == message)
    }

    private struct Case: Decodable {
        var rrule: String
        var start: String
        var end: String
        var days: String
    }

    private static func date(_ text: some StringProtocol) throws -> CalendarDate {
        try CalendarDate.parse("\(text.prefix(4))-\(text.dropFirst(4).prefix(2))-\(text.suffix(2))")
    }

    /// Where dateutil counts BYSETPOS among the days from the start on, in the week of the start only.
    ///
    /// RFC 5545 counts among all days of the interval, as dateutil itself does for months and years.
    private static let countedFromStart: Set = [
        "FREQ=WEEKLY;BYDAY=WE,TU;BYSETPOS=2;WKST=WE",
        "FREQ=WEEKLY;BYDAY=SU,MO,SA,WE;BYSETPOS=3;UNTIL=20260521;WKST=SU",
    ]

    @Test("the days are those that dateutil chooses, in both directions")
    func agreesWithDateutil() throws {
        let cases = try Vectors.cases("recurrence", as: Case.self)
        #expect(cases.count == 240)
        #expect(Set(cases.map(\.rrule)).isSuperset(of: Self.countedFromStart))
        for vector in cases where !Self.countedFromStart.contains(vector.rrule) {
            let days = RecurrenceDays(try RecurrenceRule.parse(vector.rrule), from: try Self.date(vector.start))
            let limit = try Self.date(vector.end)
            let expected = try vector.days.split(separator: " ").map { try Self.date($0) }
            var found: [CalendarDate] = []
            var day = days.start.advanced(byDays: -400)
            while found.count < 15, let next = days.next(after: day, through: limit) {
                found.append(next)
                day = next
            }
            #expect(found == expected, "\(vector.rrule) from \(vector.start)")
            guard var back = found.last else { continue }
            var reversed = [back]
            while let previous = days.last(upTo: back.advanced(byDays: -1), through: days.start.advanced(byDays: -9)) {
                reversed.append(previous)
                back = previous
            }
            #expect(reversed.reversed() == expected, "\(vector.rrule) back to \(vector.start)")
        }
    }

    @Test("a position counts among all days of the week, also of the one in which the rule starts")
    func positionInFirstWeek() throws {
        // The week begins on Wednesday, 30 October 2024; the start is its second chosen day, and its last.
        let days = RecurrenceDays(
            try .parse("FREQ=WEEKLY;BYDAY=WE,TU;BYSETPOS=2;WKST=WE"), from: try .parse("2024-11-05"))
        let limit = try CalendarDate.parse("2024-11-30")
        var found: [CalendarDate] = []
        var day = days.start.advanced(byDays: -30)
        while let next = days.next(after: day, through: limit) {
            found.append(next)
            day = next
        }
        #expect(found.map(\.description) == ["2024-11-05", "2024-11-12", "2024-11-19", "2024-11-26"])
    }

    @Test("the friendly spelling is the third Sunday")
    func friendly() throws {
        #expect(try RecurrenceRule.nth(3, .sunday) == RecurrenceRule.parse("FREQ=MONTHLY;BYDAY=3SU"))
        #expect(RecurrenceRule.every(.sunday).description == "FREQ=WEEKLY;BYDAY=SU")
        expect(
            { _ = try RecurrenceRule.nth(6, .sunday) },
            says: "no month has a sunday number 6 (nth is 1 to 5, or -1 for the last)")
    }

    @Test(
        "a rule says whether it depends on its start",
        arguments: [
            ("FREQ=MONTHLY;BYDAY=3SU", false), ("FREQ=DAILY", false), ("FREQ=DAILY;INTERVAL=2", true),
            ("FREQ=WEEKLY", true), ("FREQ=YEARLY;BYMONTH=3", true), ("FREQ=YEARLY;BYMONTHDAY=1", false),
            ("FREQ=DAILY;COUNT=3", true),
        ])
    func needsStart(text: String, needs: Bool) throws { #expect(try RecurrenceRule.parse(text).needsStart == needs) }
}
