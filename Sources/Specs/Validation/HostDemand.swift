/// A sum of what containers ask for, and which of it has no bound.
struct HostDemand {
    var containers = 0
    var cpus: Int64 = 0
    var memory: Int64 = 0
    var pids: Int64 = 0
    /// Whether every container has a limit of the kind; a sum with a hole in it says nothing.
    var hasEvery: (cpus: Bool, memory: Bool, pids: Bool) = (true, true, true)

    mutating func add(_ object: PlacedObject) {
        let (count, resources) = (Int64(object.members), object.source.template.resources)
        guard count > 0 else { return }
        containers += object.members
        cpus = Self.sum(cpus, resources.cpus?.nanoCPUs, count, &hasEvery.cpus)
        memory = Self.sum(memory, resources.memory?.bytes, count, &hasEvery.memory)
        pids = Self.sum(pids, resources.pids, count, &hasEvery.pids)
    }

    /// Never overflows: what is too much stays too much.
    private static func sum(_ total: Int64, _ one: Int64?, _ count: Int64, _ hasEvery: inout Bool) -> Int64 {
        guard let one else {
            hasEvery = false
            return total
        }
        let (product, overflows) = one.multipliedReportingOverflow(by: count)
        guard !overflows else { return .max }
        let (next, tooMuch) = total.addingReportingOverflow(product)
        return tooMuch ? .max : next
    }
}
