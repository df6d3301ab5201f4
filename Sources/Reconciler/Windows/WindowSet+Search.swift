package import Specs

/// When actions may go on, as the windows of a set have it together.
extension WindowSet {
    /// How many changes of windows a search follows before it says that nothing comes.
    package static let mostChanges = 1_000

    /// Whether actions may go on at this moment.
    package func permits(at instant: Instant) -> Bool {
        !denies.contains { $0.schedule.isOpen(at: instant) }
            && (allows.isEmpty || allows.contains { $0.schedule.isOpen(at: instant) })
    }

    /// The first moment from `instant` on at which actions may go on; nil if none comes within the search.
    package func nextPermission(from instant: Instant) -> Instant? {
        var now = instant
        for _ in 0..<Self.mostChanges {
            let open = denies.filter { $0.schedule.isOpen(at: now) }
            if !open.isEmpty {
                let ends = open.compactMap { $0.schedule.closing(from: now) }
                // One that never ends is one whose end is not found.
                guard ends.count == open.count, let last = ends.max() else { return nil }
                now = last
            } else if allows.isEmpty || allows.contains(where: { $0.schedule.isOpen(at: now) }) {
                return now
            } else {
                guard let opening = allows.compactMap({ $0.schedule.nextOpening(after: now) }).min() else { return nil }
                now = opening
            }
        }
        return nil
    }

    /// The first moment after `instant` at which actions may no longer go on, if they may at `instant`; nil is never,
    /// as far as the search goes.
    package func permissionEnd(from instant: Instant) -> Instant? {
        let denial = denies.compactMap { $0.schedule.nextOpening(after: instant) }.min()
        guard let closing = allowanceEnd(from: instant, through: denial) else { return denial }
        return denial.map { min($0, closing) } ?? closing
    }

    /// The end of all openings of `allow` windows that touch; nil where there is none, or none before `limit`.
    private func allowanceEnd(from instant: Instant, through limit: Instant?) -> Instant? {
        if allows.isEmpty { return nil }
        var end = instant
        for _ in 0..<Self.mostChanges {
            let open = allows.filter { $0.schedule.isOpen(at: end) }
            if open.isEmpty { return end }
            let ends = open.compactMap { $0.schedule.closing(from: end) }
            guard ends.count == open.count, let last = ends.max() else { return nil }
            end = last
            if let limit, end >= limit { return nil }
        }
        return nil
    }

    /// The first stretch of time from `instant` on that is at least so long.
    ///
    /// - Returns: when it begins, never before `instant`, and when it ends, nil for never; nil where none is long enough.
    package func firstFit(
        from instant: Instant, lasting seconds: Int64
    ) -> (start: Instant, end: Instant?)? {
        var from = instant
        let horizon = instant.advanced(bySeconds: Int64(CronExpression.searchYears) * 366 * 86_400)
        for _ in 0..<Self.mostChanges {
            guard from <= horizon, let start = nextPermission(from: from) else { return nil }
            guard let end = permissionEnd(from: start) else { return (start, nil) }
            if end.secondsSince1970 - start.secondsSince1970 >= seconds { return (start, end) }
            from = end
        }
        return nil
    }
}
