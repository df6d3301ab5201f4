import Specs
import Testing

/// Windows that an independent calendar and an independent time zone library laid out.
@Suite("Window vectors")
struct WindowVectorTests {
    private struct Case: Decodable {
        var id: String
        var rrule: String
        var dtstartLocal: String
        var zone: String
        var wallStart: String
        var wallEnd: String
        var occurrences: [Occurrence]
        var probes: [Probe]

        func schedule(_ policy: LocalTimePolicy) throws -> WindowSchedule {
            let start = try CivilDateTime.parse(dtstartLocal)
            let days = RecurrenceDays(try RecurrenceRule.parse(rrule), from: start.date)
            return WindowSchedule(
                .recurrence(days, at: try WallTime.parse(wallStart)), .until(try WallTime.parse(wallEnd)),
                zone: try TimeZoneRules.named(zone), policy: policy)
        }
    }

    private struct Occurrence: Decodable {
        var localStart: String
        var startUtc: String
        var endUtc: String
        var startClass: String
        var endClass: String
        var gapEndUtc: String?
        var endGapEndUtc: String?
        var endUtcSecond: String?
    }

    private struct Probe: Decodable {
        var t: String
        var open: Bool
    }

    private func cases() throws -> [Case] { try Vectors.cases("cron", kind: "rrule_window", as: Case.self) }

    private func found(_ vector: Case, _ policy: LocalTimePolicy) throws -> [WindowOccurrence] {
        let first = try Instant.parse("\(vector.dtstartLocal)Z").advanced(bySeconds: -2 * 86_400)
        return try vector.schedule(policy).occurrences(
            after: first, limit: vector.occurrences.count, includingEmpty: true)
    }

    @Test("by RFC 5545's policy, every occurrence is where dateutil has it")
    func calendarPolicy() throws {
        for vector in try cases() {
            let found = try found(vector, .calendar)
            #expect(found.map(\.start.description) == vector.occurrences.map(\.startUtc), "\(vector.id)")
            #expect(found.map(\.end.description) == vector.occurrences.map(\.endUtc), "\(vector.id)")
        }
    }

    @Test("by RFC 5545's policy, the window is open when dateutil's is")
    func probes() throws {
        var count = 0
        for vector in try cases() {
            let schedule = try vector.schedule(.calendar)
            for probe in vector.probes {
                #expect(schedule.isOpen(at: try Instant.parse(probe.t)) == probe.open, "\(vector.id) \(probe.t)")
                count += 1
            }
        }
        #expect(count > 300)
    }

    @Test(
        "by our policy, gaps give their end and repeats the first start and the last or first end",
        arguments: [true, false])
    func ownPolicy(allows: Bool) throws {
        for vector in try cases() {
            let found = try found(vector, allows ? .allow : .deny)
            #expect(found.count == vector.occurrences.count, "\(vector.id)")
            for (occurrence, expected) in zip(found, vector.occurrences) {
                let start = expected.gapEndUtc ?? expected.startUtc
                let lateEnd = allows ? expected.endUtcSecond : nil
                let end = expected.endGapEndUtc ?? lateEnd ?? expected.endUtc
                #expect(occurrence.start.description == start, "\(vector.id) \(expected.localStart)")
                #expect(occurrence.end.description == end, "\(vector.id) \(expected.localStart)")
            }
        }
    }

    /// How many cases of each kind of `sync_windows` are tested here and in `CronIntervalVectorTests`.
    private static let tested = [
        "windows_active": 12, "windows_single_active": 10, "derived_window_active": 7, "schedule_window": 19,
        "keda_cron_active": 16, "keda_cron_validate": 7,
    ]

    /// Kinds of cases that are not about when a window is open, or without a counterpart, with the reason.
    private static let exceptions = [
        "weekday_window": "kured asks for the weekday of the moment, and our windows for that of their start",
        "windows_inactive_allows": "of several windows, which allow and deny is no matter of their schedules",
        "can_sync": "as windows_inactive_allows", "helper_deny_allows_overrun": "as windows_inactive_allows",
        "helper_has_allow": "as windows_inactive_allows", "helper_has_deny": "as windows_inactive_allows",
        "matches": "globs of names, where we have selectors of labels",
        "validate": "fields of Argo's objects", "validate_list": "fields of Argo's objects",
        "schedule_window_validate": "fields of Nomad's objects",
    ]

    @Test("every case is tested, or its kind is excepted with a reason")
    func coverage() throws {
        let kinds = try Vectors.kinds("sync_windows").filter { Self.exceptions[$0.key] == nil }
        #expect(kinds == Self.tested)
    }

    private struct Derived: Decodable {
        var id: String
        var windows: [Window]
        var now: String
        var argoFixedOffset: Bool
        var zoneAwareElapsed: Bool

        struct Window: Decodable {
            var schedule: String
            var duration: String
            var timeZone: String
        }
    }

    @Test("a cron window by the stopwatch is open when one made of robfig's times is; by the wall, when Argo's is")
    func derived() throws {
        for vector in try Vectors.cases("sync_windows", kind: "derived_window_active", as: Derived.self) {
            let window = try #require(vector.windows.first)
            let seconds = try Duration.parse(window.duration).components.seconds
            let (cron, zone) = (try CronExpression.parse(window.schedule), try TimeZoneRules.named(window.timeZone))
            let now = try Instant.parse(vector.now)
            let stopwatch = WindowSchedule(.cron(cron), .elapsed(seconds), zone: zone, policy: .cron)
            #expect(stopwatch.isOpen(at: now) == vector.zoneAwareElapsed, "\(vector.id)")
            let wall = WindowSchedule(.cron(cron), .wall(seconds), zone: zone)
            #expect(wall.isOpen(at: now) == vector.argoFixedOffset, "\(vector.id)")
        }
    }

    private struct Active: Decodable {
        var id: String
        var windows: [Window]
        var now: String
        var error: Bool
        var expectedIndices: [Int]?
        var expected: Bool?

        struct Window: Decodable {
            var schedule: String
            var duration: String
            var timeZone: String?
        }
    }

    @Test(
        "Argo's windows are open when Argo says so, and what Argo cannot read is refused",
        arguments: ["windows_active", "windows_single_active"])
    func argo(kind: String) throws {
        for vector in try Vectors.cases("sync_windows", kind: kind, as: Active.self) {
            if vector.error {
                #expect(throws: (any Error).self, "\(vector.id)") { try open(vector) }
            } else {
                let expected = vector.expectedIndices ?? (vector.expected == true ? [0] : [])
                #expect(try open(vector) == expected, "\(vector.id)")
            }
        }
    }

    /// The indices of the windows that are open.
    private func open(_ vector: Active) throws -> [Int] {
        let now = try Instant.parse(vector.now)
        return try vector.windows.map { window in
            WindowSchedule(
                .cron(try .parse(window.schedule)), .wall(try Duration.parse(window.duration).components.seconds),
                zone: try .named(window.timeZone.flatMap { $0.isEmpty ? nil : $0 } ?? "UTC"))
        }.enumerated().filter { $0.element.isOpen(at: now) }.map(\.offset)
    }
}
