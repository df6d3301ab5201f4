/// Time zones must be known, and windows must open at some time.
struct WindowSchedules {
    private let zones: TimeZoneDatabase
    private var diagnostics: [Diagnostic] = []
    private var found: [String: TimeZoneRules] = [:]

    /// Checks all schedules, and leaves the rules of their time zones in `set`.
    static func validate(_ set: inout SpecSet, zones: TimeZoneDatabase) -> [Diagnostic] {
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
            for bounds in autoscaler.spec.schedules {
                let path = Autoscaler.ScheduledBounds.path(bounds.name)
                guard let zone = state.zone(bounds.timeZone, of: autoscaler, at: "\(path).timeZone") else { continue }
                for (key, cron) in [("start", bounds.interval?.start), ("end", bounds.interval?.end)] {
                    guard let cron else { continue }
                    state.check(
                        WindowSchedule(.cron(cron), .elapsed(1), zone: zone), of: autoscaler, at: "\(path).\(key)")
                }
            }
        }
        set.zones = state.found
        return state.diagnostics
    }

    private init(zones: TimeZoneDatabase) { self.zones = zones }

    private mutating func zone<Spec>(_ name: String, of resource: Resource<Spec>, at path: String = "spec.timeZone")
        -> TimeZoneRules?
    {
        do throws(InvalidText) {
            let rules = try zones.zone(name)
            found[name] = rules
            return rules
        } catch {
            let place = resource.fields[path] ?? resource.origin
            diagnostics.append(Diagnostic(.unknownTimeZone, at: place, error.problem, hint: error.hint))
            return nil
        }
    }

    /// Looked at from a day of the schedule itself, so that the same specs give the same findings on every day.
    private mutating func check<Spec>(
        _ schedule: WindowSchedule, of resource: Resource<Spec>, at path: String = "spec.schedule"
    ) {
        guard schedule.beginnings.allSatisfy({ schedule.neverOpens(from: $0) }) else { return }
        let place = resource.fields[path] ?? resource.origin
        diagnostics.append(
            Diagnostic(.windowNeverOpens, at: place, "the schedule of \(resource.id) never comes: \(schedule)"))
    }
}

extension WindowSchedule {
    /// Moments before the first start that there can be, and before each of single dates: a search ends after some years.
    fileprivate var beginnings: [Instant] {
        switch starts {
        case .cron: [Instant(secondsSince1970: 0)]
        case .recurrence(let days, _): [Self.dayBefore(CivilDateTime(days.start))]
        case .dates(let dates): dates.map { Self.dayBefore($0.start) }
        }
    }

    /// A moment more than a day before a time on the wall: no place is further from UTC.
    private static func dayBefore(_ civil: CivilDateTime) -> Instant {
        Instant(secondsSince1970: civil.secondsSince1970 - 2 * 86_400)
    }
}
