import Reconciler
import Specs
import Testing

/// Calendars, and what calendar programs are given.
struct WindowCalendarTests {
    @Test("openings and freezes come in the order of time, one that is open now with the start that it had")
    func entries() throws {
        let freeze = try Wall.window("freeze", .deny, cron: "0 0 20 11 *", for: .seconds(2 * 86_400))
        let set = WindowSet([try Wall.thirdSunday(), freeze])
        let calendar = WindowCalendar(set, from: try Wall.at("2026-11-21T13:00:00Z"), days: 60)
        #expect(
            calendar.entries.map { "\($0.window) \($0.start) \($0.end.map(\.description) ?? "-")" } == [
                "freeze 2026-11-20T00:00:00Z 2026-11-22T00:00:00Z",
                "third-sunday 2026-12-19T17:00:00Z 2026-12-19T21:00:00Z",
                "third-sunday 2027-01-16T17:00:00Z 2027-01-16T21:00:00Z",
            ])
    }

    @Test("an opening of which the clock leaves nothing is listed as skipped")
    func skipped() throws {
        // 02:15 to 02:45 does not come on the day on which the clock is put forward from 02:00 to 03:00.
        let window = try Wall.window("short", cron: "15 2 * * *", for: .seconds(1_800), in: "America/New_York")
        let calendar = WindowCalendar(WindowSet([window]), from: try Wall.at("2026-03-07T12:00:00Z"), days: 2)
        #expect(calendar.entries.map(\.isSkipped) == [true, false])
    }

    @Test("a window that never shuts again has no end")
    func always() throws {
        let window = try Wall.window("always", cron: "0 * * * *", for: .seconds(7_200))
        let calendar = WindowCalendar(WindowSet([window]), from: try Wall.at("2026-03-07T12:00:00Z"), days: 10)
        #expect(calendar.entries.count == 1 && calendar.entries.first?.end == nil)
    }

    @Test("each opening is announced once, however often somebody looks")
    func announcements() throws {
        let nights = try Wall.window("nights", cron: "0 2 * * *") { $0.notice = .seconds(86_400) }
        let quiet = try Wall.window("quiet", cron: "0 2 * * *")
        let set = WindowSet([nights, quiet])
        let start = try Wall.at("2026-11-20T00:00:00Z")
        var found: [Instant] = []
        for step in 0..<(3 * 24 * 4) {
            let from = start.advanced(bySeconds: Int64(step) * 900)
            found += WindowCalendar.announcements(of: set, after: from, through: from.advanced(bySeconds: 900)).map(
                \.start)
        }
        #expect(found.map(\.description) == ["2026-11-21T02:00:00Z", "2026-11-22T02:00:00Z", "2026-11-23T02:00:00Z"])
    }

    @Test("as a calendar file: CRLF, UTC, folded lines, escaped text, stable names, and an alarm for the notice")
    func file() throws {
        var third = try Wall.thirdSunday()
        var spec = third.spec
        spec.notice = .seconds(86_400)
        third = Window("third-sunday", spec, third.schedule, at: third.origin)
        let calendar = WindowCalendar(WindowSet([third]), from: try Wall.at("2026-11-21T13:00:00Z"), days: 30)
        let text = CalendarText.text(calendar, made: try Wall.at("2026-11-21T13:00:00Z"), version: "0.1.0")
        #expect(
            text.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init) == [
                "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//reconcile//reconcile 0.1.0//EN", "CALSCALE:GREGORIAN",
                "METHOD:PUBLISH", "X-WR-CALNAME:Maintenance windows", "BEGIN:VEVENT",
                "UID:third-sunday-20261219T170000Z@maintenancewindow.reconcile.dev", "DTSTAMP:20261121T130000Z",
                "DTSTART:20261219T170000Z", "DTEND:20261219T210000Z",
                "SUMMARY:third-sunday: disruptive and destructive changes may be made",
                "DESCRIPTION:Sun 2026-12-20 02:00 Asia/Tokyo to Sun 2026-12-20 06:00 Asia/To",
                " kyo\\nMaintenanceWindow/third-sunday", "CATEGORIES:OPENING", "TRANSP:TRANSPARENT", "BEGIN:VALARM",
                "ACTION:DISPLAY", "DESCRIPTION:third-sunday: disruptive and destructive changes may be made",
                "TRIGGER:-PT86400S", "END:VALARM", "END:VEVENT", "END:VCALENDAR", "",
            ])
        #expect(text.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 75 })
    }
}
