/// Time zones must be known, and windows must open at some time.
struct WindowSchedules {
    private let zones: TimeZoneDatabase
    private var diagnostics: [Diagnostic] = []

    static func validate(_ set: SpecSet, zones: TimeZoneDatabase) -> [Diagnostic] {
        var state = WindowSchedules(zones: zones)
        for task in set.scheduledTasks {
            guard let zone = state.zone(task.spec.timeZone, of: task), let starts = task.spec.schedule.starts else {
                continue
            }
            state.check(WindowSchedule(starts, .elapsed(1), zone: zone), of: task)
        }
        for window in set.maintenanceWindows {
            guard let zone = state.zone(window.spec.timeZone, of: window) else { continue }
            if let schedule = window.spec.occurrences(in: zone) { state.check(schedule, of: window) }
        }
        for autoscaler in set.autoscalers {
            for (index, bounds) in autoscaler.spec.schedules.enumerated() {
                _ = state.zone(bounds.timeZone, of: autoscaler, at: "spec.schedules.\(index).timeZone")
            }
        }
        return state.diagnostics
    }

    private init(zones: TimeZoneDatabase) { self.zones = zones }

    private mutating func zone<Spec>(_ name: String, of resource: Resource<Spec>, at path: String = "spec.timeZone")
        -> TimeZoneRules?
    {
        do throws(InvalidText) {
            return try zones.zone(name)
        } catch {
            let place = resource.fields[path] ?? resource.origin
            diagnostics.append(Diagnostic(.unknownTimeZone, at: place, error.problem, hint: error.hint))
            return nil
        }
    }

    /// Looked at from a fixed day, so that the same specs give the same findings on every day.
    private mutating func check<Spec>(_ schedule: WindowSchedule, of resource: Resource<Spec>) {
        guard schedule.neverOpens(from: Instant(secondsSince1970: 0)) else { return }
        let place = resource.fields["spec.schedule"] ?? resource.origin
        diagnostics.append(
            Diagnostic(.windowNeverOpens, at: place, "the schedule of \(resource.id) never comes: \(schedule)"))
    }
}
