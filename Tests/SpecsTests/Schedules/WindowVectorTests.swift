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
        var expectedIndices: [Int]

        struct Window: Decodable {
            var schedule: String
            var duration: String
            var timeZone: String
        }
    }

    @Test("Argo's windows are open when Argo says so, except at the very moment of their start")
    func argo() throws {
        for vector in try Vectors.cases("sync_windows", kind: "windows_active", as: Active.self) where !vector.error {
            var open: [Int] = []
            for (index, window) in vector.windows.enumerated() {
                let schedule = WindowSchedule(
                    .cron(try CronExpression.parse(window.schedule)),
                    .wall(try Duration.parse(window.duration).components.seconds),
                    zone: try TimeZoneRules.named(window.timeZone.isEmpty ? "UTC" : window.timeZone))
                if schedule.isOpen(at: try Instant.parse(vector.now)) { open.append(index) }
            }
            #expect(open == vector.expectedIndices, "\(vector.id)")
        }
    }
}
