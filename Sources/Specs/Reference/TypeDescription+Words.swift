extension TypeDescription {
    /// What a person calls the type: `integer`, `list of Metric`, `integer or percentage`.
    package var name: String { name { $0.name } }

    /// - Parameter object: how an object is named; the reference pages make links of them.
    package func name(_ object: (ObjectDescription) -> String) -> String {
        switch self {
        case .string, .choice: return "string"
        case .scalar: return "string, number or boolean"
        case .integer: return "integer"
        case .number: return "number"
        case .boolean: return "boolean"
        case .quantity(let quantity): return quantity.unit.words
        case .list(let item, _, _): return "list of " + item.name(object)
        case .map(_, let values): return "map of " + values.name(object)
        case .object(let provider): return object(provider.load())
        case .anything: return "any map"
        case .either(let types):
            var names: [String] = []
            for name in types.flatMap(\.alternatives).map({ $0.name(object) }) where !names.contains(name) {
                names.append(name)
            }
            return Diagnostic.list(names)
        }
    }

    /// The values that are right, in words; nil where the type says it all.
    package var range: String? {
        switch self {
        case .string(let text): return text.expected == "a string" ? nil : text.expected
        case .integer(let range):
            return range.upperBound == .max
                ? "\(range.lowerBound) or more" : "\(range.lowerBound)-\(range.upperBound)"
        case .number(let range): return "\(Self.shown(range.lowerBound)) to \(Self.shown(range.upperBound))"
        case .choice(let choices): return Diagnostic.list(choices.map { "`\($0.word)`" })
        case .quantity(let quantity): return "\(quantity.lowest) to \(quantity.highest)"
        case .list(let item, let counts, let isUnique):
            return Self.joined([Self.counts(counts), isUnique ? "no two alike" : nil, item.range])
        case .map(let keys, let values):
            return Self.joined(["keys: \(keys.expected)", values.range.map { "values: " + $0 }])
        case .either(let types):
            let ranges = types.flatMap(\.alternatives).compactMap(\.range)
            return ranges.isEmpty ? nil : Diagnostic.list(ranges, word: "or")
        case .scalar, .boolean, .object, .anything: return nil
        }
    }

    /// The words that are allowed and a sentence about each; none where the words say it all.
    package var explainedChoices: [Choice] {
        switch self {
        case .choice(let choices): choices.filter { !$0.summary.isEmpty }
        case .list(let item, _, _): item.explainedChoices
        case .either(let types): types.flatMap(\.explainedChoices)
        default: []
        }
    }

    /// The objects in it, through lists and maps but not inside other objects.
    package var objects: [ObjectDescription] {
        switch self {
        case .object(let provider): [provider.load()]
        case .list(let item, _, _): item.objects
        case .map(_, let values): values.objects
        case .either(let types): types.flatMap(\.objects)
        default: []
        }
    }

    /// What follows the name of a field in a path that leads inside: `[]` for lists, `.*` for maps.
    package var pathSuffix: String {
        switch self {
        case .list(let item, _, _): "[]" + item.pathSuffix
        case .map(_, let values): ".*" + values.pathSuffix
        case .either(let types): types.map(\.pathSuffix).first { !$0.isEmpty } ?? ""
        default: ""
        }
    }

    /// Of nested `either`, all shapes side by side.
    private var alternatives: [TypeDescription] {
        if case .either(let types) = self { types.flatMap(\.alternatives) } else { [self] }
    }

    private static func counts(_ counts: ClosedRange<Int>) -> String? {
        switch (counts.lowerBound, counts.upperBound) {
        case (0, 10_000): nil
        case (1, 10_000): "at least one"
        case (0, let most): "at most \(most)"
        case (let least, let most): "\(least) to \(most) of them"
        }
    }

    private static func joined(_ parts: [String?]) -> String? {
        let parts = parts.compactMap { $0 }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    private static func shown(_ value: Double) -> String { JSON.number(value).text }
}

extension QuantityDescription.Unit {
    /// What a person calls an amount of it.
    var words: String {
        switch self {
        case .cpus: "CPU time"
        case .bytes: "bytes"
        case .duration: "duration"
        case .percent: "percentage"
        }
    }
}

extension Enforcement {
    /// What holds inside something of which `outer` holds: of what is held nothing is made true.
    package func within(_ outer: Enforcement) -> Enforcement {
        outer == .notYet ? .notYet : self == .inherited ? outer : self
    }

    /// Where it is made true, in words; nil where the field around it says it.
    package var words: String? {
        switch self {
        case .inherited: nil
        case .by(let part): part
        case .partly(let part, let held): "\(part), except for \(held): not yet, the object is held"
        case .notYet: "not yet: an object that says this is held"
        }
    }

    /// What the field's own sentence should not leave out; nil where all is made true, or the field around it says it.
    package var remark: String? {
        switch self {
        case .inherited, .by: nil
        case .partly(_, let held): "Not yet enforced, so that the object is held: \(held)."
        case .notYet: "Not yet enforced: an object that says this is held."
        }
    }
}

extension FieldDescription {
    /// The version that all fields without a remark come from.
    package static let firstVersion = "0.1"

    /// What holds when the field is left out: `required`, the default, or words; nil where nothing does.
    ///
    /// - Parameter quote: puts what is YAML between marks.
    package func defaultWords(quote: (String) -> String) -> String? {
        isRequired ? "required" : defaultText.map(quote) ?? whenLeftOut
    }
}
