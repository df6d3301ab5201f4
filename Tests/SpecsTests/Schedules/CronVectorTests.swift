import Specs
import Testing

/// The observations of robfig/cron's own tests, and those of systemd and Argo's peers that our types can express.
@Suite("Cron vectors")
struct CronVectorTests {
    /// How many cases of each kind are tested here and in `WindowVectorTests`.
    private static let tested = [
        "next": 36, "parse": 19, "activation": 16, "range": 16, "every": 9, "normalize": 8, "bits": 5,
        "rrule_window": 19,
    ]

    /// Kinds of cases without a counterpart, with the reason.
    private static let exceptions = [
        "systemd_oncalendar_next":
            "systemd's calendar grammar has seconds, years and ends of months, which cron has not"
    ]

    @Test("every case is tested, or its kind is excepted with a reason")
    func coverage() throws {
        let kinds = try Vectors.kinds("cron").filter { Self.exceptions[$0.key] == nil }
        #expect(kinds == Self.tested)
    }

    private struct Next: Decodable {
        var id: String
        var parser: String
        var expr: String
        var from: String
        var fromZone: String?
        var expectedUtc: String?
    }

    @Test("the next time is robfig's")
    func next() throws {
        for vector in try Vectors.cases("cron", kind: "next", as: Next.self) {
            let (zone, cron) = try read(vector.expr, vector.parser, zone: vector.fromZone, from: vector.from)
            let expected = try vector.expectedUtc.map(Instant.parse)
            #expect(
                cron.next(after: try Instant.parse(vector.from), in: zone) == expected, "\(vector.id) \(vector.expr)")
            guard let expected else { continue }
            // And the other way round: what comes next is the last at its own time.
            #expect(cron.last(atOrBefore: expected, in: zone) == expected, "\(vector.id)")
        }
    }

    private struct Activation: Decodable {
        var id: String
        var expr: String
        var at: String
        var fires: Bool
    }

    @Test("an expression matches when robfig's does")
    func activation() throws {
        for vector in try Vectors.cases("cron", kind: "activation", as: Activation.self) {
            let at = try Instant.parse(vector.at)
            let cron = try CronExpression.parse(vector.expr)
            #expect((cron.next(after: at.advanced(bySeconds: -1), in: .utc) == at) == vector.fires, "\(vector.id)")
            #expect((cron.last(atOrBefore: at, in: .utc) == at) == vector.fires, "\(vector.id)")
        }
    }

    private struct Parse: Decodable {
        var id: String
        var parser: String
        var expr: String
        var error: Bool
        var canonical: String?
        var zone: String?
    }

    @Test("what robfig reads is read, and what it refuses is refused")
    func parse() throws {
        for vector in try Vectors.cases("cron", kind: "parse", as: Parse.self) {
            let (zone, expression) = CronExpression.splitZone(vector.expr)
            #expect(vector.zone == nil || zone ?? "local" == vector.zone, "\(vector.id)")
            let format = try Self.format(vector.parser)
            switch vector.canonical {
            case nil:
                #expect(vector.error)
                #expect(throws: InvalidText.self, "\(vector.id)") { try CronExpression.parse(expression, as: format) }
            case let canonical? where canonical.hasPrefix("every "):
                #expect(try "every \(ConstantDelay.parse(expression).seconds)s" == canonical, "\(vector.id)")
            case let canonical?:
                let expected = try CronExpression.parse(canonical, as: try Self.format("seconds6_dow_optional"))
                #expect(try CronExpression.parse(expression, as: format) == expected, "\(vector.id)")
            }
        }
    }

    private struct Range: Decodable {
        var id: String
        var expr: String
        var min: Int
        var max: Int
        var values: [Int]?
        var star: Bool
    }

    @Test("a field holds the numbers that robfig's holds")
    func range() throws {
        for vector in try Vectors.cases("cron", kind: "range", as: Range.self) {
            let kind = CronField.Kind(name: "field", range: vector.min...vector.max)
            if let values = vector.values {
                let field = try CronField.parse(vector.expr[...], kind)
                #expect(field.values == values, "\(vector.id)")
                #expect(field.isStar == vector.star, "\(vector.id)")
            } else {
                #expect(throws: InvalidText.self, "\(vector.id)") { try CronField.parse(vector.expr[...], kind) }
            }
        }
    }

    private struct Bits: Decodable {
        var id: String
        var min: Int
        var max: Int
        var step: Int
        var values: [Int]
    }

    @Test("numbers in steps are those of robfig")
    func bits() throws {
        for vector in try Vectors.cases("cron", kind: "bits", as: Bits.self) {
            #expect(CronField(vector.min...vector.max, step: vector.step).values == vector.values, "\(vector.id)")
        }
    }

    private struct Normalize: Decodable {
        var id: String
        var fields: [String]
        var options: [String]
        var expected: [String]?
    }

    @Test("fields that are left out get robfig's defaults")
    func normalize() throws {
        for vector in try Vectors.cases("cron", kind: "normalize", as: Normalize.self) {
            let format = try Self.format(vector.options)
            do throws(InvalidText) {
                let given = try format.assign(vector.fields)
                let all = CronFormat.Part.allCases.map { given[$0] ?? $0.defaultText }
                #expect(all == vector.expected, "\(vector.id)")
            } catch {
                #expect(vector.expected == nil, "\(vector.id): \(error)")
            }
        }
    }

    private struct Every: Decodable {
        var id: String
        var delayNs: Int64
        var from: String
        var expected: String
    }

    @Test("an interval counts whole seconds from its last run")
    func every() throws {
        for vector in try Vectors.cases("cron", kind: "every", as: Every.self) {
            let delay = ConstantDelay(.nanoseconds(vector.delayNs))
            #expect(
                delay.next(after: try Instant.parse(vector.from)) == (try Instant.parse(vector.expected)),
                "\(vector.id)")
            #expect(try ConstantDelay.parse(delay.description) == delay)
        }
    }

    private func read(
        _ text: String, _ parser: String, zone name: String?, from: String
    ) throws -> (TimeZoneRules, CronExpression) {
        let (prefix, expression) = CronExpression.splitZone(text)
        let cron = try CronExpression.parse(expression, as: try Self.format(parser))
        if let name = prefix ?? name { return (try TimeZoneRules.named(name), cron) }
        // The fixed offset of the moment that the search starts from.
        let wall = try CivilDateTime.parse(String(from.prefix(19)))
        let offset = wall.secondsSince1970 - (try Instant.parse(from)).secondsSince1970
        return (TimeZoneRules(name: "fixed", secondsEastOfUTC: Int(offset), abbreviation: "fixed"), cron)
    }

    private static func format(_ parser: String) throws -> CronFormat {
        switch parser {
        case "standard5": .standard
        case "seconds6_dow_optional": CronFormat(CronFormat.Part.allCases, optional: .dayOfWeek)
        case "seconds_optional": CronFormat(CronFormat.Part.allCases, optional: .second)
        case "minute_hour_only": CronFormat([.minute, .hour], allowsDescriptors: false)
        default: throw InvalidText("no parser \(parser)")
        }
    }

    private static func format(_ options: [String]) throws -> CronFormat {
        let names: [String: CronFormat.Part] = [
            "second": .second, "minute": .minute, "hour": .hour, "dom": .dayOfMonth, "month": .month, "dow": .dayOfWeek,
        ]
        var format = CronFormat([], allowsDescriptors: options.contains("descriptor"))
        for option in options where option != "descriptor" {
            let isOptional = option.hasSuffix("_optional")
            let part = try #require(names[String(option.prefix { $0 != "_" })])
            format.parts.append(part)
            if isOptional { format.optional = part }
        }
        return format
    }
}

