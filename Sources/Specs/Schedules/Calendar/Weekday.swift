/// A day of the week, numbered as cron does: Sunday is 0.
package enum Weekday: Int, CaseIterable, Hashable, Sendable {
    case sunday, monday, tuesday, wednesday, thursday, friday, saturday
}

extension Weekday: CustomStringConvertible {
    /// `sunday`
    package var description: String {
        switch self {
        case .sunday: "sunday"
        case .monday: "monday"
        case .tuesday: "tuesday"
        case .wednesday: "wednesday"
        case .thursday: "thursday"
        case .friday: "friday"
        case .saturday: "saturday"
        }
    }

    /// `SUN`, as in cron expressions.
    var cronName: String { String(description.prefix(3)).uppercased() }

    /// `SU`, as in recurrence rules (RFC 5545).
    var recurrenceName: String { String(description.prefix(2)).uppercased() }

    /// Reads the English name in lower case, in full.
    package static func parse(_ text: String) throws(InvalidText) -> Weekday {
        if let day = allCases.first(where: { $0.description == text }) { return day }
        let names = allCases.map(\.description)
        let lowered = text.lowercased()
        let meant =
            names.first { lowered.utf8.count >= 2 && $0.hasPrefix(lowered) } ?? NearestName.find(text, among: names)
        throw InvalidText(
            "\(Diagnostic.quote(text)) is not a day of the week",
            hint: meant.map { "did you mean '\($0)'?" } ?? "write \(Diagnostic.list(names))")
    }
}
