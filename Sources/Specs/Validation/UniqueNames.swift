/// Names are unique per kind, and across the kinds whose containers are named after them.
enum UniqueNames {
    static func validate(_ identities: [(id: ResourceID, place: SourcePosition)]) -> [Diagnostic] {
        var places: [ResourceID: SourcePosition] = [:]
        places.reserveCapacity(identities.count)
        var diagnostics: [Diagnostic] = []
        for (id, place) in identities {
            if let first = places[id] {
                let message = "\(id.kind.rawValue) '\(id.name)' is already declared"
                diagnostics.append(Diagnostic(.duplicateName, at: place, message, related: first))
                continue
            }
            places[id] = place
            for other in rivals(of: id).map({ ResourceID($0, id.name) }) {
                guard let first = places[other] else { continue }
                let message = "\(id.kind.rawValue) '\(id.name)' has the name of a \(other.kind.rawValue)"
                let hint = "their containers would have the same names"
                diagnostics.append(Diagnostic(.nameConflict, at: place, message, hint: hint, related: first))
            }
        }
        return diagnostics
    }

    private static func rivals(of id: ResourceID) -> [ResourceKind] {
        switch id.kind {
        case .warmPool: [.workload, .scheduledTask]
        case .workload: [.warmPool, .scheduledTask]
        case .scheduledTask: [.workload, .warmPool]
        default: []
        }
    }
}