@Suite("Intervals between two cron expressions")
struct CronIntervalVectorTests {
    private struct Case: Decodable {
        var id: String
        var start: String
        var end: String?
        var duration: String?
        var zone: String
        var now: String
        var expected: Bool
    }

    private struct Trigger: Decodable {
        var id: String
        var trigger: Expressions
        var valid: Bool

        struct Expressions: Decodable {
            var start: String
            var end: String
        }
    }

    @Test("what KEDA's cron trigger refuses is refused")
    func validate() throws {
        for vector in try Vectors.cases("sync_windows", kind: "keda_cron_validate", as: Trigger.self) {
            let said = error {
                _ = try CronInterval(start: .parse(vector.trigger.start), end: .parse(vector.trigger.end))
            }
            #expect((said == "no error") == vector.valid, "\(vector.id): \(said)")
        }
    }

    @Test("KEDA's cron trigger and Nomad's schedules say the same", arguments: ["keda_cron_active", "schedule_window"])
    func active(kind: String) throws {
        for vector in try Vectors.cases("sync_windows", kind: kind, as: Case.self) {
            let zone = try TimeZoneRules.named(vector.zone)
            let now = try Instant.parse(vector.now)
            let start = try CronExpression.parse(vector.start)
            if let end = vector.end {
                let interval = try CronInterval(start: start, end: try CronExpression.parse(end))
                #expect(interval.isActive(at: now, in: zone) == vector.expected, "\(vector.id)")
            } else {
                let length = try Duration.parse(try #require(vector.duration)).components.seconds
                let schedule = WindowSchedule(.cron(start), .elapsed(length), zone: zone)
                #expect(schedule.isOpen(at: now) == vector.expected, "\(vector.id)")
            }
        }
    }
}
