/// Connects workloads and warm pools with the host pools that they name, or with the only one there is.
struct HostPoolReferences {
    /// The names of all declared pools, sorted, including those that have errors of their own.
    private let names: [String]
    private let known: Set<String>
    private let isComplete: Bool
    /// The hint of all findings; made once, because there may be as many findings as objects.
    private let choices: String

    init(_ objects: DeclaredObjects) {
        known = Set(objects.identities.lazy.filter { $0.id.kind == .hostPool }.map(\.id.name))
        names = known.sorted()
        isComplete = objects.isComplete
        let declared = Diagnostic.list(names.map { "'\($0)'" }, word: "and", limit: 8)
        choices = names.isEmpty ? "declare a HostPool" : "declared: \(declared)"
    }

    /// Fills the references that were left out and reports those that lead nowhere.
    func resolve(_ objects: inout DeclaredObjects) -> [Diagnostic] {
        var diagnostics: [Diagnostic] = []
        for index in objects.workloads.indices {
            if let diagnostic = resolve(&objects.workloads[index]) { diagnostics.append(diagnostic) }
        }
        for index in objects.warmPools.indices {
            if let diagnostic = resolve(&objects.warmPools[index]) { diagnostics.append(diagnostic) }
        }
        return diagnostics
    }

    private func resolve<Spec: PlacedSpec>(_ resource: inout Resource<Spec>) -> Diagnostic? {
        let name = resource.spec.hostPool
        let place = resource.fields["spec.hostPool"] ?? resource.origin
        if name.isEmpty {
            guard names.count != 1 else {
                resource.spec.hostPool = names[0]
                return nil
            }
            // With documents that could not be read, the missing pool may be in one of them.
            return isComplete ? missing(resource.id, at: place) : nil
        }
        return known.contains(name) || !isComplete ? nil : dangling(name, at: place)
    }

    private func missing(_ id: ResourceID, at place: SourcePosition) -> Diagnostic {
        let reason = names.isEmpty ? "no HostPool is declared" : "\(names.count) HostPools are declared"
        let message = "\(id) needs 'hostPool', because \(reason)"
        return Diagnostic(.ambiguousReference, at: place, message, hint: choices)
    }

    private func dangling(_ name: String, at place: SourcePosition) -> Diagnostic {
        let message = "HostPool \(Diagnostic.quote(name)) is not declared"
        return Diagnostic(
            .danglingReference, at: place, message, hint: NearestName.hint(for: name, among: names) ?? choices)
    }
}
