extension WindowSchedule {
    /// At most `limit` occurrences that start after `instant`, in the order of their starts.
    ///
    /// Occurrences of which the clocks leave nothing are left out, unless they are asked for to be reported. There are fewer
    /// than `limit` where a search from the last of them finds no more.
    package func occurrences(
        after instant: Instant, limit: Int, includingEmpty: Bool = false
    ) -> [WindowOccurrence] {
        var search = Search(self, after: instant)
        var found: [WindowOccurrence] = []
        while found.count < limit, let occurrence = search.next() {
            if includingEmpty || !occurrence.isEmpty { found.append(occurrence) }
        }
        return found
    }

    /// The occurrence that runs at `instant`; of several, the one that ends last.
    package func occurrence(at instant: Instant) -> WindowOccurrence? {
        let slack = Self.slack(in: zone, around: instant, reach: reach)
        let now = zone.civil(at: instant)
        let limit = now.advanced(bySeconds: -reach - 2 * slack).date.advanced(byDays: -1)
        var from = now.advanced(bySeconds: slack)
        var found: WindowOccurrence?
        while let window = lastStart(upTo: from, through: limit) {
            for occurrence in resolve(window).occurrences where occurrence.contains(instant) {
                if found.map({ occurrence.end > $0.end }) ?? true { found = occurrence }
            }
            // Ends follow in the order of starts, except where clocks are set and where dates have ends of their own.
            if found != nil, slack == 0, !hasOwnEnds { break }
            if !hasOwnEnds, nominalEnd(of: window).advanced(bySeconds: 2 * slack) <= now { break }
            from = window.start.advanced(bySeconds: -1)
        }
        return found
    }

    package func isOpen(at instant: Instant) -> Bool { occurrence(at: instant) != nil }

    /// The moment from which the window is shut, if it is open at `instant`: the end of all occurrences that touch.
    ///
    /// Nil if it is shut already, or if no end comes within the search.
    ///
    /// - Parameter mostSteps: how many occurrences are strung together before the window is taken to be open for good.
    package func closing(from instant: Instant, mostSteps: Int = 20_000) -> Instant? {
        guard var end = occurrence(at: instant)?.end else { return nil }
        let limit = instant.advanced(bySeconds: Self.searchSeconds)
        for _ in 0..<mostSteps where end < limit {
            guard let next = occurrence(at: end) else { return end }
            end = next.end
        }
        return nil
    }

    /// The next moment at which the window opens after having been shut; nil if none comes within the search.
    package func nextOpening(after instant: Instant) -> Instant? {
        if isOpen(at: instant) {
            guard let end = closing(from: instant) else { return nil }
            return nextOpening(after: end)
        }
        var search = Search(self, after: instant)
        while let occurrence = search.next() {
            if !occurrence.isEmpty { return occurrence.start }
        }
        return nil
    }

    /// Whether the window is shut at `instant` and stays so for as long as a search goes on.
    package func neverOpens(from instant: Instant) -> Bool {
        !isOpen(at: instant) && nextOpening(after: instant) == nil
    }

    /// The next moments at which the window opens or shuts, after `instant`.
    package func transitions(after instant: Instant, limit: Int) -> [WindowTransition] {
        var found: [WindowTransition] = []
        var now = instant
        var isOpen = isOpen(at: instant)
        while found.count < limit, let next = isOpen ? closing(from: now) : nextOpening(after: now) {
            isOpen.toggle()
            found.append(WindowTransition(at: next, opens: isOpen))
            now = next
        }
        return found
    }

    /// How far a search goes on, in seconds.
    static let searchSeconds = Int64(CronExpression.searchYears) * 366 * 86_400

    /// The longest that an occurrence lasts on the wall.
    private var reach: Int64 {
        let own: Int64 =
            switch starts {
            case .dates(let dates):
                dates.compactMap { date in date.end.map { $0.secondsSince1970 - date.start.secondsSince1970 } }.max()
                    ?? 0
            default: 0
            }
        switch length {
        case .wall(let seconds), .elapsed(let seconds): return max(own, seconds)
        case .until: return max(own, 86_400)
        }
    }

    private var hasOwnEnds: Bool {
        guard case .dates = starts else { return false }
        return true
    }

    /// By how much wall and real time can disagree near `instant`: nothing, unless a clock is set there.
    fileprivate static func slack(in zone: TimeZoneRules, around instant: Instant, reach: Int64 = 0) -> Int64 {
        let most = TimeZoneRules.greatestOffset
        let (from, through) = (instant.advanced(bySeconds: -reach - 2 * most), instant.advanced(bySeconds: most))
        return zone.keepsOffset(from: from, through: through) ? 0 : most
    }
}

/// A moment at which a window opens or shuts.
package struct WindowTransition: Hashable, Sendable {
    package var at: Instant
    package var opens: Bool
}

/// Walks along the starts on the wall, and puts their occurrences into the order of real time.
private struct Search {
    let schedule: WindowSchedule
    let instant: Instant
    /// As far from the last occurrence as a search goes, or from where it began.
    var limit: CalendarDate
    var cursor: CivilDateTime
    /// In order, and nothing can come before them any more.
    var ready: ArraySlice<WindowOccurrence> = []
    /// In order; a later start on the wall may still come before them.
    var held: ArraySlice<WindowOccurrence> = []

    init(_ schedule: WindowSchedule, after instant: Instant) {
        self.schedule = schedule
        self.instant = instant
        let now = schedule.zone.civil(at: instant)
        limit = Self.limit(from: now)
        cursor = now.advanced(bySeconds: -WindowSchedule.slack(in: schedule.zone, around: instant))
    }

    mutating func next() -> WindowOccurrence? {
        while ready.isEmpty {
            guard let window = schedule.nextStart(after: cursor, through: limit) else {
                if held.isEmpty { return nil }
                (ready, held) = (held, [])
                break
            }
            cursor = window.start
            let (occurrences, bound) = schedule.resolve(window)
            held.append(contentsOf: occurrences.filter { $0.start > instant })
            if held.count > 1 { held.sort { ($0.start, $0.end) < ($1.start, $1.end) } }
            let certain = held.prefix { $0.start <= bound }
            ready = certain
            held = held.dropFirst(certain.count)
        }
        guard let found = ready.popFirst() else { return nil }
        // What is never open ends the search; what opens once a year has as many occurrences as anybody asks for.
        if !found.isEmpty { limit = max(limit, Self.limit(from: found.nominalStart)) }
        return found
    }

    private static func limit(from civil: CivilDateTime) -> CalendarDate {
        civil.advanced(bySeconds: WindowSchedule.searchSeconds).date
    }
}
