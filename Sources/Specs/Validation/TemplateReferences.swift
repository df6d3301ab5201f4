/// Puts shared templates into the objects that refer to them.
enum TemplateReferences {
    static func resolve(_ set: inout SpecSet, _ references: References) -> [Diagnostic] {
        var diagnostics: [Diagnostic] = []
        let templates = Dictionary(set.containerTemplates.map { ($0.id.name, $0) }) { first, _ in first }
        var used: Set<String> = []
        set.updatePlaced { object in
            guard let name = object.source.reference else { return }
            used.insert(name)
            let place = object.position(of: "spec.templateRef")
            if let dangling = references.check(ResourceID(.containerTemplate, name), at: place) {
                diagnostics.append(dangling)
            }
            guard let template = templates[name] else { return }
            object.source.template = template.spec
            object.fields.adopt(template.fields, below: "spec", as: "spec.template")
            // A shared template that asks for what cannot be had yet asks for it in every object that uses it.
            object.unenforced += template.unenforced
        }
        guard references.isComplete else { return diagnostics }
        for template in set.containerTemplates where !used.contains(template.id.name) {
            let message = "nothing refers to \(template.id)"
            diagnostics.append(Diagnostic(.warning, .unusedObject, at: template.origin, message))
        }
        return diagnostics
    }
}
