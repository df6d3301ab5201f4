/// An object that says what this version cannot carry out, and has no members that could be held for it.
package struct HeldDeclaration: Hashable, Sendable {
    package var id: ResourceID
    package var demands: [UnenforcedDemand]
    package var origin: SourcePosition
}

extension SpecSet {
    /// All such objects, in the order of their identities.
    package var heldDeclarations: [HeldDeclaration] {
        var held = warmPools.filter { $0.spec.size?.fixed == nil }.map { HeldDeclaration($0) }
        held += hostPools.map { HeldDeclaration($0) }
        held += resourceLimits.map { HeldDeclaration($0) } + securityProfiles.map { HeldDeclaration($0) }
        held += networkPolicies.map { HeldDeclaration($0) } + autoscalers.map { HeldDeclaration($0) }
        held += maintenanceWindows.map { HeldDeclaration($0) }
        return held.filter { !$0.demands.isEmpty }.sorted { $0.id < $1.id }
    }
}

extension HeldDeclaration {
    fileprivate init<Spec: KindSpec>(_ resource: Resource<Spec>) {
        id = resource.id
        demands = resource.unenforced
        origin = resource.origin
    }
}
