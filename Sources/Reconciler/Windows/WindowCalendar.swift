package import Specs

/// What windows open and shut in some days to come.
package struct WindowCalendar: Hashable, Sendable {
    /// The most entries of one window.
    package static let mostEntries = 2_000

    package var from: Instant
    /// The first moment that is no longer part of it.
    package var until: Instant
    /// In the order of their starts, then of their windows.
    package var entries: [CalendarEntry]

    /// Openings that touch are one entry; one that is open at `from` is in it with the start that it had.
    package init(_ windows: WindowSet, from: Instant, days: Int) {
        self.from = from
        let until = from.advanced(bySeconds: Int64(days) * 86_400)
        self.until = until
        entries = windows.windows.flatMap { Self.entries(of: $0, from: from, until: until) }
            .sorted { ($0.start, $0.window) < ($1.start, $1.window) }
    }

    private static func entries(of window: Window, from: Instant, until: Instant) -> [CalendarEntry] {
        let schedule = window.schedule
        var found: [CalendarEntry] = []
        var next = schedule.occurrence(at: from)?.start ?? schedule.nextOpening(after: from)
        while let start = next, start < until, found.count < mostEntries {
            guard let end = schedule.closing(from: max(start, from)) else {
                found.append(CalendarEntry(window, start: start, end: nil))
                break
            }
            found.append(CalendarEntry(window, start: start, end: end))
            // At its very end it may not be open again: those openings would touch.
            next = schedule.nextOpening(after: end)
        }
        return found + skipped(of: window, from: from, until: until)
    }

    /// Openings that are announced after one moment and up to another, as their windows' `notice` says; in the order of
    /// their starts.
    package static func announcements(
        of windows: WindowSet, after: Instant, through: Instant
    ) -> [CalendarEntry] {
        windows.windows.flatMap { window -> [CalendarEntry] in
            guard let notice = window.spec.notice?.roundedUpSeconds else { return [] }
            let last = through.advanced(bySeconds: notice)
            var found: [CalendarEntry] = []
            var from = after.advanced(bySeconds: notice)
            while let start = window.schedule.nextOpening(after: from), start <= last, found.count < mostEntries {
                found.append(CalendarEntry(window, start: start, end: window.schedule.closing(from: start)))
                from = start
            }
            return found
        }.sorted { ($0.start, $0.window) < ($1.start, $1.window) }
    }

    /// Openings of which the clocks leave nothing: people have planned with them.
    private static func skipped(of window: Window, from: Instant, until: Instant) -> [CalendarEntry] {
        // Where no clock is set, nothing is skipped.
        guard !window.zone.keepsOffset(from: from, through: until) else { return [] }
        return window.schedule.occurrences(after: from, limit: mostEntries, includingEmpty: true)
            .filter { $0.isEmpty && $0.start < until }
            .map { CalendarEntry(window, start: $0.start, end: $0.start) }
    }
}

/// One time that a window is open.
package struct CalendarEntry: Hashable, Sendable {
    package var window: String
    package var effect: MaintenanceWindow.Effect
    package var start: Instant
    /// The first moment that is no longer part of it; nil where no end is found.
    package var end: Instant?
    package var zone: TimeZoneRules
    package var classes: [MaintenanceWindow.Class]
    /// How long before its start it is announced.
    package var notice: Duration?

    package init(_ window: Window, start: Instant, end: Instant?) {
        self.window = window.name
        effect = window.spec.effect
        self.start = start
        self.end = end
        zone = window.zone
        classes = window.spec.classes.sorted { $0.severity < $1.severity }
        notice = window.spec.notice
    }

    /// The clocks leave nothing of it.
    package var isSkipped: Bool { end == start }

    /// How long it lasts, by a stopwatch.
    package var seconds: Int64? { end.map { $0.secondsSince1970 - start.secondsSince1970 } }
}

extension MaintenanceWindow.Class {
    /// The order in which people name them.
    fileprivate var severity: Int {
        switch self {
        case .safe: 0
        case .disruptive: 1
        case .destructive: 2
        }
    }
}
