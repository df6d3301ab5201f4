package import Specs

/// How moments and stretches of time are written for people.
package enum WindowText {
    /// `Sun 2026-12-20 02:00 Asia/Tokyo`; a time that the clock shows twice says which of the two: `01:30 EDT`.
    package static func moment(_ instant: Instant, in zone: TimeZoneRules) -> String {
        "\(day(instant, in: zone)) \(time(instant, in: zone)) \(zone.name)"
    }

    /// `Sun 2026-12-20`
    package static func day(_ instant: Instant, in zone: TimeZoneRules) -> String {
        let date = zone.civil(at: instant).date
        let name = date.weekday.description.prefix(3)
        return "\(name.prefix(1).uppercased())\(name.dropFirst()) \(date)"
    }

    /// `02:00`, or `01:30 EDT` where that comes twice.
    package static func time(_ instant: Instant, in zone: TimeZoneRules) -> String {
        let segment = zone.segment(at: instant)
        let civil = segment.civil(at: instant)
        guard case .twice = zone.match(civil) else { return "\(civil.time)" }
        return "\(civil.time) \(segment.type.abbreviation)"
    }

    /// The two largest units that matter: `28d 4h`, `3h 20m`, `5m`, `40s`.
    package static func span(seconds: Int64) -> String {
        let units: [(String, Int64)] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)]
        guard let first = units.firstIndex(where: { seconds >= $0.1 }) else { return "0s" }
        var text = "\(seconds / units[first].1)\(units[first].0)"
        // Seconds beside minutes change with every look, and nobody waits by them.
        guard first + 1 < units.count - 1 else { return text }
        let rest = seconds % units[first].1 / units[first + 1].1
        if rest > 0 { text += " \(rest)\(units[first + 1].0)" }
        return text
    }
}

extension WindowHold {
    /// `held until Sun 2026-12-20 02:00 Asia/Tokyo (in 28d 4h) by third-sunday`
    package func text(at now: Instant) -> String {
        let names = Diagnostic.list(windows, word: "and", limit: 4)
        guard let until else { return "held by \(names), and no time is found at which it may start\(needs)" }
        let left = until.secondsSince1970 - now.secondsSince1970
        return
            "held until \(WindowText.moment(until, in: zone)) (in \(WindowText.span(seconds: left))) by \(names)\(needs)"
    }

    private var needs: String {
        guard case .tooLong(let needed, let left) = why else { return "" }
        return ": it may take \(WindowText.span(seconds: needed)), and \(WindowText.span(seconds: left)) are left"
    }
}
