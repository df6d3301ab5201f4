/// Writes the language, or one kind of it, as a JSON Schema (draft 2020-12) for editors and for checks in CI.
///
/// The schema takes every document that the decoder takes, with one exception: `apiVersion` and `kind` must be written
/// out. It cannot know what depends on other documents, on how a number was spelt, or on arithmetic.
package enum JSONSchema {
    /// One document of any of these kinds.
    package static func schema(of kinds: [KindDefinition]) -> JSON {
        var definitions = SchemaDefinitions()
        let metadata = definitions.reference(to: Metadata.definition.description)
        let specs = kinds.map { definitions.reference(to: $0.spec.load()) }
        let head: JSON = [
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": .string(kinds.count == 1 ? kinds[0].kind.rawValue : "An object of reconcile"),
            "description": .string(
                kinds.count == 1 ? kinds[0].spec.load().summary.plain : "A document of the spec language."),
            "type": "object", "required": ["apiVersion", "kind", "metadata", "spec"], "additionalProperties": false,
        ]
        let properties: JSON = [
            "apiVersion": [
                "description": "The version of the language.", "const": .string(DocumentDecoder.apiVersion),
            ],
            "kind": kind(among: kinds),
            "metadata": metadata,
            "spec": kinds.count == 1 ? specs[0] : ["type": "object"],
        ]
        let alternatives = zip(kinds, specs).map { kind, spec -> JSON in
            [
                "if": ["properties": ["kind": ["const": .string(kind.kind.rawValue)]], "required": ["kind"]],
                "then": ["properties": ["spec": spec]],
            ]
        }
        let body: JSON = ["properties": properties] + (kinds.count == 1 ? [:] : ["allOf": .array(alternatives)])
        return head + body + ["$defs": definitions.all]
    }

    private static func kind(among kinds: [KindDefinition]) -> JSON {
        let names = kinds.map(\.kind.rawValue)
        let summaries = kinds.map { $0.spec.load().summary }
        let description: JSON = ["description": "The kind of the object."]
        if names.count == 1 { return description + ["const": .string(names[0])] }
        return description + ["enum": .strings(names)] + ScalarSchema.summaries(summaries)
    }
}

/// The objects of a schema, each once.
struct SchemaDefinitions {
    private var objects: [String: JSON] = ["variable": variable]

    /// Stands for a scalar whose value an environment knows.
    private static let variable: JSON = [
        "description": "A variable such as ${{ name }}, declared in a document of kind Variables.", "type": "string",
        "pattern": .string(#"\$\{\{"#),
    ]

    var all: JSON {
        .object(objects.sorted { $0.key < $1.key }.map { JSON.Member($0.key, $0.value) })
    }

    /// A reference to the object, which is described if it is not yet.
    mutating func reference(to object: ObjectDescription) -> JSON {
        if objects[object.name] == nil {
            // Before its fields: an object may contain itself.
            objects[object.name] = .null
            objects[object.name] = schema(of: object)
        }
        return ["$ref": .string("#/$defs/\(object.name)")]
    }

    /// Patterns of amounts are long, and many fields have the same bounds.
    private mutating func reference(to quantity: QuantityDescription) -> JSON {
        let name = "\(quantity.unit.rawValue)-\(quantity.lowest)-\(quantity.highest)".filter { $0 != "%" }
        objects[name] = ScalarSchema.schema(of: .quantity(quantity))
        return ["$ref": .string("#/$defs/\(name)")]
    }

    private mutating func schema(of object: ObjectDescription) -> JSON {
        let sentences = [object.summary] + object.rules
        let required = object.fields.filter(\.isRequired).map(\.name)
        var members: [JSON.Member] = []
        for field in object.fields { members.append(JSON.Member(field.name, schema(of: field))) }
        let rules = RuleSchema(object).schema { schema(of: $0) }
        return Self.texts(sentences) + ["type": "object"]
            + (required.isEmpty ? [:] : ["required": .strings(required)])
            + ["additionalProperties": false, "properties": .object(members)] + rules
    }

    private mutating func schema(of field: FieldDescription) -> JSON {
        let leftOut = field.whenLeftOut.map { "Left out: \($0)." }
        let value = field.defaultText.flatMap { JSON(yaml: $0) }
        return schema(of: field.type)
            + Self.texts([field.summary, leftOut, field.enforcement.remark].compactMap { $0 })
            + (value.map { ["default": $0] } ?? [:])
    }

    private mutating func schema(of type: TypeDescription) -> JSON {
        switch type {
        case .object(let provider): return reference(to: provider.load())
        case .quantity(let quantity): return reference(to: quantity)
        case .either(let types): return ["anyOf": .array(types.map { schema(of: $0) })]
        case .list(let item, let counts, let isUnique):
            return ["type": "array", "items": schema(of: item)]
                + (counts.lowerBound > 0 ? ["minItems": .integer(Int64(counts.lowerBound))] : [:])
                + ["maxItems": .integer(Int64(counts.upperBound))] + (isUnique ? ["uniqueItems": true] : [:])
        case .map(let keys, let values):
            return ["type": "object"] + (keys.pattern.map { ["propertyNames": ["pattern": .string($0)]] } ?? [:])
                + ["additionalProperties": schema(of: values)]
        default: return ScalarSchema.schema(of: type)
        }
    }

    /// A sentence or several, for all editors and for those that show Markdown.
    private static func texts(_ sentences: [String]) -> JSON {
        let text = sentences.joined(separator: " ")
        return [
            "description": .string(text.plain), "markdownDescription": .string(sentences.joined(separator: "\n\n")),
        ]
    }
}

extension String {
    /// Without the marks of Markdown.
    var plain: String { String(filter { $0 != "`" }) }
}
