package import Specs

/// The times at which a task is due, by the clock of its place.
///
/// Clocks that are set mean what they mean for windows that allow: a time that is skipped is due at the first moment
/// behind the gap, one that comes twice is due once, and a schedule for every hour means the hours that pass.
package struct TaskSchedule: Hashable, Sendable, CustomStringConvertible {
    private let starts: WindowSchedule

    /// nil where the schedule or the zone was never checked.
    ///
    /// - Parameter zones: the rules of the time zones of its revision.
    package init?(_ task: ScheduledTask, zones: [String: TimeZoneRules]) {
        guard let starts = task.schedule.starts, let zone = zones.rules(of: task.timeZone) else { return nil }
        // How long an opening lasts is nobody's business; a second is never empty.
        self.starts = WindowSchedule(starts, .elapsed(1), zone: zone, policy: .allow)
    }

    package var description: String { "\(starts)" }

    /// Of the clock that it goes by.
    package var zone: TimeZoneRules { starts.zone }

    /// nil where none comes within the years that a search goes on.
    package func next(after moment: Instant) -> Instant? { starts.occurrences(after: moment, limit: 1).first?.start }

    /// The last time it was due after one moment and up to another.
    package func latest(after: Instant, through: Instant) -> Instant? {
        // From near to far: what is due every minute was due within the hour.
        for seconds in [3_600, 86_400, 32 * 86_400] as [Int64] {
            let from = max(after, through.advanced(bySeconds: -seconds))
            if let last = all(after: from, through: through).last { return last }
            if from == after { return nil }
        }
        return all(after: after, through: through).last
    }

    /// How often it was due after one moment and up to another; no more than `limit` are counted.
    package func count(after: Instant, through: Instant, limit: Int) -> Int {
        Set(starts.occurrences(after: after, limit: limit).map(\.start).filter { $0 <= through }).count
    }

    private func all(after: Instant, through: Instant) -> [Instant] {
        var found: [Instant] = []
        var from = after
        while true {
            let more = starts.occurrences(after: from, limit: 256).map(\.start)
            found += more.prefix { $0 <= through }
            guard more.count == 256, let last = more.last, last <= through, last > from else { return found }
            from = last
        }
    }
}
