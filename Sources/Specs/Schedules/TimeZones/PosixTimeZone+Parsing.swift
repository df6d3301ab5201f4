extension PosixTimeZone {
    /// Reads `EST5EDT,M3.2.0,M11.1.0` or `<+0330>-3:30`; nil for anything that is not exactly that.
    init?(_ text: some StringProtocol) {
        var scanner = Scanner(rest: text.utf8.map { $0 }[...])
        guard let name = scanner.abbreviation(), let west = scanner.time(hours: 24) else { return nil }
        standard = LocalTimeType(offset: -west, isDaylightSaving: false, abbreviation: name)
        if scanner.rest.isEmpty { return }
        guard let daylightName = scanner.abbreviation() else { return nil }
        var offset = standard.offset + 3600
        if scanner.rest.first != UInt8(ascii: ",") {
            guard let west = scanner.time(hours: 24) else { return nil }
            offset = -west
        }
        // The rule may not be left out: what would stand in for it differs between systems.
        guard scanner.skip(","), let start = scanner.change(), scanner.skip(","), let end = scanner.change(),
            scanner.rest.isEmpty
        else { return nil }
        let type = LocalTimeType(offset: offset, isDaylightSaving: true, abbreviation: daylightName)
        daylight = Daylight(type: type, start: start, end: end)
    }
}

/// Takes the parts of a TZ string off its front.
private struct Scanner {
    var rest: ArraySlice<UInt8>

    mutating func skip(_ byte: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: byte) else { return false }
        rest.removeFirst()
        return true
    }

    /// Three letters or more, or in angle brackets letters, digits and signs.
    mutating func abbreviation() -> String? {
        let isQuoted = skip("<")
        let name = rest.prefix { byte in
            let isLetter = Grammar.isAlphanumeric(byte) && !Grammar.isDigit(byte)
            let isMore = Grammar.isDigit(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
            return isLetter || (isQuoted && isMore)
        }
        guard (3...15).contains(name.count) else { return nil }
        rest = rest.dropFirst(name.count)
        if isQuoted, !skip(">") { return nil }
        return String(decoding: name, as: UTF8.self)
    }

    /// `[+-]hh[:mm[:ss]]` in seconds, with at most so many hours.
    mutating func time(hours limit: Int) -> Int? {
        let isNegative = skip("-")
        if !isNegative { _ = skip("+") }
        guard let hours = number(digits: 3), hours <= limit else { return nil }
        var (minutes, seconds) = (0, 0)
        if skip(":") {
            guard let written = number(digits: 2), written < 60 else { return nil }
            minutes = written
            if skip(":") {
                guard let written = number(digits: 2), written < 60 else { return nil }
                seconds = written
            }
        }
        return (isNegative ? -1 : 1) * (hours * 3600 + minutes * 60 + seconds)
    }

    /// A day of the year and, behind a slash, the time on it; 02:00 if it says none.
    mutating func change() -> PosixTimeZone.Change? {
        guard let day = day() else { return nil }
        guard skip("/") else { return PosixTimeZone.Change(day: day, time: 7200) }
        return time(hours: 167).map { PosixTimeZone.Change(day: day, time: $0) }
    }

    private mutating func day() -> PosixTimeZone.Day? {
        if skip("J") { return number(digits: 3).flatMap { (1...365).contains($0) ? .julian($0) : nil } }
        guard skip("M") else { return number(digits: 3).flatMap { $0 <= 365 ? .zeroBased($0) : nil } }
        guard let month = number(digits: 2), (1...12).contains(month), skip("."), let nth = number(digits: 1),
            (1...5).contains(nth), skip("."), let weekday = number(digits: 1).flatMap(Weekday.init)
        else { return nil }
        return .weekday(weekday, nth: nth, month: month)
    }

    private mutating func number(digits: Int) -> Int? {
        let text = rest.prefix(while: Grammar.isDigit)
        guard (1...digits).contains(text.count) else { return nil }
        rest = rest.dropFirst(text.count)
        return text.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }
}
