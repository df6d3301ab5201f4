/// A type of the language: how a value is read, how it is described, and how it is written.
///
/// Decoder, schema, `explain` and reference pages all go by the same `ValueType`, so that they cannot disagree.
package struct ValueType<Value: Sendable>: Sendable {
    package let description: TypeDescription
    /// The value, or nil after reporting what is wrong.
    package let decode: @Sendable (Field) -> Value?
    /// The value as YAML on one line; nil for what has no short form.
    package let text: @Sendable (Value) -> String?

    package init(
        _ description: TypeDescription, decode: @escaping @Sendable (Field) -> Value?,
        text: @escaping @Sendable (Value) -> String? = { _ in nil }
    ) {
        self.description = description
        self.decode = decode
        self.text = text
    }

    /// The same values in another Swift type; `convert` reports and gives nil for those that do not fit.
    package func map<Other: Sendable>(
        to other: Other.Type = Other.self, text: @escaping @Sendable (Other) -> String? = { _ in nil },
        _ convert: @escaping @Sendable (Value, Field) -> Other?
    ) -> ValueType<Other> {
        let decode = decode
        return ValueType<Other>(
            description, decode: { field in decode(field).flatMap { convert($0, field) } }, text: text)
    }
}

extension ValueType where Value: Equatable {
    /// The same values, of which one is what holds anyway: written out, it says as little as nothing at all.
    package func leftOut(as usual: Value) -> ValueType<Value?> {
        let (decode, text) = (decode, text)
        return ValueType<Value?>(
            description,
            decode: { field -> Value?? in
                guard let value = decode(field) else { return nil }
                return .some(value == usual ? nil : value)
            }, text: { text($0 ?? usual) })
    }
}

extension ValueType where Value == String {
    /// Text that a rule allows.
    package static func string(_ rule: TextRule) -> Self {
        ValueType(.string(rule.description), decode: { $0.string(rule) }, text: { yamlText($0) })
    }

    /// Any text.
    package static var string: Self {
        ValueType(.string(TextDescription("a string")), decode: { $0.string() }, text: { yamlText($0) })
    }

    /// Any scalar but null, as it was written.
    package static var writtenText: Self {
        ValueType(.scalar, decode: { $0.writtenText() }, text: { yamlText($0) })
    }

    /// A string or an integer, as it was written, that a rule allows.
    package static func stringOrInteger(_ rule: TextRule) -> Self {
        ValueType(
            .either([.string(rule.description), .integer(0...Int64(Int32.max))]),
            decode: { $0.stringOrInteger(rule) }, text: { yamlText($0) })
    }

    private static func yamlText(_ text: String) -> String {
        Grammar.isPlainText(text) ? text : "\"" + text + "\""
    }
}

extension ValueType where Value == Bool {
    package static var boolean: Self {
        ValueType(.boolean, decode: { $0.boolean() }, text: { String($0) })
    }
}

extension ValueType where Value == Double {
    package static func number(in range: ClosedRange<Double>) -> Self {
        ValueType(.number(range), decode: { $0.number(in: range) }, text: { String($0) })
    }
}

extension ValueType where Value: FixedWidthInteger {
    /// An integer, written without quotes.
    package static func integer(in range: ClosedRange<Value>) -> Self {
        ValueType(
            .integer(Int64(clamping: range.lowerBound)...Int64(clamping: range.upperBound)),
            decode: { $0.integer(in: range) }, text: { String($0) })
    }
}

extension ValueType where Value: RawRepresentable<String> & CaseIterable & Sendable {
    /// One of the raw values of an enumeration, each with a sentence about it where the word alone does not do.
    package static func choice(_ summaries: [Value: String] = [:]) -> Self where Value: Hashable {
        let choices = Value.allCases.map { TypeDescription.Choice(word: $0.rawValue, summary: summaries[$0] ?? "") }
        return ValueType(.choice(choices), decode: { $0.choice() }, text: { $0.rawValue })
    }
}

extension ValueType where Value: QuantityText & Comparable {
    private static func quantity(
        _ unit: QuantityDescription.Unit, in range: ClosedRange<Value>,
        _ decode: @escaping @Sendable (Field) -> Value?
    ) -> Self {
        let description = QuantityDescription(
            unit: unit, lowest: range.lowerBound.quantityText, highest: range.upperBound.quantityText)
        return ValueType(.quantity(description), decode: decode, text: { $0.quantityText })
    }

    package static func cpus(in range: ClosedRange<CPUQuantity>) -> Self where Value == CPUQuantity {
        quantity(.cpus, in: range) { $0.cpus(in: range) }
    }

    package static func bytes(in range: ClosedRange<ByteQuantity>) -> Self where Value == ByteQuantity {
        quantity(.bytes, in: range) { $0.bytes(in: range) }
    }

    package static func duration(in range: ClosedRange<Duration>) -> Self where Value == Duration {
        quantity(.duration, in: range) { $0.duration(in: range) }
    }

    package static func percent(in range: ClosedRange<Percentage>) -> Self where Value == Percentage {
        quantity(.percent, in: range) { $0.percent(in: range) }
    }
}
