/// The schemas of values without parts. Each also takes `${{ name }}`, which stands for a value of any type.
enum ScalarSchema {
    private static let variable = #"\$\{\{"#

    static let variableReference: JSON = ["$ref": "#/$defs/variable"]

    /// What editors show beside the words of an enumeration; nothing where the words say it all.
    static func summaries(_ summaries: [String]) -> JSON {
        guard summaries.contains(where: { !$0.isEmpty }) else { return [:] }
        return [
            "enumDescriptions": .strings(summaries.map(\.plain)), "markdownEnumDescriptions": .strings(summaries),
        ]
    }

    static func schema(of type: TypeDescription) -> JSON {
        switch type {
        case .string(let text): return string(text)
        case .scalar: return ["type": ["string", "number", "boolean"]]
        case .boolean:
            return ["type": ["boolean", "string"]] + pattern(variable, "must be true or false")
        case .integer(let range):
            return ["type": ["integer", "string"], "minimum": .integer(range.lowerBound)]
                + (range.upperBound == .max ? [:] : ["maximum": .integer(range.upperBound)])
                + pattern(variable, "must be an integer without quotes")
        case .number(let range):
            return [
                "type": ["number", "string"], "minimum": .number(range.lowerBound),
                "maximum": .number(range.upperBound),
            ] + pattern(variable, "must be a number without quotes")
        case .choice(let choices): return choice(choices)
        case .quantity(let quantity): return QuantitySchema.schema(of: quantity)
        case .anything: return ["type": "object"]
        case .list, .map, .object, .either: preconditionFailure("a value with parts")
        }
    }

    /// A pattern that variables match too, and what editors say when it does not match.
    static func pattern(_ pattern: String, _ message: String) -> JSON {
        let pattern = pattern == variable ? pattern : "(?:\(pattern))|\(variable)"
        return ["pattern": .string(pattern), "patternErrorMessage": .string(message)]
    }

    private static func string(_ text: TextDescription) -> JSON {
        ["type": "string"]
            + (text.pattern.map { pattern($0, "must be \(text.expected)") } ?? [:])
            + (text.example.map { ["examples": [.string($0)]] } ?? [:])
    }

    private static func choice(_ choices: [TypeDescription.Choice]) -> JSON {
        let words: JSON = ["type": "string", "enum": .strings(choices.map(\.word))]
        return ["anyOf": [words + summaries(choices.map(\.summary)), variableReference]]
    }
}

/// The schemas of amounts with units.
private enum QuantitySchema {
    static func schema(of quantity: QuantityDescription) -> JSON {
        let range = "must be \(quantity.lowest) to \(quantity.highest), such as \(quantity.unit.examples)"
        let takesNumbers = quantity.unit == .cpus || quantity.unit == .bytes
        let type: JSON = ["type": takesNumbers ? ["number", "string"] : "string"]
        guard let pattern = QuantityPattern(quantity) else { return type }
        return type + (takesNumbers ? pattern.numbers : [:]) + ScalarSchema.pattern(pattern.text, range)
    }
}

extension QuantityDescription.Unit {
    var examples: String {
        switch self {
        case .cpus: "500m or 1.5"
        case .bytes: "512Mi or 4Gi"
        case .duration: "90s or 1h30m"
        case .percent: "20%"
        }
    }
}
