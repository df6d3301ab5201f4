import Foundation
import Specs
import Testing

@Suite("Dates and times of day")
struct CalendarTests {
    @Test("the days of 1600 to 2400 follow each other as a calendar says")
    func everyDay() throws {
        var date = try #require(CalendarDate(year: 1600, month: 1, day: 1))
        // A Saturday, as every 400 years.
        var weekday = 6
        for year in 1600...2400 {
            for month in 1...12 {
                for day in 1...CalendarDate.days(inMonth: month, of: year) {
                    #expect(date.components == (year, month, day))
                    let known = CalendarDate(year: year, month: month, day: day)
                    if known != date || date.weekday.rawValue != weekday { Issue.record("\(year)-\(month)-\(day)") }
                    date = date.advanced(byDays: 1)
                    weekday = (weekday + 1) % 7
                }
            }
        }
        #expect(date.description == "2401-01-01")
    }

    @Test("days are counted from 1970", arguments: [("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016)])
    func days(text: String, days: Int) throws {
        #expect(try CalendarDate.parse(text).daysSince1970 == days)
        #expect(CalendarDate(daysSince1970: days).description == text)
    }

    @Test(
        "what is no date",
        arguments: [
            ("2026-02-29", "'2026-02-29' does not exist (2026-02 has 28 days)"),
            ("2026-13-01", "'2026-13-01' names the month 13 (months are 01-12)"),
            ("2026-1-1", "'2026-1-1' is not a date (write year-month-day, such as 2026-12-24)"),
            ("24.12.2026", "'24.12.2026' is not a date (write year-month-day, such as 2026-12-24)"),
            ("0000-01-01", "'0000-01-01' names the year 0"),
            ("", "the date is empty (such as '2026-12-24')"),
            ("２０２６-01-01", "'２' has no place in the date"),
        ])
    func noDate(text: String, message: String) {
        let said = error { _ = try CalendarDate.parse(text) }
        #expect(said == message)
    }

    @Test("times of day", arguments: [("00:00", 0), ("02:00", 7200), ("23:59", 86_340), ("02:00:30", 7230)])
    func times(text: String, second: Int) throws {
        let time = try WallTime.parse(text)
        #expect(time.secondOfDay == second)
        #expect(time.description == text)
    }

    @Test(
        "what is no time of day",
        arguments: [
            ("24:00", "'24:00' is not on the clock (midnight is 00:00)"),
            ("25:00", "'25:00' is not on the clock (hours are 00-23, minutes and seconds 00-59)"),
            ("12:60", "'12:60' is not on the clock (hours are 00-23, minutes and seconds 00-59)"),
            ("2:00", "'2:00' is not a time of day (write hours and minutes, such as 02:00 or 22:30)"),
            ("2am", "'2am' is not a time of day (write hours and minutes, such as 02:00 or 22:30)"),
        ])
    func noTime(text: String, message: String) {
        let said = error { _ = try WallTime.parse(text) }
        #expect(said == message)
    }

    @Test("a date and a time", arguments: ["2026-12-24T02:00", "1969-12-31T23:59:59", "0001-01-01T00:00"])
    func civil(text: String) throws { #expect(try CivilDateTime.parse(text).description == text) }

    @Test(
        "what is no date and time",
        arguments: [
            (
                "2026-12-24",
                "'2026-12-24' has no time of day (write date and time with a T between, such as 2026-12-24T02:00)"
            ),
            (
                "2026-12-24T02:00Z",
                "'2026-12-24T02:00Z' carries an offset (leave it out: the time zone is a field of its own)"
            ),
        ])
    func noCivil(text: String, message: String) {
        let said = error { _ = try CivilDateTime.parse(text) }
        #expect(said == message)
    }

    @Test(
        "moments",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2012-03-11T01:00:00-05:00", 1_331_445_600),
            ("2026-03-29T01:00:00.250Z", 1_774_746_000), ("1969-12-31T23:59:59Z", -1),
        ])
    func moments(text: String, seconds: Int64) throws {
        let instant = try Instant.parse(text)
        #expect(instant.secondsSince1970 == seconds)
        #expect(try Instant.parse(instant.description) == instant)
        #expect(Instant(wall: instant.wall) == instant)
    }

    @Test("a moment before 1970 belongs to the second that began before it")
    func floors() { #expect(Instant(wall: .milliseconds(-1500)).secondsSince1970 == -2) }

    @Test("no moment", arguments: ["2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00+9", "now"])
    func noMoment(text: String) { #expect(throws: InvalidText.self) { try Instant.parse(text) } }

    @Test("a moment in JSON is RFC 3339, and one that RFC 3339 cannot write the nearest that it can")
    func coding() throws {
        let moments: [(Int64, String)] = [
            (0, "1970-01-01T00:00:00Z"), (.max, "9999-12-31T23:59:59Z"), (.min, "0001-01-01T00:00:00Z"),
            (999_999_999_999_999, "9999-12-31T23:59:59Z"),
        ]
        for (seconds, text) in moments {
            let written = try JSONEncoder().encode([Instant(secondsSince1970: seconds)])
            #expect(String(decoding: written, as: UTF8.self) == "[\"\(text)\"]")
            #expect(try JSONDecoder().decode([Instant].self, from: written).first?.description == text)
        }
    }

    @Test("the days of the week have their names in full")
    func weekdays() throws {
        for day in Weekday.allCases { #expect(try Weekday.parse(day.description) == day) }
        expect({ _ = try Weekday.parse("Sun") }, says: "'Sun' is not a day of the week (did you mean 'sunday'?)")
        expect({ _ = try Weekday.parse("sonday") }, says: "'sonday' is not a day of the week (did you mean 'sunday'?)")
        #expect(error { _ = try Weekday.parse("x") }.hasPrefix("'x' is not a day of the week (write sunday, "))
    }
}
