import Reconciler
import Specs

/// Openings and freezes, as a person reads them.
enum CalendarRenderer {
    static func text(_ calendar: WindowCalendar) -> String {
        let rows = calendar.entries.map { row($0, from: calendar.from) }
        let days = (calendar.until.secondsSince1970 - calendar.from.secondsSince1970) / 86_400
        guard !rows.isEmpty else { return "No window opens in the next \(days) days." }
        let (openings, freezes) = (
            calendar.entries.count { $0.effect == .allow }, calendar.entries.count { $0.effect == .deny }
        )
        let sum = "\(openings) opening\(openings == 1 ? "" : "s") and \(freezes) freeze\(freezes == 1 ? "" : "s")"
        return (Table.lines(rows) + ["", "\(sum) in \(days) days."]).joined(separator: "\n")
    }

    /// What waits for windows, the first to go on first.
    static func text(waiting: [PlanDocument.Entry]) -> String {
        let order = waiting.sorted { ($0.held?.until ?? "~", $0.key) < ($1.held?.until ?? "~", $1.key) }
        let rows = order.map { ["  waits", $0.key, $0.verb, $0.reason, $0.held?.message ?? ""] }
        return Table.lines(rows).joined(separator: "\n")
    }

    private static func row(_ entry: CalendarEntry, from now: Instant) -> [String] {
        let start = "\(WindowText.day(entry.start, in: entry.zone)) \(WindowText.time(entry.start, in: entry.zone))"
        return [
            "  " + (entry.effect == .allow ? "open" : "freeze"), start, end(of: entry), entry.zone.name,
            entry.seconds.map { WindowText.span(seconds: $0) } ?? "", entry.window,
            Diagnostic.list(entry.classes.map(\.rawValue), word: "and"), remark(entry, now),
        ]
    }

    /// The day is only said where it is another one.
    private static func end(of entry: CalendarEntry) -> String {
        guard let end = entry.end else { return "to further notice" }
        let (first, last) = (WindowText.day(entry.start, in: entry.zone), WindowText.day(end, in: entry.zone))
        let time = WindowText.time(end, in: entry.zone)
        return first == last ? "to \(time)" : "to \(last) \(time)"
    }

    private static func remark(_ entry: CalendarEntry, _ now: Instant) -> String {
        if entry.isSkipped { return "skipped by the clock" }
        if entry.start <= now { return "now" }
        guard let notice = entry.notice else { return "" }
        let announced = entry.start.advanced(bySeconds: -notice.roundedUpSeconds)
        return "announced \(WindowText.day(announced, in: entry.zone)) \(WindowText.time(announced, in: entry.zone))"
    }
}

/// Openings and freezes, for programs. Fields are only ever added within a format version.
struct CalendarDocument: Encodable {
    var formatVersion = 1
    var from: Instant
    var until: Instant
    var entries: [Entry]
    /// What the running daemon holds for windows; nil where no daemon was asked.
    var waiting: [PlanDocument.Entry]?

    struct Entry: Encodable {
        var window: String
        /// `allow` or `deny`.
        var kind: String
        var opens: Instant
        /// The first moment that is no longer part of it; nil where no end is found.
        var closes: Instant?
        /// As the clock of `timeZone` shows it.
        var localOpens: String
        var timeZone: String
        var seconds: Int64?
        var classes: [String]
        var announced: Instant?
        /// The clocks leave nothing of it.
        var skipped: Bool
    }

    init(_ calendar: WindowCalendar, waiting: [PlanDocument.Entry]? = nil) {
        self.waiting = waiting
        from = calendar.from
        until = calendar.until
        entries = calendar.entries.map { entry in
            Entry(
                window: entry.window, kind: entry.effect.rawValue, opens: entry.start, closes: entry.end,
                localOpens: "\(entry.zone.civil(at: entry.start))", timeZone: entry.zone.name, seconds: entry.seconds,
                classes: entry.classes.map(\.rawValue),
                announced: entry.notice.map { entry.start.advanced(bySeconds: -$0.roundedUpSeconds) },
                skipped: entry.isSkipped)
        }
    }
}
