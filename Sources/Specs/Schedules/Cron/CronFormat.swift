/// Which fields a cron expression is written with.
package struct CronFormat: Hashable, Sendable {
    /// The fields in the order in which they are written.
    package enum Part: Int, CaseIterable, Hashable, Sendable {
        case second, minute, hour, dayOfMonth, month, dayOfWeek
    }

    package var parts: [Part]
    /// One of `parts`, at one of its ends, that may be left out.
    package var optional: Part?
    /// Whether `@daily` and the like are read.
    package var allowsDescriptors: Bool

    package init(_ parts: [Part], optional: Part? = nil, allowsDescriptors: Bool = true) {
        self.parts = parts
        self.optional = optional
        self.allowsDescriptors = allowsDescriptors
    }

    /// What the spec language takes: minute, hour, day of month, month, day of week, and the descriptors.
    package static let standard = CronFormat([.minute, .hour, .dayOfMonth, .month, .dayOfWeek])

    /// Gives each written field its part. Throws for any other number of fields than the format has.
    package func assign<Text>(_ fields: [Text]) throws(InvalidText) -> [Part: Text] {
        var parts = parts
        if fields.count == parts.count - 1, let optional { parts.removeAll { $0 == optional } }
        guard fields.count == parts.count else {
            let names = Diagnostic.list(parts.map(\.kind.name), word: "and")
            let word = fields.count == 1 ? "field" : "fields"
            throw InvalidText("it has \(fields.count) \(word), expected \(parts.count)", hint: names)
        }
        return Dictionary(uniqueKeysWithValues: zip(parts, fields))
    }
}

extension CronFormat.Part {
    var kind: CronField.Kind {
        switch self {
        case .second: CronField.Kind(name: "second", range: 0...59)
        case .minute: CronField.Kind(name: "minute", range: 0...59)
        case .hour: CronField.Kind(name: "hour", range: 0...23)
        case .dayOfMonth: CronField.Kind(name: "day of month", range: 1...31)
        case .month: CronField.Kind(name: "month", range: 1...12, names: Self.monthNames)
        case .dayOfWeek: CronField.Kind(name: "day of week", range: 0...6, names: Self.dayNames)
        }
    }

    /// What a field that was not written means: the start of its range for clock fields, everything for days and months.
    package var defaultText: String {
        switch self {
        case .second, .minute, .hour: "0"
        case .dayOfMonth, .month, .dayOfWeek: "*"
        }
    }

    var defaultField: CronField {
        switch self {
        case .second, .minute, .hour: CronField(bits: 1)
        case .dayOfMonth, .month, .dayOfWeek: CronField(bits: CronField(kind.range).bits, isStar: true)
        }
    }

    private static let monthNames = Dictionary(
        uniqueKeysWithValues: zip(
            ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1...12))
    private static let dayNames = Dictionary(uniqueKeysWithValues: Weekday.allCases.map { ($0.cronName, $0.rawValue) })
}
