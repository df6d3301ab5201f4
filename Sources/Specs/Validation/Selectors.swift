/// A selector that selects nothing is probably misspelt.
enum Selectors {
    static func validate(_ set: SpecSet, _ placed: [PlacedObject], _ references: References) -> [Diagnostic] {
        guard references.isComplete else { return [] }
        return set.selecting.compactMap { policy in
            // An empty one means everything, also where there is nothing yet.
            if policy.selector == LabelSelector() { return nil }
            if placed.contains(where: { policy.selector.selects($0.labels) }) { return nil }
            let message = "the selector of \(policy.id) selects nothing"
            let labels = Set(placed.flatMap { $0.labels.map { "\($0.key)=\($0.value)" } }).sorted()
            let list = Diagnostic.list(labels.map { "'\($0)'" }, word: "and", limit: 6)
            let hint = labels.isEmpty ? "no object has labels" : "labels of objects: \(list)"
            return Diagnostic(.warning, .selectorMatchesNothing, at: policy.position, message, hint: hint)
        }
    }
}

/// An object that speaks of others by their labels.
struct SelectingObject {
    var id: ResourceID
    var selector: LabelSelector
    var position: SourcePosition
}

extension SpecSet {
    var selecting: [SelectingObject] {
        resourceLimits.map { SelectingObject($0, $0.spec.selector) }
            + networkPolicies.map { SelectingObject($0, $0.spec.selector) }
            + maintenanceWindows.map { SelectingObject($0, $0.spec.selector) }
    }
}

extension SelectingObject {
    fileprivate init<Spec: KindSpec>(_ resource: Resource<Spec>, _ selector: LabelSelector) {
        id = resource.id
        self.selector = selector
        position = resource.fields["spec.selector"] ?? resource.origin
    }
}
