/// Gives templates the defaults of the ResourceLimits that select them, and holds them to the ceilings.
struct AppliedLimits {
    private let limits: [Resource<ResourceLimits>]
    private let index: SelectorIndex
    private var diagnostics: [Diagnostic] = []

    /// Changes the resources of all templates, and reports contradicting defaults and limits over their ceilings.
    static func apply(to set: inout SpecSet) -> [Diagnostic] {
        guard !set.resourceLimits.isEmpty else { return [] }
        // By their names: where they stand must not decide what holds.
        var state = AppliedLimits(limits: set.resourceLimits.sorted { $0.id < $1.id })
        set.updatePlaced { state.apply(to: &$0) }
        return state.diagnostics
    }

    private init(limits: [Resource<ResourceLimits>]) {
        self.limits = limits
        index = SelectorIndex(limits.map(\.spec.selector))
    }

    private mutating func apply(to object: inout PlacedObject) {
        let selecting = index.selecting(object.labels).map { limits[$0] }
        var resources = object.source.template.resources
        let fields = LimitedField.all(of: selecting.map(\.spec))
        for field in fields {
            guard let giver = field.fill(&resources, from: selecting, of: object, &diagnostics) else { continue }
            object.given[Self.path(field.name)] = giver
        }
        for field in fields { field.check(resources, against: selecting, of: object, &diagnostics) }
        checkSwap(resources, of: object, from: selecting)
        checkReservation(resources, of: object, from: selecting)
        fill("cpuset", \.cpuset, &resources, of: &object, from: selecting)
        fill("blockIO", \.blockIO, &resources, of: &object, from: selecting)
        object.source.template.resources = resources
        object.unenforced += selecting.flatMap(\.unenforced)
    }

    private static func path(_ field: String) -> String { "spec.template.resources.\(field)" }

    /// Swap that a template does not set itself counts on top of its memory, as swap that it does.
    private mutating func checkSwap(
        _ resources: Resources, of object: PlacedObject, from limits: [Resource<ResourceLimits>]
    ) {
        guard object.source.template.resources.memorySwap == nil, let memory = resources.memory,
            case .limit(let swap) = resources.memorySwap, swap < memory
        else { return }
        let givers = limits.compactMap {
            $0.fields["spec.defaults.memorySwap"] ?? $0.fields["spec.ceilings.memorySwap"]
        }
        let message =
            "'memorySwap' of \(object.id) would be \(swap), less than its 'memory' of \(memory), as it counts both"
        diagnostics.append(
            Diagnostic(
                .limitOverCeiling, at: object.position(of: "spec.template.resources.memory"), message,
                related: givers.prefix(1).map { .init($0, "where it comes from") }))
    }

    /// A reservation that a template does not set itself must still be less than its memory.
    private mutating func checkReservation(
        _ resources: Resources, of object: PlacedObject, from limits: [Resource<ResourceLimits>]
    ) {
        guard object.source.template.resources.memoryReservation == nil, let memory = resources.memory,
            let reservation = resources.memoryReservation, reservation >= memory
        else { return }
        let givers = limits.compactMap { $0.fields["spec.defaults.memoryReservation"] }
        let message =
            "'memoryReservation' of \(object.id) would be \(reservation), not less than its 'memory' of \(memory)"
        diagnostics.append(
            Diagnostic(
                .limitOverCeiling, at: object.position(of: "spec.template.resources.memory"), message,
                related: givers.prefix(1).map { .init($0, "where it comes from") }))
    }

    /// What the template leaves open and is no number comes from the ResourceLimits, which must agree on it.
    private mutating func fill<Value: Equatable>(
        _ name: String, _ place: WritableKeyPath<Resources, Value?>, _ resources: inout Resources,
        of object: inout PlacedObject, from limits: [Resource<ResourceLimits>]
    ) {
        guard resources[keyPath: place] == nil else { return }
        let giving = limits.filter { $0.spec.defaults[keyPath: place] != nil }
        guard let first = giving.first else { return }
        resources[keyPath: place] = first.spec.defaults[keyPath: place]
        object.given[Self.path(name)] = GivenField(by: first.id, at: first.position(of: "spec.defaults.\(name)"))
        guard let other = giving.first(where: { $0.spec.defaults[keyPath: place] != resources[keyPath: place] }) else {
            return
        }
        diagnostics.append(.contradictingDefaults(name, first, other, of: object))
    }
}

