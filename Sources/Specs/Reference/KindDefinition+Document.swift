extension KindDefinition {
    /// A whole document of this kind, as data.
    package var document: ObjectDescription {
        func field(_ name: String, _ type: TypeDescription, _ summary: String, _ enforcement: Enforcement)
            -> FieldDescription
        {
            FieldDescription(
                name: name, type: type, isRequired: true, defaultText: nil, whenLeftOut: nil, summary: summary,
                since: FieldDescription.firstVersion, enforcement: enforcement)
        }
        func word(_ word: String) -> TypeDescription { .choice([TypeDescription.Choice(word: word, summary: "")]) }
        let metadata = ObjectDescription.Provider(name: "Metadata") { Metadata.definition.description }
        let description = spec.load()
        return ObjectDescription(
            name: kind.rawValue, summary: description.summary,
            fields: [
                field(
                    "apiVersion", word(DocumentDecoder.apiVersion), "The version of the language.", .by("validation")),
                field("kind", word(kind.rawValue), "The kind of the object.", .by("validation")),
                field("metadata", .object(metadata), "What every object carries besides its spec.", .by("validation")),
                field("spec", .object(spec), description.summary, enforcement),
            ], rules: [], exactlyOneOf: [], atMostOneOf: [], conditions: [])
    }

    /// All fields of the spec, each with its path such as `spec.metrics[].type`, in the order of the definitions.
    ///
    /// - Parameter isOpen: whether the fields of an object are listed as well; its own field always is.
    package func fields(isOpen: (ObjectDescription) -> Bool = { _ in true }) -> [PlacedField] {
        PlacedField.inside(spec.load(), at: "spec", enforcement, isOpen)
    }

    /// All fields of `metadata`, which are the same for every kind.
    package static var metadataFields: [PlacedField] {
        PlacedField.inside(Metadata.definition.description, at: "metadata", .inherited) { _ in true }
    }
}

/// One field of a kind, and where it is.
package struct PlacedField: Sendable {
    /// With `[]` behind lists and `.*` behind maps: `spec.metrics[].type`.
    package var path: String
    package var field: FieldDescription
    /// What the field says of it, or the nearest field around it that says something; `inherited` when none does.
    package var enforcement: Enforcement

    /// Whether it is nothing but a map of fields that say themselves where they are made true.
    package var isAnsweredByItsFields: Bool {
        enforcement == .inherited && !field.type.objects.isEmpty
            && field.type.objects.allSatisfy { object in
                object.fields.allSatisfy { inner in
                    inner.enforcement != .inherited
                        || PlacedField(path: "", field: inner, enforcement: .inherited).isAnsweredByItsFields
                }
            }
    }

    static func inside(
        _ object: ObjectDescription, at path: String, _ outer: Enforcement, _ isOpen: (ObjectDescription) -> Bool
    ) -> [PlacedField] {
        object.fields.flatMap { field -> [PlacedField] in
            let own = PlacedField(
                path: "\(path).\(field.name)", field: field, enforcement: field.enforcement.within(outer))
            let inner = field.type.objects.filter(isOpen).flatMap {
                inside($0, at: own.path + field.type.pathSuffix, own.enforcement, isOpen)
            }
            return [own] + inner
        }
    }
}
