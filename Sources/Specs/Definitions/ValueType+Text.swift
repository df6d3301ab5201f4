extension ValueType {
    /// Text in a small language of its own.
    package static func text(
        _ expected: String, example: String, pattern: String? = nil, code: Diagnostic.Code = .invalidValue,
        _ parse: @escaping @Sendable (String) throws(InvalidText) -> Value
    ) -> Self where Value: CustomStringConvertible {
        ValueType(
            .string(TextDescription(expected, pattern: pattern, example: example)),
            decode: { field in
                guard let text = field.writtenText() else { return nil }
                do throws(InvalidText) {
                    return try parse(text)
                } catch {
                    field.report(error.code ?? code, "\(field.name): \(error.problem)", hint: error.hint)
                    return nil
                }
            }, text: { "\"\($0)\"" })
    }
}

extension ValueType where Value == CronExpression {
    /// Five fields, or a descriptor such as `@daily`.
    static var cron: Self {
        .text(
            "a cron expression of five fields", example: "0 2 * * SUN#3", pattern: TextPattern.cron, code: .invalidCron
        ) { text throws(InvalidText) in try CronExpression.parse(text)
        }
    }
}

extension ValueType where Value == RecurrenceRule {
    static var recurrence: Self {
        .text(
            "a recurrence rule of RFC 5545", example: "FREQ=MONTHLY;BYDAY=3SU", pattern: TextPattern.recurrence,
            code: .invalidRecurrence
        ) { text throws(InvalidText) in try RecurrenceRule.parse(text)
        }
    }
}

extension ValueType where Value == WallTime {
    static var wallTime: Self {
        .text("a time of day", example: "02:00", pattern: "^\(TextPattern.time)$") {
            text throws(InvalidText) in try WallTime.parse(text)
        }
    }
}

extension ValueType where Value == CalendarDate {
    static var date: Self {
        .text("a date", example: "2026-12-24", pattern: "^\(TextPattern.date)$") {
            text throws(InvalidText) in try CalendarDate.parse(text)
        }
    }
}

extension ValueType where Value == Weekday {
    static var weekday: Self {
        let days = Weekday.allCases.map { TypeDescription.Choice(word: $0.description, summary: "") }
        return ValueType(.choice(days), decode: written.decode, text: written.text)
    }

    private static var written: Self {
        .text("a day of the week", example: "sunday") { text throws(InvalidText) in try Weekday.parse(text) }
    }
}

extension ValueType where Value == CIDR {
    static var cidr: Self {
        .text("a range of addresses", example: "10.20.0.0/16", pattern: "^(\(TextPattern.range))$") {
            text throws(InvalidText) in try CIDR.parse(text)
        }
    }
}

extension ValueType where Value == IPAddress {
    static var address: Self {
        .text("an IP address", example: "10.20.0.53", pattern: "^(\(TextPattern.address))$") {
            text throws(InvalidText) in try IPAddress.parse(text)
        }
    }
}

extension ValueType where Value == PortRange {
    static var ports: Self {
        ValueType(
            .either([
                .integer(1...65535),
                .string(TextDescription("ports with a protocol", pattern: TextPattern.ports, example: "443/tcp")),
            ]), decode: parsed.decode, text: parsed.text)
    }

    private static var parsed: Self {
        .text("ports with a protocol", example: "443/tcp") { text throws(InvalidText) in try PortRange.parse(text) }
    }
}

extension ValueType where Value == DNSPattern {
    static var dnsPattern: Self {
        .text("a DNS name, or one below it with '*.'", example: "*.example.com", pattern: TextPattern.dnsName) {
            text throws(InvalidText) in try DNSPattern.parse(text)
        }
    }
}
