package import Specs

/// Remembers since when each condition has its state, which a status by itself does not know.
///
/// A condition that is there only while it holds, and comes back, begins anew. It can be written down, so that a restart of the
/// program is no transition of anything.
package struct ConditionLedger: Codable, Hashable, Sendable {
    private struct Place: Codable, Hashable {
        /// nil is the host.
        var object: ResourceID?
        var type: Condition.ConditionType
        /// An object may be paused by several.
        var reason: String?
    }

    private struct Entry: Codable, Hashable {
        var state: Condition.State
        var since: Instant
    }

    private var entries: [Place: Entry] = [:]
    /// What was made of the host before it was known.
    private var guesses: [Place: Entry] = [:]

    private enum CodingKeys: String, CodingKey { case entries }

    package init() {}

    /// The status with a time and a revision in every condition, those of the host included.
    ///
    /// - Parameters:
    ///   - now: the wall clock; no condition is dated later than that.
    ///   - isSettled: false while the program has not seen the host yet: what it says then is a guess, and ends nothing.
    package mutating func date(_ status: HostStatus, now: Instant, isSettled: Bool = true) -> HostStatus {
        var status = status
        var seen: [Place: Entry] = [:]
        let revision = status.revision?.id
        status.conditions = status.hostConditions.map { date($0, of: nil, revision, now, &seen) }
        for index in status.objects.indices {
            let id = status.objects[index].id
            status.objects[index].conditions = status.objects[index].conditions.map {
                date($0, of: id, revision, now, &seen)
            }
        }
        if isSettled { (entries, guesses) = (seen, [:]) } else { guesses = seen }
        return status
    }

    private func date(
        _ condition: Condition, of object: ResourceID?, _ revision: String?, _ now: Instant,
        _ seen: inout [Place: Entry]
    ) -> Condition {
        let place = Place(
            object: object, type: condition.type, reason: condition.type == .paused ? condition.reason : nil)
        var entry = Entry(state: condition.state, since: now)
        for known in [entries[place], guesses[place]].compactMap(\.self) where known.state == condition.state {
            entry.since = min(entry.since, known.since)
        }
        seen[place] = entry
        var condition = condition
        condition.lastTransitionTime = entry.since
        condition.observedRevision = revision
        return condition
    }
}
