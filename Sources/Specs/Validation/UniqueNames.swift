/// Names are unique per kind, and across the kinds whose containers are named after them.
enum UniqueNames {
    static func validate(_ identities: [(id: ResourceID, place: SourcePosition)]) -> [Diagnostic] {
        var places: [ResourceID: SourcePosition] = [:]
        var diagnostics: [Diagnostic] = []
        for (id, place) in identities {
            if let first = places[id] {
                let message = "\(id.kind.rawValue) '\(id.name)' is already declared"
                diagnostics.append(Diagnostic(.duplicateName, at: place, message, related: first))
                continue
            }
            places[id] = place
            if let other = rival(of: id), let first = places[other] {
                let message = "\(id.kind.rawValue) '\(id.name)' has the name of a \(other.kind.rawValue)"
                let hint = "their containers would have the same names"
                diagnostics.append(Diagnostic(.nameConflict, at: place, message, hint: hint, related: first))
            }
        }
        return diagnostics
    }

    private static func rival(of id: ResourceID) -> ResourceID? {
        switch id.kind {
        case .warmPool: ResourceID(.workload, id.name)
        case .workload: ResourceID(.warmPool, id.name)
        default: nil
        }
    }
}
