/// What a field takes, as data: the schema, `explain` and the reference pages are made of it.
package indirect enum TypeDescription: Sendable {
    /// Text that a rule allows.
    case string(TextDescription)
    /// Any scalar but null, taken as it was written.
    case scalar
    case integer(ClosedRange<Int64>)
    /// A number that may have a fraction.
    case number(ClosedRange<Double>)
    case boolean
    /// One of a few words.
    case choice([Choice])
    case quantity(QuantityDescription)
    /// `isUnique` where two equal items are an error.
    case list(TypeDescription, counts: ClosedRange<Int>, isUnique: Bool = false)
    /// A map with free keys.
    case map(keys: TextDescription, values: TypeDescription)
    case object(ObjectDescription.Provider)
    /// Any of several shapes, told apart by the kind of the YAML node.
    case either([TypeDescription])
    /// A map with any keys and any values.
    case anything

    package struct Choice: Sendable {
        package var word: String
        /// One sentence; empty where the word says it all.
        package var summary: String
    }
}

/// What text is right, in words and as a regular expression.
package struct TextDescription: Sendable {
    /// Completes "must be".
    package var expected: String
    /// A regular expression in the common subset of ECMA-262 and Swift; nil where none can say it.
    ///
    /// It may allow more than the rule itself, never less.
    package var pattern: String?
    package var example: String?
    /// What the decoder goes by; nil where any text is right, or where more than the text decides.
    package var allows: (@Sendable (String) -> Bool)?

    package init(
        _ expected: String, pattern: String? = nil, example: String? = nil,
        allows: (@Sendable (String) -> Bool)? = nil
    ) {
        self.expected = expected
        self.pattern = pattern
        self.example = example
        self.allows = allows
    }
}

/// An amount with a unit, and between which values it must lie.
package struct QuantityDescription: Sendable {
    package enum Unit: String, Sendable { case cpus, bytes, duration, percent }

    package var unit: Unit
    package var lowest: String
    package var highest: String
}

/// A map with known keys, as data.
package struct ObjectDescription: Sendable {
    /// Gives a description when it is asked for: objects may contain themselves.
    package struct Provider: Sendable {
        /// Unique among all objects of the language; the name of the type in Swift.
        package let name: String
        package let load: @Sendable () -> ObjectDescription
    }

    package var name: String
    /// One sentence.
    package var summary: String
    package var fields: [FieldDescription]
    /// Rules between the fields, one sentence each.
    package var rules: [String]
    /// Fields of which exactly one must be written; none where nothing of the kind holds.
    package var exactlyOneOf: [[String]]
    /// Fields of which at most one may be written.
    package var atMostOneOf: [[String]]
    /// What the schema knows of the rules, besides.
    package var conditions: [ObjectCondition]
}

/// One field of a map, as data.
package struct FieldDescription: Sendable {
    package var name: String
    package var type: TypeDescription
    package var isRequired: Bool
    /// The default as YAML on one line; nil where there is none, or where it depends on other things.
    package var defaultText: String?
    /// What happens when it is left out, where that is not one value.
    package var whenLeftOut: String?
    /// One or two sentences.
    package var summary: String
    /// The first version of reconcile that knows the field.
    package var since: String
    package var enforcement: Enforcement
}

/// Where what a field says is made true.
package enum Enforcement: Hashable, Sendable {
    /// As the field around it.
    case inherited
    /// By a part of reconcile, named in a few words.
    case by(String)
    /// By a part of reconcile, except for some values, for which the object is held.
    case partly(by: String, held: String)
    /// Not yet: an object that says this is held.
    case notYet
}
