/// A moment, the same everywhere on earth, to the second; leap seconds are not counted (POSIX time).
///
/// Schedules need nothing finer. A moment within a second is that second.
package struct Instant: Hashable, Comparable, Codable, Sendable {
    /// Seconds since 1970-01-01T00:00:00Z.
    package var secondsSince1970: Int64

    package init(secondsSince1970: Int64) { self.secondsSince1970 = secondsSince1970 }

    /// The second that holds the moment this long after 1970-01-01T00:00:00Z, as the planner's wall clock gives it.
    package init(wall: Duration) {
        let (seconds, attoseconds) = wall.components
        secondsSince1970 = attoseconds < 0 ? seconds - 1 : seconds
    }

    /// How long after 1970-01-01T00:00:00Z, as the planner's wall clock gives it.
    package var wall: Duration { .seconds(secondsSince1970) }

    /// Saturates at the ends of what 64 bits hold.
    package func advanced(bySeconds seconds: Int64) -> Instant {
        Instant(secondsSince1970: secondsSince1970.saturatingSum(seconds))
    }

    package static func < (a: Instant, b: Instant) -> Bool { a.secondsSince1970 < b.secondsSince1970 }
}

extension Instant: CustomStringConvertible {
    /// RFC 3339 in UTC: `2026-12-20T02:00:00Z`.
    package var description: String {
        let civil = CivilDateTime(secondsSince1970: secondsSince1970)
        let time = civil.time
        return "\(civil.date)T\(time.hour.padded(to: 2)):\(time.minute.padded(to: 2)):\(time.second.padded(to: 2))Z"
    }

    /// Reads RFC 3339: `2026-12-20T02:00:00Z` or with an offset, `2026-12-20T02:00:00+09:00`. Fractions are dropped.
    package static func parse(_ text: String) throws(InvalidText) -> Instant {
        try InvalidText.check(text, "the moment", example: "2026-12-20T02:00:00Z")
        let malformed = InvalidText(
            "\(Diagnostic.quote(text)) is not a moment",
            hint: "write it such as 2026-12-20T02:00:00Z or 2026-12-20T02:00:00+09:00")
        guard let separator = text.firstIndex(of: "T") else { throw malformed }
        let clock = text[text.index(after: separator)...]
        guard let zone = clock.firstIndex(where: { $0 == "Z" || $0 == "+" || $0 == "-" }) else { throw malformed }
        let parts = clock[..<zone].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, parts[1].plainNumber(digits: 1...18) == nil { throw malformed }
        let civil = CivilDateTime(try CalendarDate.parse(text[..<separator]), try WallTime.parse(parts[0]))
        guard let offset = offset(clock[zone...]) else { throw malformed }
        return Instant(secondsSince1970: civil.secondsSince1970 - Int64(offset))
    }

    /// The seconds that `Z`, `+09:00` or `-03:30` says.
    private static func offset(_ text: Substring) -> Int? {
        if text == "Z" { return 0 }
        let parts = text.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let hours = parts[0].plainNumber(digits: 2...2), hours < 24,
            let minutes = parts[1].plainNumber(digits: 2...2), minutes < 60
        else { return nil }
        return (text.first == "-" ? -1 : 1) * (hours * 3600 + minutes * 60)
    }
}
