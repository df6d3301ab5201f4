import Reconciler
import Specs
import Testing

/// Every day of 2026 to 2030 on which the clocks of six places are set, against a model that only reads the clock.
///
/// The places have gaps of an hour and of half an hour, at night and at midnight, north and south.
struct DaylightSavingTests {
    private static let places = [
        "America/New_York", "Europe/London", "Australia/Lord_Howe", "America/Santiago", "Pacific/Chatham",
        "Africa/Cairo",
    ]
    /// Clocks are set at full quarters of an hour.
    private static let step: Int64 = 900

    /// What the clock on the wall shows for some days around one on which it is set.
    private struct Clock {
        var instants: [Instant]
        var walls: [CivilDateTime]

        init(_ zone: TimeZoneRules, around day: Instant) {
            instants = (0..<6 * 96).map { day.advanced(bySeconds: ($0 - 2 * 96) * DaylightSavingTests.step) }
            walls = instants.map { zone.civil(at: $0) }
        }

        /// The first time that the clock shows this, or more.
        func first(_ wall: CivilDateTime) -> Instant? { walls.firstIndex { $0 >= wall }.map { instants[$0] } }

        /// The last time that the clock shows this, or the first that it shows more where it skips this.
        func last(_ wall: CivilDateTime) -> Instant? {
            walls.lastIndex(of: wall).map { instants[$0] } ?? first(wall)
        }
    }

    private static func changes(of zone: TimeZoneRules) throws -> [Instant] {
        var found: [Instant] = []
        var now = try Wall.at("2026-01-01T00:00:00Z")
        let end = try Wall.at("2031-01-01T00:00:00Z")
        while let change = zone.segment(at: now).end, change < end {
            if zone.segment(at: now).type.offset != zone.segment(at: change).type.offset { found.append(change) }
            now = change
        }
        return found
    }

    @Test("windows open and shut when the clock on the wall says so, the first or the last time", arguments: places)
    func edges(place: String) throws {
        let zone = try Wall.zone(place)
        let changes = try Self.changes(of: zone)
        #expect(changes.count == 10, "two a year")
        var checked = 0
        for change in changes {
            let clock = Clock(zone, around: change)
            let midnight = CivilDateTime(zone.civil(at: change).date.advanced(byDays: -1))
            for quarter in 0..<Int64(3 * 96) where quarter % 2 == 0 {
                let start = midnight.advanced(bySeconds: quarter * Self.step)
                for length: Int64 in [900, 1_800, 3_600, 3 * 3_600, 24 * 3_600] {
                    for policy in [LocalTimePolicy.allow, .deny] {
                        let window = WindowSchedule(
                            .dates([.init(start: start)]), .wall(length), zone: zone, policy: policy)
                        let wallEnd = start.advanced(bySeconds: length)
                        let opens = try #require(clock.first(start))
                        let shuts = try #require(policy == .allow ? clock.last(wallEnd) : clock.first(wallEnd))
                        let found = try #require(
                            window.occurrences(
                                after: opens.advanced(bySeconds: -86_400), limit: 1, includingEmpty: true
                            ).first)
                        #expect(found.start == opens && found.end == shuts, "\(start) for \(length) in \(place)")
                        #expect(window.isOpen(at: opens) == (opens < shuts))
                        #expect(!window.isOpen(at: opens.advanced(bySeconds: -1)) && !window.isOpen(at: shuts))
                        checked += 1
                    }
                }
            }
        }
        #expect(checked == 14_400)
    }

    @Test("nights on such days: what is permitted is what the clock of the place permits", arguments: places)
    func nights(place: String) throws {
        let zone = try Wall.zone(place)
        let windows = WindowSet([
            try Wall.window("night", cron: "30 0 * * *", for: .seconds(4 * 3_600), in: place),
            try Wall.window("backup", .deny, cron: "0 1 * * *", for: .seconds(5_400), in: place),
        ])
        for change in try Self.changes(of: zone) {
            let clock = Clock(zone, around: change)
            for (instant, wall) in zip(clock.instants, clock.walls) {
                let second = wall.time.secondOfDay
                let (isNight, isBackup) = ((1_800..<16_200).contains(second), (3_600..<9_000).contains(second))
                // On the days themselves the edges are another test's.
                if abs(instant.secondsSince1970 - change.secondsSince1970) > 18 * 3_600 {
                    #expect(windows.permits(at: instant) == (isNight && !isBackup), "\(wall) in \(place)")
                }
                let next = windows.nextPermission(from: instant)
                #expect(windows.permits(at: instant) == (next == instant))
            }
        }
    }
}
