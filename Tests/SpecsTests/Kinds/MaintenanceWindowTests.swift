import Specs
import Testing

@Suite("MaintenanceWindow")
struct MaintenanceWindowTests {
    private func windows() throws -> [Resource<MaintenanceWindow>] { try CompleteSpecs.load().maintenanceWindows }

    @Test("a complete document has every field")
    func complete() throws {
        var schedule = Schedule()
        schedule.rrule = try RecurrenceRule.parse("FREQ=MONTHLY;BYDAY=3SU")
        schedule.at = WallTime(hour: 2, minute: 0)
        schedule.start = CalendarDate(year: 2026, month: 1, day: 1)
        var expected = MaintenanceWindow(effect: .allow, schedule: schedule, duration: .seconds(4 * 3600))
        expected.timeZone = "Asia/Tokyo"
        expected.selector = LabelSelector(matchLabels: ["app": "everything"])
        expected.classes = [.disruptive, .safe]
        expected.notice = .seconds(24 * 3600)
        expected.exceptions = [
            try WindowSchedule.Exception.parse("2026-12-20"),
            try WindowSchedule.Exception.parse("2026-12-24..2027-01-02"),
        ]
        expected.overrun = .stop
        expected.manualSync = true
        #expect(try windows().first { $0.id.name == "third-sunday" }?.spec == expected)
    }

    @Test("what is left out has its default")
    func defaults() throws {
        let spec = try #require(try windows().first { $0.id.name == "freeze" }?.spec)
        var schedule = Schedule()
        schedule.dates = [try CivilDateTime.parse("2026-12-24T00:00"), try CivilDateTime.parse("2026-12-31T00:00")]
        #expect(spec == MaintenanceWindow(effect: .deny, schedule: schedule, duration: .seconds(48 * 3600)))
        #expect(spec.timeZone == "UTC" && spec.classes == [.destructive, .disruptive] && spec.notice == nil)
        #expect(spec.overrun == .finish && !spec.manualSync && spec.exceptions.isEmpty)
    }

    @Test(
        "three spellings of the third Sunday at two open at the same moments",
        arguments: [
            "\"0 2 * * SUN#3\"", "{cron: \"0 2 * * SUN#3\"}", "{weekday: sunday, nth: 3, at: \"02:00\"}",
            "{rrule: FREQ=MONTHLY;BYDAY=3SU, at: \"02:00\"}",
        ])
    func spellings(schedule: String) throws {
        let lines = "kind: allow\nschedule: \(schedule)\nduration: 4h\ntimeZone: Asia/Tokyo\nselector: {}"
        let text = [object("MaintenanceWindow", lines), pool, labelled].joined(separator: "\n---\n")
        let window = try #require(load(text).specs?.maintenanceWindows.first?.spec)
        let occurrences = try #require(window.occurrences(in: try .named("Asia/Tokyo")))
        let from = try Instant.parse("2026-01-01T00:00:00Z")
        let first = try #require(occurrences.occurrences(after: from, limit: 1).first)
        #expect(first.start.description == "2026-01-17T17:00:00Z")
        #expect(first.end.description == "2026-01-17T21:00:00Z")
    }

    @Test(
        "what is wrong is said at its place",
        arguments: [
            ("kind: allow", "kind: permit", "5:9: error: 'spec.kind' must be allow or deny, not 'permit'"),
            ("kind: allow\n", "", "5:3: error: 'spec' needs 'kind'"),
            (
                "duration: 4h", "duration: 4",
                "7:13: error: 'spec.duration' must be a duration such as 90s or 1h30m, not '4'"
            ),
            ("duration: 4h", "duration: 30s", "7:13: error: 'spec.duration' must be 1m to 744h, not '30s'"),
            ("selector: {}", "labels: {}", "5:3: error: 'spec' needs 'selector'"),
            (
                "selector: {}", "selector: {}\nclasses: [disruptive, dangerous]",
                "9:25: error: 'spec.classes.1' must be safe, disruptive or destructive, not 'dangerous'"
            ),
            (
                "selector: {}", "selector: {}\nclasses: [safe, safe]",
                "9:19: error: class 'safe' is listed twice, first at web.yaml:9:13"
            ),
            (
                "selector: {}", "selector: {}\nclasses: []",
                "9:12: error: 'spec.classes' must have at least one item (leave it out for the default)"
            ),
            (
                "selector: {}", "selector: {}\nexceptions: [christmas]", "9:16: error: 'spec.exceptions.0': "
            ),
            (
                "selector: {}", "selector: {}\noverrun: kill",
                "9:12: error: 'spec.overrun' must be finish or stop, not 'kill'"
            ),
            (
                "selector: {}", "selector: {}\ntimeZone: Mars/Olympus", "9:13: error: 'Mars/Olympus' is not a time zone"
            ),
            (
                "schedule: \"0 2 * * SUN#3\"", "schedule: \"0 2 * * SUN#6\"", "6:13: error: 'spec.schedule': "
            ),
            (
                "schedule: \"0 2 * * SUN#3\"", "schedule: \"0 2 31 4 *\"",
                "6:13: error: the schedule of MaintenanceWindow/x never comes: 0 2 31 4 * for 4h, UTC"
            ),
            (
                "schedule: \"0 2 * * SUN#3\"",
                "schedule: {dates: [2026-12-24T00:00]}\nexceptions: [2026-12-20..2026-12-31]",
                "6:13: error: the schedule of MaintenanceWindow/x never comes: "
            ),
        ])
    func mistakes(right: String, wrong: String, expected: String) {
        let lines = "kind: allow\nschedule: \"0 2 * * SUN#3\"\nduration: 4h\nselector: {}"
        #expect(problems(of: "MaintenanceWindow", lines) == [])
        let found = problems(of: "MaintenanceWindow", lines.replacing(right, with: wrong))
        #expect(found.count >= 1 && found[0].hasPrefix(expected), "\(found)")
    }
}
