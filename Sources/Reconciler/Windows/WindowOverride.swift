package import Specs

/// A person's word that no window holds anything for some time, in an emergency.
///
/// It has a reason and an end, and it is written down before it has an effect.
package struct WindowOverride: Hashable, Codable, Sendable {
    /// nil is the whole host.
    package var object: ResourceID?
    package var reason: String
    package var by: String
    package var since: Instant
    /// The first moment at which it no longer holds.
    package var until: Instant

    package init(object: ResourceID? = nil, reason: String, by: String, since: Instant, until: Instant) {
        self.object = object
        self.reason = reason
        self.by = by
        self.since = since
        self.until = until
    }

    package func covers(_ id: ResourceID, at instant: Instant) -> Bool {
        (object == nil || object == id) && since <= instant && instant < until
    }
}
