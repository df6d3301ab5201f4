package import Specs

/// Which events somebody wants to see.
package struct EventQuery: Hashable, Sendable {
    /// Of this object and its members.
    package var object: ResourceID?
    package var severity: EventRecord.Severity?
    package var reason: String?
    /// From this moment on.
    package var since: Instant?

    package init(
        object: ResourceID? = nil, severity: EventRecord.Severity? = nil, reason: String? = nil, since: Instant? = nil
    ) {
        self.object = object
        self.severity = severity
        self.reason = reason
        self.since = since
    }

    /// Whether everything is wanted.
    package var isEverything: Bool { self == EventQuery() }

    package func matches(_ event: EventRecord) -> Bool {
        if let object, event.key?.object != object { return false }
        if let severity, event.severity != severity { return false }
        if let reason, event.reason != reason { return false }
        if let since, event.time < since { return false }
        return true
    }
}
