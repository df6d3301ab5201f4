package import Specs

/// Windows as a calendar file (iCalendar, RFC 5545) that calendar programs can subscribe to.
///
/// Times are in UTC, so that every program shows them right without knowing the rules of a time zone.
package enum CalendarText {
    /// - Parameter made: the moment that the file says it was made at.
    package static func text(_ calendar: WindowCalendar, made: Instant, version: String) -> String {
        var lines = [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//reconcile//reconcile \(escaped(version))//EN",
            "CALSCALE:GREGORIAN", "METHOD:PUBLISH", "X-WR-CALNAME:Maintenance windows",
        ]
        for entry in calendar.entries where !entry.isSkipped {
            lines += event(entry, until: calendar.until, made: made)
        }
        lines.append("END:VCALENDAR")
        return lines.map { folded($0) + "\r\n" }.joined()
    }

    private static func event(_ entry: CalendarEntry, until: Instant, made: Instant) -> [String] {
        var lines = [
            "BEGIN:VEVENT",
            "UID:\(entry.window)-\(stamp(entry.start))@maintenancewindow.reconcile.dev",
            "DTSTAMP:\(stamp(made))", "DTSTART:\(stamp(entry.start))", "DTEND:\(stamp(entry.end ?? until))",
            "SUMMARY:\(escaped(summary(entry)))", "DESCRIPTION:\(escaped(description(entry)))",
            "CATEGORIES:\(entry.effect == .allow ? "OPENING" : "FREEZE")",
            // Nobody is busy because a window is open.
            "TRANSP:TRANSPARENT",
        ]
        if let notice = entry.notice, entry.effect == .allow {
            lines += [
                "BEGIN:VALARM", "ACTION:DISPLAY", "DESCRIPTION:\(escaped(summary(entry)))",
                "TRIGGER:-PT\(notice.roundedUpSeconds)S", "END:VALARM",
            ]
        }
        return lines + ["END:VEVENT"]
    }

    private static func summary(_ entry: CalendarEntry) -> String {
        let classes = Diagnostic.list(entry.classes.map(\.rawValue), word: "and")
        return entry.effect == .allow
            ? "\(entry.window): \(classes) changes may be made" : "\(entry.window): no \(classes) changes"
    }

    private static func description(_ entry: CalendarEntry) -> String {
        let end = entry.end.map { WindowText.moment($0, in: entry.zone) } ?? "further notice"
        return "\(WindowText.moment(entry.start, in: entry.zone)) to \(end)\nMaintenanceWindow/\(entry.window)"
    }

    /// `20261219T170000Z`
    private static func stamp(_ instant: Instant) -> String { instant.description.filter { $0 != "-" && $0 != ":" } }

    /// Text as RFC 5545, section 3.3.11, has it.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "\\", ";", ",": result += "\\\(character)"
            case "\n": result += "\\n"
            default: result.append(character)
            }
        }
    }

    /// Lines of at most 75 bytes: the rest goes on behind a blank on the next line (section 3.1). No character is cut.
    private static func folded(_ line: String) -> String {
        var result = ""
        var room = 75
        for scalar in line.unicodeScalars {
            let size = UTF8.width(scalar)
            if size > room {
                result += "\r\n "
                room = 74
            }
            result.unicodeScalars.append(scalar)
            room -= size
        }
        return result
    }
}
