/// A place of the language that somebody asks about: `Autoscaler`, `Autoscaler.behavior.scaleDown`.
package struct ReferencePath: Sendable {
    /// Why a path leads nowhere, and where it may have been meant to lead.
    package struct Missing: Error, Hashable {
        package var message: String
        package var hint: String
    }

    package let kind: KindDefinition
    /// From the kind on, with `[]` behind lists and `.*` behind maps: `Autoscaler.spec.metrics[].type`.
    package private(set) var path: String
    /// nil for the kind itself.
    package private(set) var field: FieldDescription?
    /// The objects whose fields come next; several where a field takes several shapes.
    package private(set) var objects: [ObjectDescription]
    package private(set) var enforcement: Enforcement

    /// `spec` may be left out, names of kinds are read in any case, and `[]`, `[0]` and keys of maps may stand there or not.
    package init(_ text: String) throws(Missing) {
        var names = text.split(separator: ".", omittingEmptySubsequences: false).map(Self.withoutIndex)
        let first = names.removeFirst()
        guard let kind = KindDefinition.named(first) else {
            let kinds = KindDefinition.all.map(\.kind.rawValue)
            throw Missing(
                message: "there is no kind \(Diagnostic.quote(first))",
                hint: NearestName.hint(for: first, among: kinds)
                    ?? "the kinds are \(Diagnostic.list(kinds, word: "and"))")
        }
        self.kind = kind
        path = kind.kind.rawValue
        let document = kind.document
        objects = [document]
        enforcement = kind.enforcement
        // A MaintenanceWindow has a 'kind' in its spec, and that one is meant.
        if let name = names.first, kind.spec.load().has(name) || !document.has(name) { try enter("spec") }
        var isKeyLeft = false
        for name in names {
            // What is no field may be the key of a map, once.
            if isKeyLeft, !objects.contains(where: { $0.has(name) }) {
                isKeyLeft = false
            } else {
                try enter(name)
                isKeyLeft = field?.type.pathSuffix.contains("*") ?? false
            }
        }
        if field == nil { try enterSpec() }
    }

    /// Asked about a kind itself, people mean its spec; the path stays short.
    private mutating func enterSpec() throws(Missing) {
        try enter("spec")
        path = kind.kind.rawValue
        field = nil
    }

    private mutating func enter(_ name: String) throws(Missing) {
        let suffix = field?.type.pathSuffix ?? ""
        let fields = objects.flatMap(\.fields)
        guard let next = fields.first(where: { $0.name == name }) ?? fields.first(where: { $0.isNamed(name) }) else {
            let names = fields.map(\.name)
            let all = names.isEmpty ? "it has no fields" : "its fields are \(Diagnostic.list(names, word: "and"))"
            throw Missing(
                message: "there is no field \(Diagnostic.quote(name)) in \(path)",
                hint: NearestName.hint(for: name, among: names) ?? all)
        }
        path += "\(suffix).\(next.name)"
        field = next
        objects = next.type.objects
        enforcement = next.enforcement.within(enforcement)
    }

    /// `metrics` of `metrics[0]`.
    private static func withoutIndex(_ name: Substring) -> String { String(name.prefix { $0 != "[" }) }
}

extension ObjectDescription {
    fileprivate func has(_ name: String) -> Bool { fields.contains { $0.isNamed(name) } }
}

extension FieldDescription {
    fileprivate func isNamed(_ name: String) -> Bool { self.name.lowercased() == name.lowercased() }
}

extension ReferencePath {
    /// What every document carries besides its spec.
    package static var metadata: ObjectDescription { Metadata.definition.description }
}
