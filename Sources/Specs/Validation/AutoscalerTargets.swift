/// One object has at most one Autoscaler, which fits it; a pool without a size has exactly one.
struct AutoscalerTargets {
    private let set: SpecSet
    private let references: References
    private var first: [ResourceID: Resource<Autoscaler>] = [:]
    private var diagnostics: [Diagnostic] = []

    static func validate(_ set: SpecSet, _ references: References) -> [Diagnostic] {
        var state = AutoscalerTargets(set: set, references: references)
        for autoscaler in set.autoscalers.sorted(by: { $0.origin < $1.origin }) { state.check(autoscaler) }
        state.checkPools()
        return state.diagnostics
    }

    private init(set: SpecSet, references: References) {
        self.set = set
        self.references = references
    }

    private mutating func check(_ autoscaler: Resource<Autoscaler>) {
        let target = autoscaler.spec.target
        var place: SourcePosition { autoscaler.fields["spec.target"] ?? autoscaler.origin }
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
            let place = autoscaler.fields["spec.metrics.\(index).type"] ?? autoscaler.origin
            let message = "a metric of type '\(metric.type.rawValue)' cannot be measured of a \(kind.rawValue)"
            diagnostics.append(Diagnostic(.conflictingFields, at: place, message))
        }
    }

    private mutating func checkPools() {
        for pool in set.warmPools {
            var place: SourcePosition { pool.fields["spec.size"] ?? pool.origin }
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
                        related: [.init(autoscaler.fields["spec.target"] ?? autoscaler.origin, "its Autoscaler")]))
            default: break
            }
        }
    }
}
