extension WarmPool: KindSpec {
    package static let kind = ResourceKind.warmPool
    package static let place: any WritableKeyPath<SpecSet, [Resource<Self>]> & Sendable = \.warmPools

    package static let definition = ObjectDefinition(
        "WarmPool", "Started, unclaimed containers from one template, kept ready to be claimed.", blank: blank,
        fields: [
            .field(
                "size", \.size, Size.type, "How many unclaimed members are kept ready.",
                whenLeftOut: "an Autoscaler must target the pool",
                .by("control loop")),
            .field(
                "min", \.min, .integer(in: 0...1000), "The least unclaimed members of a size that moves.",
                whenLeftOut: "0", .by("control loop")),
            .field(
                "max", \.max, .integer(in: 1...1000), "The most unclaimed members of a size that moves.",
                whenLeftOut: "1000", .by("control loop")),
            .field(
                "maxMembers", \.maxMembers, .integer(in: 1...1000), "Bounds claimed and unclaimed members together.",
                whenLeftOut: "no bound of its own", .by("control loop")),
            .field(
                "targetMissProbability", \.targetMissProbability,
                .percent(in: Percentage(hundredths: 1)...Percentage(50)),
                "The share of claims that may find the pool empty, for `size: auto`.", .by("control loop")),
            .field("refill", \.refill, .object, "How taken members are replaced.", .by("control loop")),
            .field("claim", \.claim, .object, "What holds for claims of this pool.", .by("control loop")),
            .field("idle", \.idle, .object, "How unclaimed members wait.", .by("control loop")),
            .field(
                "rollout", \.rollout, .object, "How unclaimed members follow a changed template.", .by("control loop")),
        ] + Placement.fields.embedded(at: \.placement) + TemplateSource.fields.embedded(at: \.source),
        rules: [TemplateSource.rule(), bounds])

    private static var blank: WarmPool {
        var pool = WarmPool(hostPool: "", size: 0, template: ContainerTemplate(image: ""))
        pool.size = nil
        return pool
    }

    private static let bounds = ObjectRule<WarmPool>(
        "`min`, a counted `size`, `max` and `maxMembers` do not decrease in this order.",
        about: ["size", "min", "max", "maxMembers"]
    ) { pool, reader in
        var size: Int?
        if case .count(let count) = pool.size { size = count }
        let numbers = [("min", pool.min), ("size", size), ("max", pool.max), ("maxMembers", pool.maxMembers)]
        let written = numbers.compactMap { name, value in value.map { Bound(name: name, value: $0) } }
        let wrong = zip(written, written.dropFirst()).first { $0.value > $1.value }
        guard let (lower, upper) = wrong else { return true }
        reader[upper.name]?.report(
            .conflictingFields,
            "'\(upper.name)' must be at least '\(lower.name)', \(lower.value), not \(upper.value)",
            related: reader[lower.name]?.node.position)
        return false
    }

    private struct Bound {
        var name: String
        var value: Int
    }
}

extension WarmPool.Size {
    fileprivate static let type = ValueType<WarmPool.Size>.either(
        .integer(in: 0...1000), share, isFirst: \.isInteger, { .count($0) }, { $0 },
        text: { size in
            switch size {
            case .count(let count): String(count)
            case .percentOfClaimed(let share): share.description
            case .auto: "auto"
            }
        })

    private static let share = ValueType<WarmPool.Size>.either(
        ValueType<Auto>.choice(), .percent(in: Percentage(hundredths: 1)...Percentage(1000)),
        isFirst: { $0.isWord("auto") }, { _ in .auto }, { .percentOfClaimed($0) })
}

/// The word for a size that follows the claims.
private enum Auto: String, CaseIterable, Hashable, Sendable { case auto }

extension WarmPool.Refill: Declared {
    package static let definition = ObjectDefinition(
        "Refill", "How taken members are replaced.", blank: Self(),
        fields: [
            .field(
                "maxInFlight", \.maxInFlight, .integer(in: 1...64), "Members that are started side by side.",
                whenLeftOut: "follows the latency of the engine"),
            .field(
                "surge", \.surge, .integer(in: 0...100),
                "Members beyond the size while a refill or a rollout is under way."),
            .field("perMinute", \.perMinute, .integer(in: 1...10_000), "Starts per minute.", whenLeftOut: "no bound"),
        ])
}

extension WarmPool.Claim: Declared {
    private static let times: ClosedRange<Duration> = .seconds(1) ... .hours(24 * 30)

    package static let definition = ObjectDefinition(
        "Claim", "What holds for claims of a pool.", blank: Self(),
        fields: [
            .field("ttl", \.ttl, .duration(in: times), "How long a claim lasts without renewal."),
            .field(
                "maxAge", \.maxAge, .duration(in: times), "How long a claim lasts at most.", whenLeftOut: "no bound"),
            .field(
                "coldStart", \.coldStart, .boolean,
                "Whether a claim that finds the pool empty may start a container of its own."),
            .field(
                "onLost", \.onLost,
                .choice([
                    .replace: "a new member is bound to the same claim", .fail: "the claim ends",
                ]), "What happens when the claimed member dies."),
            .field("hooks", \.hooks, .object, "Commands that are run in a member at the turns of a claim."),
        ])
}

extension WarmPool.Hooks: Declared {
    package static let definition = ObjectDefinition(
        "Hooks", "Commands that are run in a member at the turns of a claim.", blank: Self(),
        fields: [
            .field("afterClaim", \.afterClaim, .object, "Before the claim is answered."),
            .field("onRestore", \.onRestore, .object, "In a new member that replaces a lost one."),
            .field("beforeRelease", \.beforeRelease, .object, "Before a released member is removed."),
        ])
}

extension WarmPool.Hook: Declared {
    package static let definition = ObjectDefinition(
        "Hook", "A command that is run in a member.", blank: Self(),
        fields: [
            .required(
                "command", \.command, .list(of: .string, counts: 1...1000),
                "The program and its arguments, run without a shell."),
            .field("timeout", \.timeout, .duration(in: .milliseconds(100) ... .minutes(10)), "How long it may take."),
        ])
}

extension WarmPool.Idle: Declared {
    package static let definition = ObjectDefinition(
        "Idle", "How unclaimed members wait.", blank: Self(),
        fields: [
            .field(
                "mode", \.mode,
                .choice([.run: "they go on running", .pause: "they are frozen, and thawed by a claim"]),
                "How they wait."),
            .field(
                "maxAge", \.maxAge, .duration(in: .seconds(10) ... .hours(24 * 365)),
                "An older unclaimed member is replaced.", whenLeftOut: "kept"),
        ])
}

extension WarmPool.Rollout: Declared {
    package static let definition = ObjectDefinition(
        "PoolRollout", "How unclaimed members follow a changed template.", blank: Self(),
        fields: [
            .field("maxUnavailable", \.maxUnavailable, .countOrPercent(), "Members that may be missing meanwhile."),
            .field(
                "progressDeadline", \.progressDeadline, .duration(in: .seconds(1) ... .hours(24)),
                "How long the rollout may make no progress before it has failed."),
        ])
}
