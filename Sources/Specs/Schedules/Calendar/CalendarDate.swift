/// A day of the proleptic Gregorian calendar.
///
/// Held as a number of days, so that arithmetic and comparison are those of integers. The conversions are Howard Hinnant's
/// `days_from_civil` and `civil_from_days` ("chrono-Compatible Low-Level Date Algorithms"): a year that begins in March has
/// its leap day at the end, and 400 years are always 146,097 days.
package struct CalendarDate: Hashable, Comparable, Sendable {
    /// Days since 1970-01-01; negative before it.
    package var daysSince1970: Int

    package init(daysSince1970: Int) { self.daysSince1970 = daysSince1970 }

    /// Nil for a day that does not exist, and for years other than 1-9999.
    package init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month) else { return nil }
        guard (1...Self.days(inMonth: month, of: year)).contains(day) else { return nil }
        self.init(uncheckedYear: year, month: month, day: day)
    }

    /// For months of 1-12; days outside the month count on into its neighbours.
    init(uncheckedYear year: Int, month: Int, day: Int) {
        let marchYear = month <= 2 ? year - 1 : year
        let era = marchYear.flooredQuotient(by: 400)
        let yearOfEra = marchYear - era * 400
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        daysSince1970 = era * 146_097 + dayOfEra - 719_468
    }

    /// The year, the month (1-12) and the day of the month (1-31).
    package var components: (year: Int, month: Int, day: Int) {
        let shifted = daysSince1970 + 719_468
        let era = shifted.flooredQuotient(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }

    package var year: Int { components.year }

    package var weekday: Weekday {
        // 1970-01-01 was a Thursday.
        Weekday(rawValue: (daysSince1970 + 4).flooredRemainder(by: 7)) ?? .sunday
    }

    /// The first day of this day's month.
    var startOfMonth: CalendarDate { CalendarDate(daysSince1970: daysSince1970 - components.day + 1) }

    package func advanced(byDays days: Int) -> CalendarDate { CalendarDate(daysSince1970: daysSince1970 + days) }

    package static func < (a: CalendarDate, b: CalendarDate) -> Bool { a.daysSince1970 < b.daysSince1970 }

    /// 28 to 31, for months of 1-12.
    package static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    package static func isLeap(_ year: Int) -> Bool {
        year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    }
}

extension CalendarDate: CustomStringConvertible {
    /// `2026-12-24`
    package var description: String {
        let (year, month, day) = components
        return "\(year.padded(to: 4))-\(month.padded(to: 2))-\(day.padded(to: 2))"
    }

    /// Reads `2026-12-24`, with all its digits.
    package static func parse(_ text: String) throws(InvalidText) -> CalendarDate {
        try InvalidText.check(text, "the date", example: "2026-12-24")
        return try parse(text[...])
    }

    static func parse(_ text: Substring) throws(InvalidText) -> CalendarDate {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let year = parts[0].plainNumber(digits: 4...4),
            let month = parts[1].plainNumber(digits: 2...2), let day = parts[2].plainNumber(digits: 2...2)
        else {
            throw InvalidText(
                "\(Diagnostic.quote(text)) is not a date", hint: "write year-month-day, such as 2026-12-24")
        }
        if let date = CalendarDate(year: year, month: month, day: day) { return date }
        guard (1...12).contains(month) else {
            throw InvalidText("\(Diagnostic.quote(text)) names the month \(parts[1])", hint: "months are 01-12")
        }
        guard year > 0 else { throw InvalidText("\(Diagnostic.quote(text)) names the year 0") }
        let last = days(inMonth: month, of: year)
        throw InvalidText("\(Diagnostic.quote(text)) does not exist", hint: "\(parts[0])-\(parts[1]) has \(last) days")
    }
}

extension BinaryInteger {
    /// Rounded towards negative infinity, unlike `/`.
    func flooredQuotient(by divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    /// From 0 up to `divisor`, unlike `%`.
    func flooredRemainder(by divisor: Self) -> Self {
        let remainder = self % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}

extension Int {
    func padded(to width: Int) -> String {
        let digits = String(magnitude)
        return (self < 0 ? "-" : "") + String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
}
