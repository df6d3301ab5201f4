import Specs
import Testing

@Suite("When windows are open")
struct WindowScheduleTests {
    private func instant(_ text: String) throws -> Instant { try Instant.parse(text) }

    private func thirdSunday(_ exceptions: [String] = []) throws -> WindowSchedule {
        let days = RecurrenceDays(try .nth(3, .sunday), from: CalendarDate(daysSince1970: 0))
        let at = try WallTime.parse("02:00")
        return WindowSchedule(
            .recurrence(days, at: at), .wall(4 * 3600), zone: try .named("Asia/Tokyo"),
            exceptions: try exceptions.map(WindowSchedule.Exception.parse))
    }

    private func cron(_ text: String, _ length: WindowSchedule.Length, _ zone: String = "UTC") throws -> WindowSchedule
    {
        WindowSchedule(.cron(try .parse(text)), length, zone: try .named(zone))
    }

    @Test("the third Sunday in Tokyo opens at 02:00 there and shuts at 06:00")
    func third() throws {
        let schedule = try thirdSunday()
        let transitions = schedule.transitions(after: try instant("2026-11-22T00:00:00Z"), limit: 3)
        #expect(
            transitions.map { "\($0.at) \($0.opens)" }
                == ["2026-12-19T17:00:00Z true", "2026-12-19T21:00:00Z false", "2027-01-16T17:00:00Z true"])
        #expect(schedule.description == "FREQ=MONTHLY;BYDAY=3SU at 02:00 for 4h, Asia/Tokyo")
    }

    @Test("the same as a cron expression opens at the same moments")
    func sameAsCron() throws {
        let now = try instant("2026-01-01T00:00:00Z")
        let byCron = try cron("0 2 * * SUN#3", .wall(4 * 3600), "Asia/Tokyo")
        #expect(byCron.occurrences(after: now, limit: 24) == (try thirdSunday()).occurrences(after: now, limit: 24))
    }

    @Test(
        "a day that is excepted has no window, another that overlaps it has",
        arguments: ["2026-12-20", "2026-12-20T02:00", "2026-12-01..2026-12-31"])
    func excepted(exception: String) throws {
        let schedule = try thirdSunday([exception])
        #expect(schedule.nextOpening(after: try instant("2026-11-22T00:00:00Z"))?.description == "2027-01-16T17:00:00Z")
        #expect(!schedule.isOpen(at: try instant("2026-12-19T18:00:00Z")))
        #expect(schedule.description.hasSuffix(", except \(exception)"))
        let long = WindowSchedule(
            .cron(try .parse("0 0 * * *")), .wall(30 * 3600), zone: .utc, exceptions: [try .parse("2026-12-20")])
        #expect(long.isOpen(at: try instant("2026-12-20T05:59:59Z")))
        #expect(!long.isOpen(at: try instant("2026-12-20T06:00:00Z")))
    }

    @Test(
        "what is no exception",
        arguments: [
            ("2026-12-24..2026-12-20", "'2026-12-24..2026-12-20' ends before it begins"),
            (
                "2026-12-24..2026-12-25..2026-12-26",
                "'2026-12-24..2026-12-25..2026-12-26' has more than two dates (such as 2026-12-24..2027-01-02)"
            ),
            ("christmas", "'christmas' is not a date (write year-month-day, such as 2026-12-24)"),
        ])
    func noException(text: String, message: String) {
        let said = error { _ = try WindowSchedule.Exception.parse(text) }
        #expect(said == message)
    }

    @Test("dates open once, each until its own end or for the common length")
    func dates() throws {
        let schedule = WindowSchedule(
            .dates([
                .init(start: try .parse("2027-01-01T00:00")),
                .init(start: try .parse("2026-12-20T00:00"), end: try .parse("2026-12-27T00:00")),
                .init(start: try .parse("2026-12-24T00:00")),
            ]), .wall(3600), zone: try .named("Europe/Berlin"))
        let transitions = schedule.transitions(after: try instant("2026-01-01T00:00:00Z"), limit: 9)
        #expect(
            transitions.map { "\($0.at) \($0.opens)" } == [
                "2026-12-19T23:00:00Z true", "2026-12-26T23:00:00Z false", "2026-12-31T23:00:00Z true",
                "2027-01-01T00:00:00Z false",
            ])
        #expect(schedule.isOpen(at: try instant("2026-12-26T22:59:59Z")))
        #expect(schedule.neverOpens(from: try instant("2027-01-01T00:00:00Z")))
        #expect(!schedule.neverOpens(from: try instant("2026-12-31T23:59:59Z")))
    }

    @Test("a window that never opens is found out", arguments: ["0 0 30 2 *", "0 0 31 4 *"])
    func never(text: String) throws {
        #expect(try cron(text, .wall(3600)).neverOpens(from: try instant("2026-01-01T00:00:00Z")))
    }

    @Test("a window that never shuts has no next opening, and is not said never to open")
    func always() throws {
        let now = try instant("2026-01-01T12:00:00Z")
        for (text, hours) in [("0 0 * * *", 24), ("* * * * *", 2), ("0 * * * *", 1)] as [(String, Int64)] {
            let schedule = try cron(text, .wall(hours * 3600), "America/New_York")
            #expect(schedule.isOpen(at: now))
            #expect(schedule.closing(from: now, mostSteps: 2_000) == nil, "\(text)")
            #expect(!schedule.neverOpens(from: now))
        }
        let daily = try cron("0 0 * * *", .wall(24 * 3600), "America/New_York")
        #expect(daily.nextOpening(after: now) == nil)
    }

    @Test("a window of one day in a year has as many occurrences as are asked for")
    func yearly() throws {
        let start = try instant("2026-01-01T00:00:00Z")
        let found = try cron("0 2 17 6 *", .wall(3600)).occurrences(after: start, limit: 12)
        #expect(found.map { $0.nominalStart.date.year } == Array(2026...2037))
    }

    @Test("occurrences that overlap are one opening")
    func overlapping() throws {
        let schedule = try cron("* 10 * * *", .wall(2 * 3600))
        let transitions = schedule.transitions(after: try instant("2026-06-17T00:00:00Z"), limit: 2)
        #expect(transitions.map(\.at.description) == ["2026-06-17T10:00:00Z", "2026-06-17T12:59:00Z"])
    }

    @Test("every hour means the hours that pass, also on the day that has 25")
    func everyHour() throws {
        let schedule = try cron("0 * * * *", .wall(1800), "America/New_York")
        let found = schedule.occurrences(after: try instant("2026-11-01T04:30:00Z"), limit: 4)
        #expect(
            found.map { "\($0.start) \($0.end)" } == [
                "2026-11-01T05:00:00Z 2026-11-01T05:30:00Z", "2026-11-01T06:00:00Z 2026-11-01T06:30:00Z",
                "2026-11-01T07:00:00Z 2026-11-01T07:30:00Z", "2026-11-01T08:00:00Z 2026-11-01T08:30:00Z",
            ])
    }

    @Test("a window inside the hour that is skipped is reported as empty, and does not open")
    func emptied() throws {
        let schedule = try cron("30 2 * * *", .wall(900), "America/New_York")
        let now = try instant("2026-03-08T05:00:00Z")
        let all = schedule.occurrences(after: now, limit: 2, includingEmpty: true)
        #expect(all.map(\.isEmpty) == [true, false])
        #expect(all.map(\.nominalStart.description) == ["2026-03-08T02:30", "2026-03-09T02:30"])
        #expect(schedule.nextOpening(after: now)?.description == "2026-03-09T06:30:00Z")
    }

    @Test("on every day of 2026 and 2027 in six zones, searching and asking agree", arguments: LocalTimeCase.all)
    func consistent(sample: LocalTimeCase) throws {
        let zone = try TimeZoneRules.named(sample.zone)
        let schedule = WindowSchedule(.cron(try .parse(sample.cron)), sample.length, zone: zone, policy: sample.policy)
        let start = try instant("2026-01-01T00:00:00Z")
        let end = try instant("2028-01-01T00:00:00Z")
        let occurrences = schedule.occurrences(after: start, limit: 800).filter { $0.start < end }
        #expect(occurrences.count > 720)
        for (index, (one, next)) in zip(occurrences, occurrences.dropFirst()).enumerated() {
            #expect(one.start <= next.start)
            // None lasts longer than a day, so that others do not reach this far.
            let around = occurrences[max(0, index - 3)..<min(occurrences.count, index + 5)]
            // The neighbourhood of every boundary.
            for moment in [one.start, one.end, next.start] {
                for near in [moment.advanced(bySeconds: -1), moment] where near > start {
                    let expected = around.contains { $0.contains(near) }
                    #expect(schedule.isOpen(at: near) == expected, "\(sample) at \(near)")
                }
            }
        }
    }

    @Test("a rule ends with the moment that UNTIL names")
    func until() throws {
        let now = try instant("2026-06-01T00:00:00Z")
        for (until, count) in [
            ("20260603", 3), ("20260603T010000", 2), ("20260602T180000Z", 2), ("20260602T170000Z", 2),
        ] {
            let days = RecurrenceDays(try .parse("FREQ=DAILY;UNTIL=\(until)"), from: try .parse("2026-06-01"))
            let schedule = WindowSchedule(
                .recurrence(days, at: try .parse("02:00")), .wall(60), zone: try .named("Asia/Tokyo"))
            let first = now.advanced(bySeconds: -86_400)
            let expected = until == "20260602T180000Z" || until == "20260602T170000Z" ? 3 : count
            #expect(schedule.occurrences(after: first, limit: 9).count == expected, "\(until)")
        }
    }
}

/// A daily window near the hours at which clocks are set.
struct LocalTimeCase: Sendable, CustomTestStringConvertible {
    var zone: String
    var cron: String
    var length: WindowSchedule.Length
    var policy: LocalTimePolicy

    var testDescription: String { "\(zone) \(cron) \(length)" }

    static let all: [LocalTimeCase] = [
        "America/New_York", "Europe/London", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tokyo",
        "America/Santiago",
    ].flatMap { zone in
        [
            LocalTimeCase(zone: zone, cron: "30 1 * * *", length: .wall(2700), policy: .allow),
            LocalTimeCase(zone: zone, cron: "15 2 * * *", length: .wall(3600), policy: .deny),
            LocalTimeCase(zone: zone, cron: "30 0 * * *", length: .wall(23 * 3600), policy: .calendar),
            LocalTimeCase(zone: zone, cron: "0 1 * * *", length: .elapsed(5400), policy: .cron),
        ]
    }
}
