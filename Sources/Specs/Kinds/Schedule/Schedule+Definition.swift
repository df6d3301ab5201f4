extension Schedule {
    /// A cron expression, or a map.
    static let type = ValueType<Schedule>.either(
        .cron, .object, isFirst: \.isScalar, { Schedule(cron: $0) }, { $0 })
}

extension Schedule: Declared {
    package static let definition = ObjectDefinition(
        "Schedule", "When something happens; a plain string is `cron`.", blank: Schedule(),
        fields: [
            .field("cron", \.cron, .cron, "A cron expression of five fields; `SUN#3` is the third Sunday."),
            .field("rrule", \.rrule, .recurrence, "Days by a recurrence rule of RFC 5545."),
            .field("weekday", \.weekday, .weekday, "A day of the week."),
            .field(
                "nth", \.nth, .integer(in: -5...5), "Which `weekday` of the month; -1 is the last.",
                whenLeftOut: "every one"),
            .field("at", \.at, .wallTime, "The time of day, for `weekday` and `rrule`."),
            .field(
                "start", \.start, .date, "Where the intervals of an `rrule` are counted from.",
                whenLeftOut: "1970-01-01; rules that depend on it need it"),
            .field(
                "dates", \.dates, .list(of: .civilDateTime, counts: 1...1000), "Single dates and times.",
                whenLeftOut: "none"),
        ], rules: [.exactlyOne(of: ["cron", "rrule", "weekday", "dates"]), timeOfDay, belonging])

    private static let timeOfDay = ObjectRule<Schedule>(
        "`weekday` and `rrule` need `at`.", about: ["cron", "rrule", "weekday", "dates", "at"],
        conditions: [
            ObjectCondition(when: [.isWritten("weekday")], then: [.isWritten("at")]),
            ObjectCondition(when: [.isWritten("rrule")], then: [.isWritten("at")]),
            ObjectCondition(when: [.isWritten("at")], then: [.any([.isWritten("weekday"), .isWritten("rrule")])]),
        ]
    ) { schedule, reader in
        // Of several, nobody knows which one is meant.
        if ["cron", "rrule", "weekday", "dates"].filter({ reader[$0] != nil }).count > 1 { return true }
        let needsTime = schedule.rrule != nil || schedule.weekday != nil
        if needsTime { return reader.required("at") != nil }
        guard let field = reader["at"] else { return true }
        field.report(.conflictingFields, "\(field.name) needs 'weekday' or 'rrule'", hint: "remove it")
        return false
    }

    private static let belonging = ObjectRule<Schedule>(
        "`nth` belongs to `weekday`, `start` to `rrule`.", about: ["rrule", "weekday", "nth", "start"],
        conditions: [
            ObjectCondition(
                when: [.isWritten("nth")],
                then: [.isWritten("weekday"), .takes("nth", .either([.integer(-5 ... -1), .integer(1...5)]))]),
            ObjectCondition(when: [.isWritten("start")], then: [.isWritten("rrule")]),
        ]
    ) { schedule, reader in
        if schedule.weekday == nil, let field = reader["nth"] {
            field.report(.conflictingFields, "\(field.name) needs 'weekday'", hint: "remove it")
            return false
        }
        if schedule.nth == 0 {
            reader["nth"]?.report(.outOfRange, "'nth' must be 1-5, or -1 for the last, not 0")
            return false
        }
        if schedule.rrule == nil, let field = reader["start"] {
            field.report(.conflictingFields, "\(field.name) needs 'rrule'", hint: "remove it")
            return false
        }
        guard schedule.rrule?.needsStart == true, schedule.start == nil else { return true }
        reader.field.report(
            .missingKey, "\(reader.field.name) needs 'start', because its days depend on where it starts",
            hint: "such as 'start: 2026-01-01'")
        return false
    }
}

extension ValueType where Value == CivilDateTime {
    static var civilDateTime: Self {
        .text("a date and a time of day", example: "2026-12-24T02:00", pattern: "^\(TextPattern.dateTime)$") {
            text throws(InvalidText) in try CivilDateTime.parse(text)
        }
    }
}

/// The name of a time zone, and where it stands.
extension TextRule {
    /// Names are looked up when the revision is checked; this only keeps out what can be none.
    static let timeZone = TextRule(
        "a time zone such as 'Asia/Tokyo'", code: .unknownTimeZone, pattern: "^[A-Za-z0-9][A-Za-z0-9_+/-]{0,63}$",
        example: "Asia/Tokyo"
    ) { TimeZoneDatabase.isName($0) }
}
