package import Specs

/// A time in which git lets nobody replace members: half-open, as all windows are.
package struct FreezeFacts: Hashable, Codable, Sendable {
    package var from: Instant
    package var to: Instant
    /// What is half done at its beginning is brought to its end.
    package var letsFinish: Bool
    /// How long it takes at least to take a member away: what is not over before is not begun.
    package var lead: Duration = .zero

    package init(from: Instant, to: Instant, letsFinish: Bool) {
        (self.from, self.to) = (from, to)
        self.letsFinish = letsFinish
    }

    /// - Parameter lead: also so long before.
    func holds(at wall: Instant, lead: Duration = .zero) -> Bool {
        wall < to && (from <= wall || from < wall.advanced(bySeconds: lead.components.seconds))
    }
}
