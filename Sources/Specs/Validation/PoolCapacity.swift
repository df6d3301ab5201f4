/// A pool must be able to hold what is placed on it, where that can be known from the specs alone.
struct PoolCapacity {
    private let pool: Resource<HostPool>
    private let objects: [PlacedObject]

    /// Reports each pool that is too small once for each of its bounds, at the object that crosses it in the order
    /// of the files.
    static func validate(_ set: SpecSet, _ placed: [PlacedObject]) -> [Diagnostic] {
        let demands = Dictionary(grouping: placed) { $0.placement.hostPool }
        return set.hostPools.flatMap { pool -> [Diagnostic] in
            guard pool.spec.isOneHost, let objects = demands[pool.id.name] else { return [] }
            let check = PoolCapacity(pool: pool, objects: objects)
            return [check.containers(), check.cpus(), check.memory()].compactMap(\.self)
        }
    }

    private func containers() -> Diagnostic? {
        guard let capacity = pool.spec.capacity.containersPerHost else { return nil }
        let room = capacity == 1 ? "1 container" : "\(capacity) containers"
        return check(
            holds: "\(room) per host", Int64(capacity), { Int64($0.members) }, { String($0) },
            field: "containersPerHost", hint: "raise 'containersPerHost' or ask for fewer")
    }

    private func cpus() -> Diagnostic? {
        guard let cpus = pool.spec.capacity.cpus else { return nil }
        let free = cpus.nanoCPUs - (pool.spec.capacity.reserved.cpus?.nanoCPUs ?? 0)
        func show(_ amount: Int64) -> String { CPUQuantity(nanoCPUs: amount).description }
        return check(
            holds: "\(show(free)) CPUs per host", free,
            { Self.product($0.members, $0.source.template.resources.cpus?.nanoCPUs) }, show,
            field: "cpus", hint: "raise 'capacity.cpus' or ask for less")
    }

    private func memory() -> Diagnostic? {
        guard let memory = pool.spec.capacity.memory else { return nil }
        let free = memory.bytes - (pool.spec.capacity.reserved.memory?.bytes ?? 0)
        func show(_ amount: Int64) -> String { ByteQuantity(bytes: amount).description }
        return check(
            holds: "\(show(free)) of memory per host", free,
            { Self.product($0.members, $0.source.template.resources.memory?.bytes) }, show,
            field: "memory", hint: "raise 'capacity.memory' or ask for less")
    }

    private static func product(_ count: Int, _ amount: Int64?) -> Int64 {
        let (product, overflows) = (amount ?? 0).multipliedReportingOverflow(by: Int64(count))
        return overflows ? .max : product
    }

    private func check(
        holds room: String, _ capacity: Int64, _ amount: (PlacedObject) -> Int64, _ show: (Int64) -> String,
        field: String, hint: String
    ) -> Diagnostic? {
        let sum = Self.sum(objects, amount)
        guard sum > capacity else { return nil }
        var total: Int64 = 0
        let crossing = objects.first { object in
            let (next, overflows) = total.addingReportingOverflow(amount(object))
            total = overflows ? .max : next
            return total > capacity
        }
        let terms = objects.filter { amount($0) > 0 }.map { "\(show(amount($0))) (\($0.id))" }
        let shown = Diagnostic.list(terms, word: "+", limit: 8).replacing(", ", with: " + ")
        let message = "HostPool '\(pool.id.name)' holds \(room), but \(shown) = \(show(sum))"
        let place = crossing.map { $0.position(of: $0.membersField) } ?? pool.origin
        let capacity = pool.position(of: "spec.capacity.\(field)")
        return Diagnostic(
            .capacityExceeded, at: place, message, hint: hint, related: [.init(capacity, "the capacity")])
    }

    private static func sum(_ objects: [PlacedObject], _ amount: (PlacedObject) -> Int64) -> Int64 {
        objects.reduce(0) { total, object in
            let (next, overflows) = total.addingReportingOverflow(amount(object))
            return overflows ? .max : next
        }
    }
}
