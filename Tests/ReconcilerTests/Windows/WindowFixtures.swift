import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Short ways to write windows down.
enum Wall {
    static let zones = TimeZoneDatabase()

    static func zone(_ name: String) throws -> TimeZoneRules { try zones.zone(name) }

    static func at(_ text: String) throws -> Instant { try Instant.parse(text) }

    /// A window that opens by cron, by default of the classes that windows have by default.
    static func window(
        _ name: String, _ effect: MaintenanceWindow.Effect = .allow, cron: String,
        for duration: Duration = .seconds(3_600),
        in zone: String = "UTC", change: (inout MaintenanceWindow) -> Void = { _ in }
    ) throws -> Window {
        try window(
            name, effect, Schedule(cron: try CronExpression.parse(cron)), for: duration, in: zone, change: change)
    }

    static func window(
        _ name: String, _ effect: MaintenanceWindow.Effect = .allow, _ schedule: Schedule,
        for duration: Duration = .seconds(3_600), in zone: String = "UTC",
        change: (inout MaintenanceWindow) -> Void = { _ in }
    ) throws -> Window {
        var spec = MaintenanceWindow(effect: effect, schedule: schedule, duration: duration)
        spec.timeZone = zone
        change(&spec)
        let occurrences = spec.occurrences(in: try Self.zone(zone))
        let place = SourcePosition(file: "\(name).yaml", line: 1, column: 1)
        return Window(name, spec, try #require(occurrences), at: place)
    }

    /// 02:00 to 06:00 in Tokyo on the third Sunday of the month.
    static func thirdSunday() throws -> Window {
        var schedule = Schedule()
        (schedule.weekday, schedule.nth, schedule.at) = (.sunday, 3, WallTime(hour: 2, minute: 0))
        return try window("third-sunday", .allow, schedule, for: .seconds(4 * 3_600), in: "Asia/Tokyo")
    }
}

extension LoopRig {
    /// A new image for a member, under one window.
    static func replacing(
        under window: Window, from wall: Instant, stored: StoredState = StoredState(), audit: RecordingAudit? = nil
    ) throws -> LoopRig {
        var desired = Declared.state(Declared.workload(ContainerTemplate(image: "web:2")), revision: "2222222")
        desired.windows = WindowSet([window])
        var rig = try LoopRig(desired, stored: stored, audit: audit)
        rig.wall = wall
        var state = ObservedState(converged: Declared.state(Declared.workload()))
        state.images["web:2"] = ObservedImage(id: "sha256:web:2")
        rig.observed(state)
        return rig
    }
}
