package import Specs

/// Remembers since when each condition has its state, which a status by itself does not know.
///
/// A condition that is there only while it holds, and comes back, begins anew.
package struct ConditionLedger: Sendable {
    private struct Place: Hashable {
        /// nil is the host.
        var object: ResourceID?
        var type: Condition.ConditionType
        /// An object may be paused by several.
        var reason: String?
    }

    private struct Entry {
        var state: Condition.State
        var since: Instant
    }

    private var entries: [Place: Entry] = [:]

    package init() {}

    /// The status with a time and a revision in every condition, those of the host included.
    ///
    /// - Parameter now: the wall clock; no condition is dated later than that.
    package mutating func date(_ status: HostStatus, now: Instant) -> HostStatus {
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
        entries = seen
        return status
    }

    private func date(
        _ condition: Condition, of object: ResourceID?, _ revision: String?, _ now: Instant,
        _ seen: inout [Place: Entry]
    ) -> Condition {
        let place = Place(
            object: object, type: condition.type, reason: condition.type == .paused ? condition.reason : nil)
        var entry = Entry(state: condition.state, since: now)
        if let known = entries[place], known.state == condition.state { entry.since = min(known.since, now) }
        seen[place] = entry
        var condition = condition
        condition.lastTransitionTime = entry.since
        condition.observedRevision = revision
        return condition
    }
}
