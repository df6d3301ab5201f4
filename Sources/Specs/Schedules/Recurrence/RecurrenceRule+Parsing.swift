extension RecurrenceRule {
    /// Reads RFC 5545's `FREQ=MONTHLY;BYDAY=3SU`, in upper case, without `RRULE:` in front.
    ///
    /// Parts that choose times of day, weeks or days of the year are refused, and so is a part that its frequency cannot have.
    package static func parse(_ text: String) throws(InvalidText) -> RecurrenceRule {
        try InvalidText.check(text, "the recurrence rule", example: "FREQ=MONTHLY;BYDAY=3SU")
        guard !text.hasPrefix("RRULE:") else {
            throw InvalidText("it begins with 'RRULE:'", hint: "leave that out")
        }
        var parts: [String: Substring] = [:]
        for part in text.split(separator: ";", omittingEmptySubsequences: false) {
            guard let equals = part.firstIndex(of: "="), equals != part.startIndex else {
                throw InvalidText(
                    "\(Diagnostic.quote(part)) is not NAME=VALUE", hint: "such as FREQ=MONTHLY;BYDAY=3SU")
            }
            let name = String(part[..<equals])
            try checkName(name)
            guard parts.updateValue(part[part.index(after: equals)...], forKey: name) == nil else {
                throw InvalidText("\(name) stands there twice")
            }
        }
        var rule = RecurrenceRule(try frequency(parts["FREQ"]))
        try rule.read(parts)
        try rule.checkParts()
        return rule
    }

    private static let names = [
        "FREQ", "INTERVAL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "UNTIL", "COUNT", "WKST",
    ]

    private static func checkName(_ name: String) throws(InvalidText) {
        if names.contains(name) { return }
        let hint: String? =
            switch name {
            case "BYHOUR", "BYMINUTE", "BYSECOND": "the time of day is a field of its own"
            case "BYWEEKNO", "BYYEARDAY": "name the days by BYMONTH, BYMONTHDAY and BYDAY"
            case "DTSTART", "EXDATE", "RDATE", "DURATION", "TZID": "that is a field of its own"
            default: NearestName.hint(for: name, among: names) ?? "the parts are \(Diagnostic.list(names, word: "and"))"
            }
        throw InvalidText("\(Diagnostic.quote(name)) is not a part of a recurrence rule", hint: hint)
    }

    private static func frequency(_ text: Substring?) throws(InvalidText) -> Frequency {
        let known = Frequency.allCases.map(\.rawValue)
        guard let text else {
            throw InvalidText("FREQ is missing", hint: "one of \(Diagnostic.list(known))")
        }
        if let frequency = Frequency(rawValue: String(text)) { return frequency }
        let tooOften = ["SECONDLY", "MINUTELY", "HOURLY"].contains(text)
        throw InvalidText(
            "FREQ is \(Diagnostic.quote(text))",
            hint: tooOften
                ? "a rule chooses days; use cron for more than one time a day" : "one of \(Diagnostic.list(known))")
    }

    private mutating func read(_ parts: [String: Substring]) throws(InvalidText) {
        if let text = parts["INTERVAL"] { interval = try Self.number(text, of: "INTERVAL", in: 1...1000) }
        if let text = parts["COUNT"] { count = try Self.number(text, of: "COUNT", in: 1...10_000) }
        if let text = parts["BYMONTH"] { months = try Self.numbers(text, of: "BYMONTH", upTo: 12, isSigned: false) }
        if let text = parts["BYMONTHDAY"] { daysOfMonth = try Self.numbers(text, of: "BYMONTHDAY", upTo: 31) }
        if let text = parts["BYSETPOS"] { positions = try Self.numbers(text, of: "BYSETPOS", upTo: 366) }
        if let text = parts["BYDAY"] {
            days = []
            for part in text.split(separator: ",", omittingEmptySubsequences: false) { days.append(try Self.day(part)) }
            days = Set(days).sorted()
        }
        if let text = parts["WKST"] {
            guard let start = Self.weekday(text) else { throw Self.notADay("WKST", text) }
            weekStart = start
        }
        if let text = parts["UNTIL"] { until = try Until.parse(text) }
    }

    /// What RFC 5545 forbids, and what would never choose a day.
    private func checkParts() throws(InvalidText) {
        if until != nil, count != nil { throw InvalidText("it has both UNTIL and COUNT", hint: "leave one out") }
        let hasNth = days.contains { $0.nth != nil }
        if hasNth, frequency == .daily || frequency == .weekly {
            throw InvalidText(
                "BYDAY counts days of a month, and FREQ is \(frequency.rawValue)", hint: "write FREQ=MONTHLY")
        }
        if frequency == .monthly || !months.isEmpty, let day = days.first(where: { abs($0.nth ?? 0) > 5 }) {
            throw InvalidText("no month has the day '\(day)'", hint: "write 1 to 5, or -1 for the last")
        }
        if frequency == .weekly, !daysOfMonth.isEmpty {
            throw InvalidText("BYMONTHDAY does not go with FREQ=WEEKLY", hint: "write FREQ=MONTHLY or FREQ=DAILY")
        }
        if !positions.isEmpty, days.isEmpty, daysOfMonth.isEmpty, months.isEmpty {
            throw InvalidText("BYSETPOS chooses among days, and nothing names them", hint: "add BYDAY or BYMONTHDAY")
        }
    }

    private static func number(_ text: Substring, of name: String, in range: ClosedRange<Int>) throws(InvalidText)
        -> Int
    {
        if let number = text.plainNumber(digits: 1...6), range.contains(number) { return number }
        throw InvalidText(
            "\(name) is \(Diagnostic.quote(text))", hint: "write \(range.lowerBound) to \(range.upperBound)")
    }

    private static func numbers(
        _ text: Substring, of name: String, upTo limit: Int, isSigned: Bool = true
    ) throws(InvalidText) -> [Int] {
        var numbers: Set<Int> = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let number = signedNumber(part), abs(number) <= limit, isSigned || number > 0 else {
                throw InvalidText(
                    "\(name) is \(Diagnostic.quote(part))",
                    hint: "write 1 to \(limit)" + (isSigned ? ", or -\(limit) to -1 from the end" : ""))
            }
            numbers.insert(number)
        }
        return numbers.sorted()
    }

    /// Not 0, which counts nothing.
    private static func signedNumber(_ text: Substring) -> Int? {
        let sign = text.first == "-" ? -1 : 1
        let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text
        guard let number = digits.plainNumber(digits: 1...3), number > 0 else { return nil }
        return sign * number
    }

    private static func day(_ text: Substring) throws(InvalidText) -> Day {
        guard let weekday = weekday(text.suffix(2)) else { throw notADay("BYDAY", text) }
        let nth = text.dropLast(2)
        if nth.isEmpty { return Day(weekday) }
        guard let number = signedNumber(nth), abs(number) <= 53 else { throw notADay("BYDAY", text) }
        return Day(weekday, nth: number)
    }

    private static func weekday(_ text: Substring) -> Weekday? {
        Weekday.allCases.first { $0.recurrenceName == text }
    }

    private static func notADay(_ name: String, _ text: Substring) -> InvalidText {
        let names = Weekday.allCases.map(\.recurrenceName)
        return InvalidText(
            "\(name) is \(Diagnostic.quote(text))",
            hint: "write \(Diagnostic.list(names))" + (name == "BYDAY" ? ", such as SU, 3SU or -1SU" : ""))
    }
}

extension RecurrenceRule.Until {
    /// Reads `20261231`, `20261231T235959` or `20261231T235959Z`.
    static func parse(_ text: Substring) throws(InvalidText) -> RecurrenceRule.Until {
        let malformed = InvalidText(
            "UNTIL is \(Diagnostic.quote(text))",
            hint: "write a day such as 20261231, or a moment such as 20261231T235959Z")
        let isUTC = text.last == "Z"
        let parts = (isUTC ? text.dropLast() : text).split(separator: "T", omittingEmptySubsequences: false)
        guard parts.count <= 2, let digits = parts.first, let number = digits.plainNumber(digits: 8...8),
            let date = CalendarDate(year: number / 10_000, month: number / 100 % 100, day: number % 100)
        else { throw malformed }
        guard parts.count == 2 else {
            if isUTC { throw malformed }
            return .date(date)
        }
        guard let clock = parts[1].plainNumber(digits: 6...6),
            let time = WallTime(hour: clock / 10_000, minute: clock / 100 % 100, second: clock % 100)
        else { throw malformed }
        let civil = CivilDateTime(date, time)
        return isUTC ? .instant(Instant(secondsSince1970: civil.secondsSince1970)) : .civil(civil)
    }
}
