/// A time of day as a clock on the wall shows it, to the second.
package struct WallTime: Hashable, Comparable, Sendable {
    /// 0 up to 86,400; days are not longer or shorter on the wall.
    package let secondOfDay: Int

    package static let midnight = WallTime(uncheckedSecondOfDay: 0)

    /// Nil for what no clock shows; 24:00 is none.
    package init?(hour: Int, minute: Int, second: Int = 0) {
        guard (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second) else { return nil }
        secondOfDay = hour * 3600 + minute * 60 + second
    }

    init(uncheckedSecondOfDay: Int) { secondOfDay = uncheckedSecondOfDay }

    package var hour: Int { secondOfDay / 3600 }
    package var minute: Int { secondOfDay / 60 % 60 }
    package var second: Int { secondOfDay % 60 }

    package static func < (a: WallTime, b: WallTime) -> Bool { a.secondOfDay < b.secondOfDay }
}

extension WallTime: CustomStringConvertible {
    /// `02:00`, or `02:00:30` where there are seconds.
    package var description: String {
        let text = "\(hour.padded(to: 2)):\(minute.padded(to: 2))"
        return second == 0 ? text : "\(text):\(second.padded(to: 2))"
    }

    /// Reads `02:00` or `02:00:30`, of the 24-hour clock.
    package static func parse(_ text: String) throws(InvalidText) -> WallTime {
        try InvalidText.check(text, "the time of day", example: "02:00")
        return try parse(text[...])
    }

    static func parse(_ text: Substring) throws(InvalidText) -> WallTime {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { $0.plainNumber(digits: 2...2) }
        guard (2...3).contains(parts.count), numbers.count == parts.count else {
            throw InvalidText(
                "\(Diagnostic.quote(text)) is not a time of day",
                hint: "write hours and minutes, such as 02:00 or 22:30")
        }
        if let time = WallTime(hour: numbers[0], minute: numbers[1], second: parts.count == 3 ? numbers[2] : 0) {
            return time
        }
        let isMidnight = numbers.first == 24 && numbers.dropFirst().allSatisfy { $0 == 0 }
        throw InvalidText(
            "\(Diagnostic.quote(text)) is not on the clock",
            hint: isMidnight ? "midnight is 00:00" : "hours are 00-23, minutes and seconds 00-59")
    }
}
