/// A selector that selects nothing is probably misspelt.
enum Selectors {
    static func validate(_ set: SpecSet, _ placed: [PlacedObject], _ references: References) -> [Diagnostic] {
        guard references.isComplete else { return [] }
        // An empty one means everything, also where there is nothing yet.
        let selecting = set.selecting.filter { $0.selector != LabelSelector() }
        guard !selecting.isEmpty else { return [] }
        let index = SelectorIndex(selecting.map(\.selector))
        var selected: Set<Int> = []
        for object in placed { selected.formUnion(index.selecting(object.labels)) }
        let labels = Set(placed.flatMap { $0.labels.map { "\($0.key)=\($0.value)" } }).sorted()
        let list = Diagnostic.list(labels.map { "'\($0)'" }, word: "and", limit: 6)
        let hint = labels.isEmpty ? "no object has labels" : "labels of objects: \(list)"
        return selecting.indices.filter { !selected.contains($0) }.map { number in
            let policy = selecting[number]
            let message = "\(policy.what) of \(policy.id) selects nothing"
            return Diagnostic(.warning, .selectorMatchesNothing, at: policy.position, message, hint: hint)
        }
    }
}

/// An object that speaks of others by their labels.
private struct SelectingObject {
    var id: ResourceID
    var selector: LabelSelector
    var what = "the selector"
    var position: SourcePosition
}

extension SpecSet {
    fileprivate var selecting: [SelectingObject] {
        resourceLimits.map { SelectingObject($0, $0.spec.selector) }
            + networkPolicies.map { SelectingObject($0, $0.spec.selector) }
            + maintenanceWindows.map { SelectingObject($0, $0.spec.selector) }
            + networkPolicies.flatMap { peers(of: $0, "egress.allow", "to", $0.spec.egress) }
            + networkPolicies.flatMap { peers(of: $0, "ingress.allow", "from", $0.spec.ingress) }
            + workloads.flatMap { neighbours(of: $0) } + warmPools.flatMap { neighbours(of: $0) }
            + scheduledTasks.flatMap { neighbours(of: $0) }
    }

    /// The objects that a policy lets through.
    private func peers(
        of policy: Resource<NetworkPolicy>, _ list: String, _ peer: String, _ rules: NetworkPolicy.Rules?
    ) -> [SelectingObject] {
        (rules?.allow ?? []).enumerated().compactMap { index, rule in
            rule.peer.selector.map { SelectingObject(policy, $0, "\(list).\(index).\(peer).selector") }
        }
    }

    /// The objects that must not run beside this one.
    private func neighbours<Spec: PlacedSpec>(of object: Resource<Spec>) -> [SelectingObject] {
        guard let selector = object.spec.placement.antiAffinity?.selector else { return [] }
        return [SelectingObject(object, selector, "antiAffinity.selector")]
    }
}

extension SelectingObject {
    fileprivate init<Spec: KindSpec>(
        _ resource: Resource<Spec>, _ selector: LabelSelector, _ path: String = "selector"
    ) {
        id = resource.id
        self.selector = selector
        if path != "selector" { what = "'spec.\(path)'" }
        position = resource.position(of: "spec.\(path)")
    }
}
