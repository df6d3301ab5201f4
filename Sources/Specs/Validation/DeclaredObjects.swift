/// All that the files of a revision declare, before anything is known about how the objects fit together.
struct DeclaredObjects {
    var hostPools: [Resource<HostPool>] = []
    var workloads: [Resource<Workload>] = []
    var warmPools: [Resource<WarmPool>] = []
    /// Every object whose kind and name could be read, in the order of the files, even if the rest is wrong.
    var identities: [(id: ResourceID, place: SourcePosition)] = []
    /// Whether the identities are all there are; after a syntax error nobody knows what else was meant.
    var isComplete = true

    /// Takes over one document and gives its findings.
    mutating func add(_ result: DocumentDecoder.Result) -> [Diagnostic] {
        switch result.object {
        case .hostPool(let pool): hostPools.append(pool)
        case .workload(let workload): workloads.append(workload)
        case .warmPool(let pool): warmPools.append(pool)
        case nil: break
        }
        if let identity = result.identity { identities.append(identity) } else { isComplete = false }
        return result.diagnostics
    }

    /// Fills what was left out, checks all rules between objects, and gives their findings.
    mutating func resolveAndValidate() -> [Diagnostic] {
        var diagnostics = UniqueNames.validate(identities)
        diagnostics += HostPoolReferences(self).resolve(&self)
        diagnostics += HostPortClaims.validate(self)
        diagnostics += PoolCapacity.validate(self)
        return diagnostics
    }

    /// The set of all objects, in the order of their identities.
    var specs: SpecSet {
        SpecSet(
            hostPools: hostPools.sorted { $0.id < $1.id }, workloads: workloads.sorted { $0.id < $1.id },
            warmPools: warmPools.sorted { $0.id < $1.id })
    }
}

/// A spec whose containers run on the hosts of a pool.
protocol PlacedSpec {
    var hostPool: String { get set }
    /// How many containers it asks for, per host or in total as its pool says.
    var members: Int { get }
    /// The path of the field that says so.
    static var membersField: String { get }
}

extension Workload: PlacedSpec {
    var members: Int { replicas }
    static let membersField = "spec.replicas"
}

extension WarmPool: PlacedSpec {
    var members: Int { size }
    static let membersField = "spec.size"
}
