/// A date and a time of day on the wall of some place, before anybody says which place.
///
/// It becomes an `Instant` only through the rules of a time zone, where it may not exist or exist twice.
package struct CivilDateTime: Hashable, Comparable, Sendable {
    /// Seconds since 1970-01-01T00:00:00 on the same wall, every day counted as 86,400 of them.
    package var secondsSince1970: Int64

    package init(secondsSince1970: Int64) { self.secondsSince1970 = secondsSince1970 }

    package init(_ date: CalendarDate, _ time: WallTime = .midnight) {
        secondsSince1970 = Int64(date.daysSince1970) * 86_400 + Int64(time.secondOfDay)
    }

    package var date: CalendarDate { CalendarDate(daysSince1970: Int(secondsSince1970.flooredQuotient(by: 86_400))) }
    package var time: WallTime { WallTime(uncheckedSecondOfDay: Int(secondsSince1970.flooredRemainder(by: 86_400))) }

    /// Saturates at the ends of what 64 bits hold.
    package func advanced(bySeconds seconds: Int64) -> CivilDateTime {
        CivilDateTime(secondsSince1970: secondsSince1970.saturatingSum(seconds))
    }

    package static func < (a: CivilDateTime, b: CivilDateTime) -> Bool { a.secondsSince1970 < b.secondsSince1970 }
}

extension CivilDateTime: CustomStringConvertible {
    /// `2026-12-24T02:00`, with seconds where there are any.
    package var description: String { "\(date)T\(time)" }

    /// Reads `2026-12-24T02:00` or `2026-12-24T02:00:30`; an offset or a `Z` behind it is refused.
    package static func parse(_ text: String) throws(InvalidText) -> CivilDateTime {
        try InvalidText.check(text, "the date and time", example: "2026-12-24T02:00")
        return try parse(text[...])
    }

    static func parse(_ text: Substring) throws(InvalidText) -> CivilDateTime {
        guard let separator = text.firstIndex(of: "T") else {
            throw InvalidText(
                "\(Diagnostic.quote(text)) has no time of day",
                hint: "write date and time with a T between, such as 2026-12-24T02:00")
        }
        let time = text[text.index(after: separator)...]
        guard !time.contains(where: { $0 == "Z" || $0 == "+" || $0 == "-" }) else {
            throw InvalidText(
                "\(Diagnostic.quote(text)) carries an offset", hint: "leave it out: the time zone is a field of its own"
            )
        }
        return CivilDateTime(try CalendarDate.parse(text[..<separator]), try WallTime.parse(time))
    }
}

extension Int64 {
    func saturatingSum(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
