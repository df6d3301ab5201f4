extension ResourceLimits: KindSpec {
    package static let kind = ResourceKind.resourceLimits
    package static let place: any WritableKeyPath<SpecSet, [Resource<Self>]> & Sendable = \.resourceLimits

    package static let definition = ObjectDefinition(
        "ResourceLimits", "Defaults, ceilings and totals of resources for all objects that a selector selects.",
        blank: ResourceLimits(),
        fields: [
            .required(
                "selector", \.selector, .object, "Selects Workloads, WarmPools and ScheduledTasks by their labels.",
                .by("validation")),
            .field(
                "defaults", \.defaults, .object, "What templates get that say nothing themselves.", .by("validation")),
            .field(
                "ceilings", \.ceilings, .object,
                "The most that one container may have; also its default, where there is none.", .by("validation")),
            .field("totals", \.totals, .object, "What all selected objects may have together.", .by("validation")),
        ],
        rules: [
            ObjectRule(
                "At least one of `defaults`, `ceilings` and `totals`.", about: ["defaults", "ceilings", "totals"],
                conditions: [
                    ObjectCondition(then: [
                        .any([.isWritten("defaults"), .isWritten("ceilings"), .isWritten("totals")])
                    ])
                ]
            ) { limits, reader in
                if ["defaults", "ceilings", "totals"].contains(where: { reader[$0] != nil }) { return true }
                if reader.isMisspelt("defaults", "ceilings", "totals") { return false }
                reader.field.report(
                    .missingKey, "\(reader.field.name) needs 'defaults', 'ceilings' or 'totals'")
                return false
            },
            ObjectRule("A default is at most its ceiling.", about: ["defaults", "ceilings"]) { limits, reader in
                let context = reader.field.context
                var isValid = true
                for field in LimitedField.all(of: [limits]) {
                    guard let amount = field.value(limits.defaults), let most = field.ceiling(limits.ceilings),
                        amount > most
                    else { continue }
                    let place = context.fields["spec.defaults.\(field.name)"] ?? reader.field.node.position
                    let message =
                        "the default of '\(field.name)' is \(field.show(amount)), over its ceiling of \(field.show(most))"
                    let ceiling = context.fields["spec.ceilings.\(field.name)"].map {
                        Diagnostic.Related($0, "the ceiling")
                    }
                    context.report(
                        Diagnostic(.limitOverCeiling, at: place, message, related: ceiling.map { [$0] } ?? []))
                    isValid = false
                }
                return isValid
            },
        ])
}

extension ResourceLimits.Ceilings: Declared {
    private static let bytes = ByteQuantity.leastMemory...ByteQuantity.most

    package static let definition = ObjectDefinition(
        "Ceilings", "The most that one container may have.", blank: Self(),
        fields: [
            .field("cpus", \.cpus, .cpus(in: CPUQuantity.least...CPUQuantity.most), "CPUs.", whenLeftOut: "no ceiling"),
            .field("memory", \.memory, .bytes(in: bytes), "Memory.", whenLeftOut: "no ceiling"),
            .field(
                "memorySwap", \.memorySwap, .bytes(in: bytes), "Memory and swap together.", whenLeftOut: "no ceiling"),
            .field("pids", \.pids, .integer(in: 1...4_194_304), "Processes and threads.", whenLeftOut: "no ceiling"),
            .field(
                "shm", \.shm, .bytes(in: ByteQuantity.page...ByteQuantity.most), "The size of /dev/shm.",
                whenLeftOut: "no ceiling"),
            .field(
                "disk", \.disk, .bytes(in: bytes), "The container's own file system.", whenLeftOut: "no ceiling"),
            .field(
                "cpuShares", \.cpuShares, .integer(in: Resources.cpuSharesRange),
                "The weight against other containers when CPU time is short.", whenLeftOut: "no ceiling"),
            .field(
                "ulimits", \.ulimits, Ulimit.map(of: .integer(in: 0...Int64.max)),
                "Hard limits of setrlimit(2), by name.", whenLeftOut: "no ceiling"),
        ])
}

extension ResourceLimits.Totals: Declared {
    package static let definition = ObjectDefinition(
        "Totals", "What all selected objects may have together.", blank: Self(),
        fields: [
            .field(
                "perPool", \.perPool, ValueType<ResourceLimits.Total>.object.leftOut(as: ResourceLimits.Total()),
                "On all hosts of one HostPool.", whenLeftOut: "no total"),
            .field(
                "perHost", \.perHost, ValueType<ResourceLimits.Total>.object.leftOut(as: ResourceLimits.Total()),
                "On each host.", whenLeftOut: "no total"),
        ])
}

extension ResourceLimits.Total: Declared {
    package static let definition = ObjectDefinition(
        "Total", "A sum over containers; a container without a limit of a kind cannot be part of a sum of it.",
        blank: Self(),
        fields: [
            .field("containers", \.containers, .integer(in: 0...100_000), "Containers.", whenLeftOut: "no total"),
            .field(
                "cpus", \.cpus, .cpus(in: CPUQuantity.least...CPUQuantity.most), "CPUs.", whenLeftOut: "no total"),
            .field(
                "memory", \.memory, .bytes(in: ByteQuantity.leastMemory...ByteQuantity.most), "Memory.",
                whenLeftOut: "no total"),
            .field("pids", \.pids, .integer(in: 1...Int64.max), "Processes and threads.", whenLeftOut: "no total"),
        ])
}
