import Reconciler
import Specs

/// robfig/cron's own cases, and windows that dateutil laid out.
enum CronCases {
    static let kinds: Set<String> = [
        "activation", "next", "parse", "range", "bits", "normalize", "every", "rrule_window",
    ]

    static func run(_ vector: VectorCase) throws(VectorError) {
        let fields = StepFields.of(vector)
        do {
            switch vector.kind {
            case "activation": try runActivation(fields)
            case "next": try runNext(fields)
            case "parse": try runParse(fields)
            case "range": try runRange(fields)
            case "bits": try runBits(fields)
            case "normalize": try runNormalize(fields)
            case "every": try runEvery(fields)
            case "rrule_window": try runRecurrence(fields)
            default: throw VectorError("no part of the runner knows kind '\(vector.kind)'")
            }
        } catch let error as VectorError {
            throw error
        } catch {
            throw VectorError("\(error)")
        }
        try fields.requireAllRead()
    }

    /// nil where the text is refused.
    private static func read<Value>(_ body: () throws(InvalidText) -> Value) -> Value? {
        do throws(InvalidText) { return try body() } catch { return nil }
    }

    private static func runActivation(_ fields: StepFields) throws {
        let at = try WindowCases.moment("at", fields)
        let cron = try CronExpression.parse(try fields.string("expr"), as: try format(try fields.string("parser")))
        let next = cron.next(after: at.advanced(bySeconds: -1), in: .utc)
        try expect(.bool(next == at), fields["fires"])
        try expect(.bool(cron.last(atOrBefore: at, in: .utc) == at), fields["fires"])
    }

    private static func runNext(_ fields: StepFields) throws {
        _ = fields["expected"]
        let from = try WindowCases.moment("from", fields)
        let (prefix, expression) = CronExpression.splitZone(try fields.string("expr"))
        let cron = try CronExpression.parse(expression, as: try format(try fields.string("parser")))
        let zone: TimeZoneRules
        let named = fields.optionalString("from_zone")
        if let name = prefix ?? named {
            zone = try WindowCases.zone(name)
        } else {
            // The fixed offset of the moment that the search starts from.
            let wall = try CivilDateTime.parse(String(try fields.string("from").prefix(19)))
            let offset = Int(wall.secondsSince1970 - from.secondsSince1970)
            zone = TimeZoneRules(name: "fixed", secondsEastOfUTC: offset, abbreviation: "fixed")
        }
        let next = cron.next(after: from, in: zone)
        try expect(next.map { .string($0.description) } ?? .null, fields["expected_utc"])
        // And the other way round: what comes next is the last at its own time.
        if let next { try expect(.bool(cron.last(atOrBefore: next, in: zone) == next), .bool(true)) }
    }

    private static func runParse(_ fields: StepFields) throws {
        (_, _) = (fields["error_contains"], fields["error"])
        let (zone, expression) = CronExpression.splitZone(try fields.string("expr"))
        let format = try format(try fields.string("parser"))
        if let expected = fields.optionalString("zone") { try expect(.string(zone ?? "local"), .string(expected)) }
        let canonical = fields.optionalString("canonical")
        if let canonical, canonical.hasPrefix("every ") {
            let delay = read { () throws(InvalidText) in try ConstantDelay.parse(expression) }
            return try expect(delay.map { .string("every \($0.seconds)s") } ?? .null, .string(canonical))
        }
        let cron = read { () throws(InvalidText) in try CronExpression.parse(expression, as: format) }
        let wide = try Self.format("seconds6_dow_optional")
        let expected = canonical.flatMap { text in
            read { () throws(InvalidText) in try CronExpression.parse(text, as: wide) }
        }
        guard cron == expected, (canonical == nil) == (cron == nil) else {
            throw VectorError("expected '\(canonical ?? "an error")', got '\(cron.map(\.description) ?? "an error")'")
        }
    }

