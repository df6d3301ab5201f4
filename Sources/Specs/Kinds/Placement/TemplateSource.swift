/// Where the template of an object stands: in the object itself, or in a `ContainerTemplate` that several share.
package struct TemplateSource: Hashable, Sendable {
    /// The template itself; filled from `reference` when the revision is resolved.
    @CopyOnWrite package var template: ContainerTemplate
    /// The name of a `ContainerTemplate`; nil where the template is written in place.
    package var reference: String?

    package init(_ template: ContainerTemplate = ContainerTemplate(image: ""), reference: String? = nil) {
        _template = CopyOnWrite(wrappedValue: template)
        self.reference = reference
    }

    /// Equality of meaning: where a template was written is no matter.
    package static func == (a: Self, b: Self) -> Bool { a.template == b.template }
    package func hash(into hasher: inout Hasher) { hasher.combine(template) }

    static let fields: [FieldDefinition<TemplateSource>] = [
        .field(
            "template", \.template, .object, "What every container looks like.", whenLeftOut: "`templateRef` is needed"),
        .field(
            "templateRef", \.reference, .string(.objectName),
            "The ContainerTemplate that says what every container looks like.", whenLeftOut: "`template` is needed",
            .by("validation")),
    ]

    static func rule<Root>() -> ObjectRule<Root> { .exactlyOne(of: ["template", "templateRef"]) }
}
