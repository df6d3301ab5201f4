/// What all selected objects ask for together must stay within the totals of ResourceLimits.
enum Totals {
    /// Reports each total that is exceeded once, at the object that crosses it in the order of the files.
    static func validate(_ set: SpecSet, _ placed: [PlacedObject]) -> [Diagnostic] {
        guard !set.resourceLimits.isEmpty else { return [] }
        let pools = Dictionary(set.hostPools.map { ($0.id.name, $0.spec) }) { first, _ in first }
        let summing = set.resourceLimits.filter { $0.spec.totals != ResourceLimits.Totals() }
        let index = SelectorIndex(summing.map(\.spec.selector))
        var members = [[PlacedObject]](repeating: [], count: summing.count)
        for object in placed { for number in index.selecting(object.labels) { members[number].append(object) } }
        return zip(summing, members).flatMap { limits, members in
            let selected = Dictionary(grouping: members) { $0.placement.hostPool }
            return selected.keys.sorted().flatMap { name -> [Diagnostic] in
                let objects = selected[name] ?? []
                if let open = checkIsKnown(limits, pools[name], "HostPool/\(name)") { return [open] }
                var diagnostics = check(limits, "perPool", limits.spec.totals.perPool, objects, "HostPool/\(name)")
                if pools[name]?.isOneHost == true {
                    let host = "a host of HostPool/\(name)"
                    diagnostics += check(limits, "perHost", limits.spec.totals.perHost, objects, host)
                }
                return diagnostics
            }
        }
    }

    /// Where every host runs the whole number, the sum over all hosts is nobody's to know.
    private static func checkIsKnown(
        _ limits: Resource<ResourceLimits>, _ pool: HostPool?, _ name: String
    ) -> Diagnostic? {
        guard limits.spec.totals.perPool != nil, let pool, pool.scope == .perHost, pool.hosts.name == nil else {
            return nil
        }
        let place = limits.position(of: "spec.totals.perPool")
        return Diagnostic(
            .conflictingFields, at: place,
            "'perPool' cannot be checked: every host of \(name) runs the whole number, and how many there are is open",
            hint: "use 'perHost'")
    }

    private static func check(
        _ limits: Resource<ResourceLimits>, _ field: String, _ total: ResourceLimits.Total?, _ objects: [PlacedObject],
        _ whose: String
    ) -> [Diagnostic] {
        guard let total else { return [] }
        let path = "spec.totals.\(field)"
        let parts: [(name: String, most: Int64?, sum: (HostDemand) -> Int64?, show: (Int64) -> String)] = [
            ("containers", total.containers.map { Int64($0) }, { Int64($0.containers) }, { String($0) }),
            (
                "cpus", total.cpus?.nanoCPUs, { $0.hasEvery.cpus ? $0.cpus : nil },
                { CPUQuantity(nanoCPUs: $0).description }
            ),
            (
                "memory", total.memory?.bytes, { $0.hasEvery.memory ? $0.memory : nil },
                { ByteQuantity(bytes: $0).description }
            ),
            ("pids", total.pids, { $0.hasEvery.pids ? $0.pids : nil }, { String($0) }),
        ]
        return parts.compactMap { part in
            guard let most = part.most else { return nil }
            let total = [Diagnostic.Related(limits.position(of: "\(path).\(part.name)"), "the total")]
            var demand = HostDemand()
            for object in objects {
                demand.add(object)
                guard let sum = part.sum(demand) else {
                    let message = "\(object.id) has no limit of '\(part.name)', which \(limits.id) sums up"
                    let hint = "set 'resources.\(part.name)', or a default in the ResourceLimits"
                    return Diagnostic(.quotaExceeded, at: object.origin, message, hint: hint, related: total)
                }
                guard sum > most else { continue }
                let message =
                    "with \(object.id), '\(part.name)' on \(whose) comes to \(part.show(sum)), "
                    + "over the total of \(part.show(most)) of \(limits.id)"
                return Diagnostic(
                    .quotaExceeded, at: object.position(of: object.membersField), message,
                    hint: arithmetic(objects, part.sum, part.show), related: total)
            }
            return nil
        }
    }
}

extension Totals {
    /// `1Gi (Workload/a) + 4Gi (Workload/b: 2 x 2Gi) = 5Gi`; of everything that is summed up, also of what comes later.
    private static func arithmetic(
        _ objects: [PlacedObject], _ sum: (HostDemand) -> Int64?, _ show: (Int64) -> String
    ) -> String? {
        var all = HostDemand()
        var terms: [String] = []
        for object in objects where object.members > 0 {
            var one = HostDemand()
            one.add(object)
            all.add(object)
            guard let amount = sum(one) else { return nil }
            let each =
                object.members > 1 && amount < .max
                ? ": \(object.members) x \(show(amount / Int64(object.members)))" : ""
            terms.append("\(show(amount)) (\(object.id)\(each))")
        }
        guard let total = sum(all) else { return nil }
        return Diagnostic.list(terms, word: "+", limit: 8).replacing(", ", with: " + ") + " = \(show(total))"
    }
}

extension HostPool {
    /// Whether the numbers of this pool are numbers of each single host.
    var isOneHost: Bool { scope == .perHost || hosts.name != nil }
}
