/// Connects objects with the host pools that they name, or with the only one there is.
enum HostPoolReferences {
    /// Fills the references that were left out and reports those that lead nowhere.
    static func resolve(_ set: inout SpecSet, _ references: References) -> [Diagnostic] {
        var diagnostics: [Diagnostic] = []
        let names = references.names(of: .hostPool)
        let pools = Dictionary(set.hostPools.map { ($0.id.name, $0) }) { first, _ in first }
        set.updatePlaced { object in
            if !object.placement.hostPool.isEmpty {
                let pool = ResourceID(.hostPool, object.placement.hostPool)
                if let dangling = references.check(pool, at: object.position(of: "spec.hostPool")) {
                    diagnostics.append(dangling)
                }
            } else if names.count == 1 {
                object.placement.hostPool = names[0]
            } else if references.isComplete {
                let reason = names.isEmpty ? "no HostPool is declared" : "\(names.count) HostPools are declared"
                let message = "\(object.id) needs 'hostPool', because \(reason)"
                let place = object.position(of: "spec.hostPool")
                diagnostics.append(
                    Diagnostic(.ambiguousReference, at: place, message, hint: references.choices(of: .hostPool)))
            }
            // Taints, cordons and drains that cannot be had yet would be broken by whatever runs in the pool.
            if let pool = pools[object.placement.hostPool] { object.unenforced += pool.unenforced }
        }
        return diagnostics
    }
}
