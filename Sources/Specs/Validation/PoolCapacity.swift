/// A pool must be able to hold what is placed on it, where that can be known from the specs alone.
struct PoolCapacity {
    private struct Demand {
        var id: ResourceID
        var members: Int
        var place: SourcePosition
        var origin: SourcePosition
    }

    /// Reports each pool that is too small once, at the object that crosses its capacity in the order of the files.
    static func validate(_ objects: DeclaredObjects) -> [Diagnostic] {
        var demands: [String: [Demand]] = [:]
        for workload in objects.workloads { demands[workload.spec.hostPool, default: []].append(demand(of: workload)) }
        for pool in objects.warmPools { demands[pool.spec.hostPool, default: []].append(demand(of: pool)) }
        return objects.hostPools.compactMap { pool in
            guard let capacity = capacity(of: pool.spec), let demands = demands[pool.id.name] else { return nil }
            return check(pool.id.name, capacity, demands.sorted { $0.origin < $1.origin })
        }
    }

    /// What one host of the pool must hold; nil where that depends on how many hosts there are.
    private static func capacity(of pool: HostPool) -> Int? {
        pool.scope == .perHost || pool.hosts.name != nil ? pool.capacity.containersPerHost : nil
    }

    private static func demand<Spec: PlacedSpec>(of resource: Resource<Spec>) -> Demand {
        Demand(
            id: resource.id, members: resource.spec.members,
            place: resource.fields[Spec.membersField] ?? resource.origin, origin: resource.origin)
    }

    private static func check(_ name: String, _ capacity: Int, _ demands: [Demand]) -> Diagnostic? {
        var total = 0
        guard
            let crossing = demands.first(where: { demand in
                total += demand.members
                return total > capacity
            })
        else { return nil }
        let terms = demands.filter { $0.members > 0 }
        let sum = terms.reduce(0) { $0 + $1.members }
        let shown = Diagnostic.list(terms.map { "\($0.members) (\($0.id))" }, word: "+", limit: 8)
            .replacing(", ", with: " + ")
        let room = capacity == 1 ? "1 container" : "\(capacity) containers"
        let message = "HostPool '\(name)' holds \(room) per host, but \(shown) = \(sum)"
        return Diagnostic(
            .capacityExceeded, at: crossing.place, message, hint: "raise 'containersPerHost' or ask for fewer")
    }
}
