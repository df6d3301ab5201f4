package import Specs

/// The moment of planning: time since the controller started, which never jumps, and the wall clock, which may.
package struct Now: Hashable, Sendable {
    package var uptime: Duration
    /// For schedules, windows and people; never for timeouts.
    package var wall: Instant

    package init(uptime: Duration = .zero, wall: Instant = Instant(secondsSince1970: 0)) {
        self.uptime = uptime
        self.wall = wall
    }
}
