import Specs
import Testing

@Suite("Time zones")
struct TimeZoneTests {
    private func civil(_ text: String) throws -> CivilDateTime { try CivilDateTime.parse(text) }
    private func instant(_ text: String) throws -> Instant { try Instant.parse(text) }

    @Test(
        "what the clock shows",
        arguments: [
            ("Asia/Tokyo", "2026-12-20T00:00:00Z", "2026-12-20T09:00"),
            ("Asia/Kathmandu", "2026-12-20T00:00:00Z", "2026-12-20T05:45"),
            ("America/New_York", "2026-03-08T06:59:59Z", "2026-03-08T01:59:59"),
            ("America/New_York", "2026-03-08T07:00:00Z", "2026-03-08T03:00"),
            // Behind the last listed change, by the rule for the future.
            ("America/New_York", "2099-07-01T12:00:00Z", "2099-07-01T08:00"),
            ("Australia/Lord_Howe", "2099-01-01T12:00:00Z", "2099-01-01T23:00"),
            ("Europe/Dublin", "2099-07-01T12:00:00Z", "2099-07-01T13:00"),
            ("Asia/Gaza", "2150-01-01T12:00:00Z", "2150-01-01T14:00"),
            // Before the first, by the sun.
            ("Europe/Berlin", "1800-01-01T00:00:00Z", "1800-01-01T00:53:28"),
            // A day that was left out.
            ("Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-29T23:59:59"),
            ("Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T00:00"),
        ])
    func shows(zone: String, at moment: String, shown: String) throws {
        #expect(try TimeZoneRules.named(zone).civil(at: instant(moment)).description == shown)
    }

    @Test("a time that the clock skips has the change, and the moment by the offset before")
    func gap() throws {
        let zone = try TimeZoneRules.named("Europe/London")
        #expect(
            zone.match(try civil("2026-03-29T01:30"))
                == .never(transition: try instant("2026-03-29T01:00:00Z"), shifted: try instant("2026-03-29T01:30:00Z"))
        )
        #expect(zone.match(try civil("2026-03-29T00:59:59")) == .once(try instant("2026-03-29T00:59:59Z")))
        #expect(zone.match(try civil("2026-03-29T02:00")) == .once(try instant("2026-03-29T01:00:00Z")))
    }

    @Test("a time that the clock shows twice has both moments")
    func overlap() throws {
        let zone = try TimeZoneRules.named("Australia/Lord_Howe")
        let match = zone.match(try civil("2026-04-05T01:45"))
        #expect(
            match == .twice(first: try instant("2026-04-04T14:45:00Z"), second: try instant("2026-04-04T15:15:00Z")))
        #expect(zone.match(try civil("2026-04-05T01:29:59")) == .once(try instant("2026-04-04T14:29:59Z")))
        #expect(zone.match(try civil("2026-04-05T02:00")) == .once(try instant("2026-04-04T15:30:00Z")))
    }

    @Test("a day that was left out is a gap of 24 hours")
    func leftOut() throws {
        let match = try TimeZoneRules.named("Pacific/Apia").match(try civil("2011-12-30T12:00"))
        #expect(
            match
                == .never(transition: try instant("2011-12-30T10:00:00Z"), shifted: try instant("2011-12-30T22:00:00Z"))
        )
    }

    @Test("in every zone, the wall and real time agree with each other")
    func everyZone() throws {
        var numbers = SeededNumbers(20_260_329)
        let names = zones.names()
        #expect(names.count > 400)
        for name in names {
            let zone = try TimeZoneRules.named(name)
            for _ in 0..<40 {
                // 1850 to 2150.
                try check(zone, Instant(secondsSince1970: .random(in: -3_786_912_000..<5_680_281_600, using: &numbers)))
            }
        }
    }

    /// A random moment, and the changes of the clock around it.
    private func check(_ zone: TimeZoneRules, _ instant: Instant) throws {
        expectFound(zone, instant)
        let segment = zone.segment(at: instant)
        if let start = segment.start { #expect(zone.segment(at: start) == segment) }
        guard let end = segment.end else { return }
        let next = zone.segment(at: end)
        #expect(next.start == end, "\(zone.name) \(end)")
        expectFound(zone, end)
        expectFound(zone, end.advanced(bySeconds: -1))
        let (before, after) = (segment.civil(at: end), next.civil(at: end))
        let jump = after.secondsSince1970 - before.secondsSince1970
        if jump > 0 {
            let match = zone.match(before.advanced(bySeconds: jump / 2))
            let shifted = end.advanced(bySeconds: jump / 2)
            #expect(match == .never(transition: end, shifted: shifted), "\(zone.name) \(end)")
        } else if jump < 0 {
            let match = zone.match(before.advanced(bySeconds: jump / 2))
            guard case .twice(let first, let second) = match else {
                Issue.record("\(zone.name) \(end) \(match)")
                return
            }
            #expect(first < end && end <= second)
        }
    }

    private func expectFound(_ zone: TimeZoneRules, _ instant: Instant) {
        switch zone.match(zone.civil(at: instant)) {
        case .once(let found): #expect(found == instant, "\(zone.name)")
        case .twice(let first, let second): #expect(first == instant || second == instant, "\(zone.name)")
        case .never: Issue.record("\(zone.name) skips \(instant), which it showed")
        }
    }

    @Test(
        "a name that is none comes with the one that was meant",
        arguments: [
            ("Asia/Tokio", "'Asia/Tokio' is not a time zone (did you mean 'Asia/Tokyo'?)"),
            (
                "JST",
                "'JST' is not a time zone (write a name of the IANA database, such as Asia/Tokyo or Europe/Berlin; abbreviations are ambiguous)"
            ),
            ("asia/tokyo", "'asia/tokyo' is not a time zone (did you mean 'Asia/Tokyo'?)"),
            ("Tokyo", "'Tokyo' is not a time zone (did you mean 'Asia/Tokyo'?)"),
            ("America/New York", "'America/New York' is not a time zone (did you mean 'America/New_York'?)"),
            ("../../etc/passwd", "'../../etc/passwd' is not a time zone (write a name of the IANA database"),
            ("/usr/share/zoneinfo/UTC", "'/usr/share/zoneinfo/UTC' is not a time zone"),
            ("posix/Asia/Tokyo", "'posix/Asia/Tokyo' is not a time zone"),
            ("localtime", "'localtime' is not a time zone"),
            ("tzdata.zi", "'tzdata.zi' is not a time zone"),
            ("Europe", "'Europe' is not a time zone"),
            ("UTC+9", "'UTC+9' is not a time zone (an offset knows no daylight saving; write a place"),
            ("+09:00", "'+09:00' is not a time zone (an offset knows"),
            ("JSTT", "'JSTT' is not a time zone"),
            ("", "the time zone is empty (such as 'Asia/Tokyo')"),
            ("Asia/Tokyo\0", "'\\u{0}' has no place in the time zone"),
        ])
    func unknown(name: String, message: String) {
        let said = error { _ = try zones.zone(name) }
        #expect(said.hasPrefix(message), "\(said)")
    }

    @Test("without a database, UTC is known and everything else says what to install")
    func noDatabase() throws {
        let empty = TimeZoneDatabase(directory: "/nonexistent")
        #expect(try empty.zone("UTC") == .utc)
        expect(
            { _ = try empty.zone("Asia/Tokyo") },
            says:
                "the time zone 'Asia/Tokyo' cannot be looked up: /nonexistent holds no time zones (install the package 'tzdata')"
        )
    }
}