/// One amount that ResourceLimits speak of, as a number.
struct LimitedField: Sendable {
    var name: String
    var value: @Sendable (Resources) -> Int64?
    var set: @Sendable (inout Resources, Resources, ResourceLimits.Ceilings) -> Void
    var ceiling: @Sendable (ResourceLimits.Ceilings) -> Int64?
    var show: @Sendable (Int64) -> String

    /// All that some limits may speak of: the numbers that each may have, and the limits of setrlimit(2) that these name.
    static func all(of limits: [ResourceLimits]) -> [LimitedField] {
        let names = limits.reduce(into: Set<String>()) { names, limit in
            names.formUnion(limit.defaults.ulimits.keys)
            names.formUnion(limit.ceilings.ulimits.keys)
        }
        return numbers + names.sorted().map(ulimit)
    }

    /// What is bounded is the hard limit: a program may raise the soft one up to it.
    private static func ulimit(_ name: String) -> LimitedField {
        LimitedField(
            name: "ulimits.\(name)", value: { $0.ulimits[name].map { $0.hard == -1 ? .max : $0.hard } },
            set: { resources, defaults, ceilings in
                resources.ulimits[name] =
                    defaults.ulimits[name] ?? ceilings.ulimits[name].map { Ulimit(soft: $0, hard: $0) }
            },
            ceiling: { $0.ulimits[name] }, show: { $0 == .max ? "unlimited" : String($0) })
    }

    private static let numbers: [LimitedField] = [
        LimitedField(
            name: "cpus", value: { $0.cpus?.nanoCPUs }, set: { $0.cpus = $1.cpus ?? $2.cpus },
            ceiling: { $0.cpus?.nanoCPUs }, show: { CPUQuantity(nanoCPUs: $0).description }),
        LimitedField(
            name: "memory", value: { $0.memory?.bytes }, set: { $0.memory = $1.memory ?? $2.memory },
            ceiling: { $0.memory?.bytes }, show: { ByteQuantity(bytes: $0).description }),
        LimitedField(
            name: "memorySwap", value: { $0.swapBytes },
            // Without a word it is the engine's, unless that is over the ceiling.
            set: { resources, defaults, ceilings in
                guard let usual = resources.dockerMemorySwap else { return }
                resources.memorySwap = defaults.memorySwap
                if let most = ceilings.memorySwap, most < usual { resources.memorySwap = .limit(most) }
            },
            ceiling: { $0.memorySwap?.bytes },
            show: { $0 == .max ? "unlimited" : ByteQuantity(bytes: $0).description }),
        LimitedField(
            name: "pids", value: { $0.pids }, set: { $0.pids = $1.pids ?? $2.pids }, ceiling: { $0.pids },
            show: { String($0) }),
        LimitedField(
            name: "shm", value: { $0.shm?.bytes },
            // There is always one: without a word it is the engine's, unless that is over the ceiling.
            set: { $0.shm = $1.shm ?? $2.shm.flatMap { $0 < Resources.dockerShm ? $0 : nil } },
            ceiling: { $0.shm?.bytes },
            show: { ByteQuantity(bytes: $0).description }),
        LimitedField(
            name: "disk", value: { $0.disk?.bytes }, set: { $0.disk = $1.disk ?? $2.disk },
            ceiling: { $0.disk?.bytes }, show: { ByteQuantity(bytes: $0).description }),
        LimitedField(
            name: "memoryReservation", value: { $0.memoryReservation?.bytes },
            set: { resources, defaults, _ in resources.memoryReservation = defaults.memoryReservation },
            ceiling: { _ in nil }, show: { ByteQuantity(bytes: $0).description }),
        LimitedField(
            name: "cpuShares", value: { $0.cpuShares },
            // Without a word they are the engine's, unless these are over the ceiling.
            set: { $0.cpuShares = $1.cpuShares ?? $2.cpuShares.flatMap { $0 < Resources.dockerCPUShares ? $0 : nil } },
            ceiling: { $0.cpuShares }, show: { String($0) }),
        LimitedField(
            name: "oomScoreAdjustment", value: { $0.oomScoreAdjustment },
            set: { resources, defaults, _ in resources.oomScoreAdjustment = defaults.oomScoreAdjustment },
            ceiling: { _ in nil }, show: { String($0) }),
    ]

