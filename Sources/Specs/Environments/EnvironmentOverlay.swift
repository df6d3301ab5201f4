/// Applies one environment to the documents of a revision: first its patches, then the variables.
struct EnvironmentOverlay {
    private let environment: Resource<Environment>?
    private var bindings: [String: VariableBinding] = [:]
    private(set) var diagnostics: [Diagnostic] = []

    /// - Parameter name: the environment that a host's configuration names; nil for none.
    init(_ name: String?, _ declarations: DeclaredObjects) {
        let environments = declarations.set.environments
        environment = environments.first { $0.id.name == name }
        declare(declarations.set.variables)
        // One that is declared with errors of its own is not missing.
        if let name, declarations.isComplete, !declarations.declares(.environment, name) {
            reportMissing(name, among: environments)
        }
        for (variable, value) in (environment?.spec.variables ?? [:]).sorted(by: { $0.key < $1.key }) {
            if bindings[variable] != nil {
                bindings[variable]?.value = value.node
            } else if declarations.isComplete {
                reportUndeclared(variable, value)
            }
        }
    }

    private mutating func declare(_ all: [Resource<Variables>]) {
        for resource in all {
            for (name, declaration) in resource.spec.variables.sorted(by: { $0.key < $1.key }) {
                let place = resource.position(of: "spec.variables.\(name)")
                if let first = bindings[name] {
                    let message = "variable '\(name)' is already declared"
                    diagnostics.append(Diagnostic(.duplicateName, at: place, message, related: first.place))
                    continue
                }
                bindings[name] = VariableBinding(value: declaration.defaultValue?.node, place: place)
            }
        }
    }

    private mutating func reportMissing(_ name: String, among environments: [Resource<Environment>]) {
        let names = environments.map(\.id.name).sorted()
        let list = names.isEmpty ? "none is declared" : "declared: \(Diagnostic.list(names, word: "and", limit: 8))"
        // No line says it: the name comes from a host's configuration or from the command line.
        let place = environments.first?.origin ?? SourcePosition(file: "<environment>", line: 1, column: 1)
        diagnostics.append(
            Diagnostic(
                .danglingReference, at: place, "environment \(Diagnostic.quote(name)) is not declared",
                hint: NearestName.hint(for: name, among: names) ?? list))
    }

    private mutating func reportUndeclared(_ name: String, _ value: WrittenValue) {
        let hint =
            NearestName.hint(for: name, among: bindings.keys.sorted()) ?? "declare it in a document of kind Variables"
        diagnostics.append(
            Diagnostic(
                .undefinedVariable, at: value.node.position, "variable \(Diagnostic.quote(name)) is not declared",
                hint: hint))
    }

    /// The documents as they are in the environment, without those in which a variable has no value.
    mutating func apply(to documents: [SpecDocument]) -> [SpecDocument] {
        var documents = documents
        patch(&documents)
        var isWhole = true
        for index in documents.indices where documents[index].usesVariables {
            var substitution = Substitution(bindings, in: environment?.id.name)
            documents[index].root = substitution.apply(to: documents[index].root)
            documents[index].isWhole = substitution.diagnostics.isEmpty
            diagnostics += substitution.diagnostics
            isWhole = isWhole && documents[index].isWhole
        }
        return isWhole ? documents : documents.filter(\.isWhole)
    }

    private mutating func patch(_ documents: inout [SpecDocument]) {
        guard let environment, !environment.spec.patches.isEmpty else { return }
        var places: [ResourceID: Int] = [:]
        for (index, document) in documents.enumerated() {
            if let id = document.id, places[id] == nil { places[id] = index }
        }
        for (number, patch) in environment.spec.patches.enumerated() {
            guard isAllowed(patch) else { continue }
            guard let index = places[patch.target] else {
                let place = environment.position(of: "spec.patches.\(number).target")
                let names = places.keys.filter { $0.kind == patch.target.kind }.map(\.name).sorted()
                let message = "\(patch.target) is not declared, so it cannot be patched"
                let hint = NearestName.hint(for: patch.target.name, among: names)
                diagnostics.append(Diagnostic(.invalidOverlayTarget, at: place, message, hint: hint))
                continue
            }
            documents[index].root = MergePatch.apply(patch.patch.node, to: documents[index].root)
            documents[index].usesVariables = true
        }
    }

    /// A patch changes an object; it does not make another one of it.
    private mutating func isAllowed(_ patch: Environment.Patch) -> Bool {
        guard case .mapping(let pairs) = patch.patch.node.content else { return false }
        var wrong = pairs.filter { !["metadata", "spec"].contains($0.key) }
        if case .mapping(let metadata)? = patch.patch.node.child("metadata")?.content {
            wrong += metadata.filter { !["labels", "annotations"].contains($0.key) }
        }
        if patch.target.kind.isAboutDocuments {
            let message = "\(patch.target) cannot be patched"
            diagnostics.append(Diagnostic(.invalidOverlayTarget, at: patch.patch.node.position, message))
            return false
        }
        let removed = pairs.filter { ["metadata", "spec"].contains($0.key) && $0.value.isNull }
        for pair in removed {
            let message = "a patch cannot remove \(Diagnostic.quote(pair.key))"
            diagnostics.append(Diagnostic(.invalidOverlayTarget, at: pair.value.position, message))
        }
        for pair in wrong {
            let message = "a patch cannot change \(Diagnostic.quote(pair.key))"
            let hint = "it changes 'spec', 'metadata.labels' and 'metadata.annotations'"
            diagnostics.append(Diagnostic(.invalidOverlayTarget, at: pair.keyPosition, message, hint: hint))
        }
        return wrong.isEmpty && removed.isEmpty
    }
}
