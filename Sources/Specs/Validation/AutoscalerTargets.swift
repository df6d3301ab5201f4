/// One object has at most one Autoscaler, which fits it; a pool without a size has exactly one.
struct AutoscalerTargets {
    private let set: SpecSet
    private let references: References
    private let workloads: [ResourceID: Resource<Workload>]
    private let warmPools: [ResourceID: Resource<WarmPool>]
    private let hostPools: [String: Resource<HostPool>]
    private var first: [ResourceID: Resource<Autoscaler>] = [:]
    private var diagnostics: [Diagnostic] = []

    static func validate(_ set: SpecSet, _ references: References) -> [Diagnostic] {
        var state = AutoscalerTargets(set: set, references: references)
        // They are in the order of the files still.
        for autoscaler in set.autoscalers { state.check(autoscaler) }
        state.checkPools()
        return state.diagnostics
    }

    private init(set: SpecSet, references: References) {
        self.set = set
        self.references = references
        workloads = Dictionary(set.workloads.map { ($0.id, $0) }) { first, _ in first }
        warmPools = Dictionary(set.warmPools.map { ($0.id, $0) }) { first, _ in first }
        hostPools = Dictionary(set.hostPools.map { ($0.id.name, $0) }) { first, _ in first }
    }

    private mutating func check(_ autoscaler: Resource<Autoscaler>) {
        let target = autoscaler.spec.target
        var place: SourcePosition { autoscaler.position(of: "spec.target") }
        if let dangling = references.check(target, at: autoscaler.fields["spec.target.name"] ?? place) {
            diagnostics.append(dangling)
        }
        if let other = first[target] {
            let message = "\(target) has two Autoscalers, '\(other.id.name)' and '\(autoscaler.id.name)'"
            diagnostics.append(
                Diagnostic(.conflictingAutoscalers, at: place, message, related: other.fields["spec.target"]))
            return
        }
        first[target] = autoscaler
        checkMetrics(autoscaler)
        checkMost(autoscaler)
    }

    /// What is scaled must be able to have as many members as the Autoscaler may give it.
    private mutating func checkMost(_ autoscaler: Resource<Autoscaler>) {
        let most = autoscaler.spec.max
        var hostPool: String?
        var bound: (count: Int, of: String, place: SourcePosition)?
        if let workload = workloads[autoscaler.spec.target] {
            hostPool = workload.spec.placement.hostPool
            if !workload.spec.publish.isEmpty, !workload.spec.leadsPorts {
                bound = (
                    1, "\(workload.id), which publishes ports with 'recreate',", workload.position(of: "spec.publish")
                )
            }
        } else if let pool = warmPools[autoscaler.spec.target] {
            hostPool = pool.spec.placement.hostPool
            if let members = pool.spec.maxMembers {
                bound = (members, "'maxMembers' of \(pool.id)", pool.position(of: "spec.maxMembers"))
            }
        }
        if let hosts = hostPool.flatMap({ hostPools[$0] }), hosts.spec.isOneHost,
            let room = hosts.spec.capacity.containersPerHost, room < bound?.count ?? .max
        {
            let place = hosts.position(of: "spec.capacity.containersPerHost")
            bound = (room, "'containersPerHost' of \(hosts.id)", place)
        }
        guard let bound, most > bound.count else { return }
        let message = "'max' of \(autoscaler.id) is \(most), but the most of \(bound.of) is \(bound.count)"
        diagnostics.append(
            Diagnostic(
                .capacityExceeded, at: autoscaler.position(of: "spec.max"), message,
                related: [.init(bound.place, "the most there can be")]))
    }

    /// Some things are measured of warm pools alone, and others of members that a HostPool does not have.
    private mutating func checkMetrics(_ autoscaler: Resource<Autoscaler>) {
        let kind = autoscaler.spec.target.kind
        for (index, metric) in autoscaler.spec.metrics.enumerated() {
            let isWrong =
                switch metric.type {
                case .poolUtilization, .poolExhausted, .claimRate: kind != .warmPool
                case .resource: kind == .hostPool
                default: false
                }
            guard isWrong else { continue }
            let place = autoscaler.position(of: "spec.metrics.\(index).type")
            let message = "a metric of type '\(metric.type.rawValue)' cannot be measured of a \(kind.rawValue)"
            diagnostics.append(Diagnostic(.conflictingFields, at: place, message))
        }
    }

    private mutating func checkPools() {
        for pool in set.warmPools {
            var place: SourcePosition { pool.position(of: "spec.size") }
            switch (pool.spec.size, first[pool.id]) {
            case (nil, nil) where references.isComplete:
                let hint = "a count, a percentage of the claimed members, or 'auto'"
                diagnostics.append(
                    Diagnostic(.missingKey, at: place, "\(pool.id) needs 'size' or an Autoscaler", hint: hint))
            case (.some, .some(let autoscaler)):
                diagnostics.append(
                    Diagnostic(
                        .conflictingFields, at: place, "'size' cannot stand beside \(autoscaler.id), which sets it",
                        hint: "leave 'size' out",
                        related: [.init(autoscaler.position(of: "spec.target"), "its Autoscaler")]))
            default: break
            }
        }
    }
}