    /// Takes what the template leaves open from the limits, which must agree on it.
    ///
    /// - Returns: who gave it; nil where nobody did.
    func fill(
        _ resources: inout Resources, from limits: [Resource<ResourceLimits>], of object: PlacedObject,
        _ diagnostics: inout [Diagnostic]
    ) -> GivenField? {
        guard value(resources) == nil else { return nil }
        let giving = limits.filter { value($0.spec.defaults) != nil }
        if let first = giving.first {
            func filled(by limit: Resource<ResourceLimits>) -> Resources {
                var filled = resources
                set(&filled, limit.spec.defaults, ResourceLimits.Ceilings())
                return filled
            }
            let own = filled(by: first)
            if let other = giving.first(where: { filled(by: $0) != own }) {
                diagnostics.append(.contradictingDefaults(name, first, other, of: object))
            }
            resources = own
            return given(resources, by: first, "defaults")
        }
        // As in Kubernetes' LimitRange, a ceiling is the default where there is none; the lowest holds.
        let lowest = limits.compactMap { limit in ceiling(limit.spec.ceilings).map { (limit, $0) } }.min { $0.1 < $1.1 }
        guard let (limit, _) = lowest else { return nil }
        set(&resources, Resources(), limit.spec.ceilings)
        return given(resources, by: limit, "ceilings")
    }

    /// What is no tighter than what holds without a word is not taken over.
    private func given(
        _ resources: Resources, by limit: Resource<ResourceLimits>, _ part: String
    ) -> GivenField? {
        value(resources) == nil
            ? nil : GivenField(by: limit.id, at: limit.position(of: "spec.\(part).\(name)"))
    }

    func check(
        _ resources: Resources, against limits: [Resource<ResourceLimits>], of object: PlacedObject,
        _ diagnostics: inout [Diagnostic]
    ) {
        guard let amount = value(resources) else { return }
        for limit in limits {
            guard let most = ceiling(limit.spec.ceilings), amount > most else { continue }
            let place = object.position(of: "spec.template.resources.\(name)")
            let message =
                "'\(name)' of \(object.id) is \(show(amount)), over the ceiling of \(show(most)) of \(limit.id)"
            diagnostics.append(
                Diagnostic(
                    .limitOverCeiling, at: place, message,
                    related: [.init(limit.position(of: "spec.ceilings.\(name)"), "the ceiling")]))
        }
    }
}

extension Diagnostic {
    /// Two ResourceLimits that select one object give it different defaults.
    fileprivate static func contradictingDefaults(
        _ name: String, _ first: Resource<ResourceLimits>, _ other: Resource<ResourceLimits>, of object: PlacedObject
    ) -> Diagnostic {
        let message = "\(first.id) and \(other.id) give \(object.id) different defaults for '\(name)'"
        return Diagnostic(
            .contradictingPolicies, at: other.position(of: "spec.defaults.\(name)"), message,
            related: [.init(first.position(of: "spec.defaults.\(name)"), "the other default")])
    }
}

extension Resources {
    /// Memory and swap together; `Int64.max` without a limit, nil where only Docker's default holds.
    fileprivate var swapBytes: Int64? {
        switch memorySwap {
        case .limit(let bytes): bytes.bytes
        case .unlimited: .max
        case nil: nil
        }
    }
}