    private static func runRange(_ fields: StepFields) throws {
        (_, _) = (fields["error_contains"], fields["error"])
        let kind = CronField.Kind(name: "field", range: try fields.int("min")...(try fields.int("max")))
        let (values, star) = (fields["values"] ?? .null, fields["star"])
        let text = try fields.string("expr")
        let field = read { () throws(InvalidText) in try CronField.parse(text[...], kind) }
        try expect(field.map { .array($0.values.map { .number(Double($0)) }) } ?? .null, values)
        if let field { try expect(.bool(field.isStar), star) }
    }

    private static func runBits(_ fields: StepFields) throws {
        let range = try fields.int("min")...(try fields.int("max"))
        let field = CronField(range, step: try fields.int("step"))
        try expect(.array(field.values.map { .number(Double($0)) }), fields["values"])
    }

    private static func runNormalize(_ fields: StepFields) throws {
        _ = fields["error"]
        let format = try format(options: fields.list("options").compactMap(\.string))
        let expected = fields["expected"] ?? .null
        let written = fields.list("fields").compactMap(\.string)
        let given = read { () throws(InvalidText) in try format.assign(written) }
        let all = given.map { given in CronFormat.Part.allCases.map { given[$0] ?? $0.defaultText } }
        try expect(all.map { .array($0.map { .string($0) }) } ?? .null, expected)
    }

    private static func runEvery(_ fields: StepFields) throws {
        let delay = ConstantDelay(.nanoseconds(try fields.int64("delay_ns")))
        let next = delay.next(after: try WindowCases.moment("from", fields))
        try expect(.string(next.description), fields["expected"])
    }

    /// By RFC 5545's own policy for clocks that are set, since that is what dateutil goes by; our own is another test's.
    private static func runRecurrence(_ fields: StepFields) throws {
        let first = try CivilDateTime.parse(try fields.string("dtstart_local"))
        let days = RecurrenceDays(try RecurrenceRule.parse(try fields.string("rrule")), from: first.date)
        let schedule = WindowSchedule(
            .recurrence(days, at: try WallTime.parse(try fields.string("wall_start"))),
            .until(try WallTime.parse(try fields.string("wall_end"))),
            zone: try WindowCases.zone(try fields.string("zone")), policy: .calendar)
        let expected = try fields.parts("occurrences")
        let from = Instant(secondsSince1970: first.secondsSince1970).advanced(bySeconds: -2 * 86_400)
        let found = schedule.occurrences(after: from, limit: expected.count, includingEmpty: true)
        for (index, occurrence) in expected.enumerated() {
            guard index < found.count else { throw VectorError("expected \(expected.count) openings") }
            try expect(.string(found[index].start.description), occurrence["start_utc"])
            try expect(.string(found[index].end.description), occurrence["end_utc"])
        }
        for probe in try fields.parts("probes") {
            try expect(.bool(schedule.isOpen(at: try WindowCases.moment("t", probe))), probe["open"])
        }
    }

    // MARK: robfig's parsers

    private static func format(_ parser: String) throws(VectorError) -> CronFormat {
        switch parser {
        case "standard5": .standard
        case "seconds6_dow_optional": CronFormat(CronFormat.Part.allCases, optional: .dayOfWeek)
        case "seconds6": CronFormat(CronFormat.Part.allCases)
        case "seconds_optional": CronFormat(CronFormat.Part.allCases, optional: .second)
        case "dow_optional": CronFormat([.minute, .hour, .dayOfMonth, .month, .dayOfWeek], optional: .dayOfWeek)
        case "minute_hour_only": CronFormat([.minute, .hour], allowsDescriptors: false)
        default: throw VectorError("the runner does not know the parser '\(parser)'")
        }
    }

    private static let parts: [String: CronFormat.Part] = [
        "second": .second, "minute": .minute, "hour": .hour, "dom": .dayOfMonth, "month": .month, "dow": .dayOfWeek,
    ]

    private static func format(options: [String]) throws(VectorError) -> CronFormat {
        var format = CronFormat([], allowsDescriptors: options.contains("descriptor"))
        for option in options where option != "descriptor" {
            guard let part = parts[String(option.prefix { $0 != "_" })] else {
                throw VectorError("the runner does not know the option '\(option)'")
            }
            format.parts.append(part)
            if option.hasSuffix("_optional") { format.optional = part }
        }
        return format
    }
}
