extension CronExpression {
    /// Reads the five fields of the spec language, or another format's; names are read in either case.
    ///
    /// `@hourly`, `@daily`, `@midnight`, `@weekly`, `@monthly`, `@yearly` and `@annually` stand for their five fields.
    /// Sunday is 0 and never 7. A time zone in front (`CRON_TZ=`) is refused: that is a field of its own.
    package static func parse(
        _ text: String, as format: CronFormat = .standard
    ) throws(InvalidText) -> CronExpression {
        try InvalidText.check(text, "the cron expression", example: "0 2 * * SUN")
        if let zone = splitZone(text).zone {
            throw InvalidText(
                "it names the time zone \(Diagnostic.quote(zone))", hint: "write it into the field 'timeZone'")
        }
        if text.first == "@" { return try descriptor(text, format) }
        var fields: [CronFormat.Part: CronField] = [:]
        var nth: UInt64 = 0
        for (part, written) in try format.assign(text.split(separator: " ")).sorted(by: {
            $0.key.rawValue < $1.key.rawValue
        }) {
            if part == .dayOfWeek {
                let days = try parseDaysOfWeek(written)
                (fields[part], nth) = (days.field, days.nth)
            } else {
                fields[part] = try CronField.parse(written, part.kind)
            }
        }
        return CronExpression(fields, nthDaysOfWeek: nth)
    }

    /// The zone that `CRON_TZ=ZONE` or `TZ=ZONE` names in front of an expression, and the expression without it.
    package static func splitZone(_ text: String) -> (zone: String?, expression: String) {
        for prefix in ["CRON_TZ=", "TZ="] where text.hasPrefix(prefix) {
            let rest = text.dropFirst(prefix.count)
            let zone = rest.prefix { $0 != " " }
            return (String(zone), String(rest.dropFirst(zone.count).drop { $0 == " " }))
        }
        return (nil, text)
    }

    private static let descriptors = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
        "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    private static func descriptor(_ text: String, _ format: CronFormat) throws(InvalidText) -> CronExpression {
        guard format.allowsDescriptors else { throw InvalidText("\(Diagnostic.quote(text)) is not taken here") }
        if let fields = descriptors[text] { return try parse(fields) }
        guard !text.hasPrefix("@every") else {
            throw InvalidText(
                "\(Diagnostic.quote(text)) has no place on the clock, since it would begin anew with every restart",
                hint: "write fields, such as '*/5 * * * *'")
        }
        throw InvalidText(
            "\(Diagnostic.quote(text)) is not known",
            hint: NearestName.hint(for: text, among: descriptors.keys.sorted())
                ?? "the descriptors are \(Diagnostic.list(descriptors.keys.sorted(), word: "and"))")
    }

    /// A list of days and of nth days of the month: `MON-FRI`, `SUN#3`, `MON#1,MON#3`.
    private static func parseDaysOfWeek(_ text: Substring) throws(InvalidText) -> (field: CronField, nth: UInt64) {
        let kind = CronFormat.Part.dayOfWeek.kind
        var field = CronField(bits: 0)
        var nth: UInt64 = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "#", omittingEmptySubsequences: false)
            if pieces.count == 1 {
                let one = try CronField.parse(part, kind)
                field = CronField(bits: field.bits | one.bits, isStar: field.isStar || one.isStar)
                continue
            }
            guard pieces.count == 2, let number = pieces[1].plainNumber(digits: 1...1), (1...5).contains(number) else {
                throw InvalidText(
                    "the day of week \(Diagnostic.quote(part)) does not say which of the month",
                    hint: "write a day and 1-5, such as SUN#3; the last of a month is 'nth: -1' or BYDAY=-1SU")
            }
            let days = try CronField.parse(pieces[0], kind)
            guard days.values.count == 1, let day = days.values.first else {
                throw InvalidText("the day of week \(Diagnostic.quote(part)) names more than one day")
            }
            nth |= 1 << UInt64(7 * (number - 1) + day)
        }
        return (field, nth)
    }
}
