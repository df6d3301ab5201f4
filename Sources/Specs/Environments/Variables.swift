/// Declares the variables that the other documents of a revision use as `${{ name }}`.
package struct Variables: Hashable, Sendable {
    package var variables: [String: Declaration]

    /// One variable; without a default every environment must give it a value.
    package struct Declaration: Hashable, Sendable {
        package var defaultValue: WrittenValue?
        package var description: String?

        package init() {}
    }
}

/// A value as it was written, to be put in somewhere else.
package struct WrittenValue: Hashable, Sendable {
    package var node: YAMLNode

    /// Equality of meaning: neither its place, nor its style, nor the order of keys is a matter.
    package static func == (a: Self, b: Self) -> Bool { YAMLMeaning(a.node) == YAMLMeaning(b.node) }
    package func hash(into hasher: inout Hasher) { hasher.combine(YAMLMeaning(node)) }
}

extension Variables: KindSpec {
    package static let kind = ResourceKind.variables
    package static let place: any WritableKeyPath<SpecSet, [Resource<Self>]> & Sendable = \.variables

    package static let definition = ObjectDefinition(
        "Variables", "Declares the variables that other documents use as `${{ name }}`.",
        blank: Variables(variables: [:]),
        fields: [
            .required(
                "variables", \.variables, .map(keys: .variableName, values: .object),
                "The variables by their names; a name is declared once in a revision.", .by("validation"))
        ])
}

extension Variables.Declaration: Declared {
    package static let definition = ObjectDefinition(
        "Variable", "One variable.", blank: Self(),
        fields: [
            .field(
                "default", \.defaultValue, .scalar, "What holds where the environment gives no value.",
                whenLeftOut: "every environment must give a value"),
            .field("description", \.description, .string, "What it is for."),
        ])
}

extension ValueType where Value == WrittenValue {
    /// A string, number or boolean, with the type that it was written with.
    static var scalar: Self {
        ValueType(
            .scalar,
            decode: { field in
                if case .scalar(let scalar) = field.node.content, scalar.value != .null {
                    return WrittenValue(node: field.node)
                }
                field.reportWrongType("a string, a number or a boolean")
                return nil
            })
    }

    /// A map with any keys.
    static var anyMap: Self {
        ValueType(
            .anything,
            decode: { field in
                if case .mapping = field.node.content { return WrittenValue(node: field.node) }
                field.reportWrongType("a map")
                return nil
            })
    }
}

extension TextRule {
    static let variableName = TextRule(
        "1-64 characters of A-Z, a-z, 0-9 and '_', with a letter or '_' first",
        pattern: "^[A-Za-z_][A-Za-z0-9_]{0,63}$", example: "image_tag"
    ) { Grammar.isVariableName($0) }
}
