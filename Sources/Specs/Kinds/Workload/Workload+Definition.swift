extension Workload: KindSpec {
    package static let kind = ResourceKind.workload
    package static let place: any WritableKeyPath<SpecSet, [Resource<Self>]> & Sendable = \.workloads

    package static let definition = ObjectDefinition(
        "Workload", "Replicated, long-running containers from one template.",
        blank: Workload(hostPool: "", template: ContainerTemplate(image: "")),
        fields: [
            .field(
                "replicas", \.replicas, .integer(in: 0...1000),
                "How many members are kept running, in total or per host as the pool's `scope` says; "
                    + "the initial number only, where an Autoscaler targets this.", .by("planner")),
            .field("strategy", \.strategy, .object, "How members with changed fields give way to their successors."),
            .field(
                "disruptionBudget", \.disruptionBudget, DisruptionBudget.type,
                "How few members may be ready while others are taken away on purpose.", whenLeftOut: "no budget",
                .by("planner")),
            .field(
                "publish", \.publish, PublishedPort.list,
                "Ports of the host that lead to the members that are ready; with `strategy: {type: recreate}` by the "
                    + "engine, else by rules of the packet filter, see `docs/publishing.md`.",
                .by("Docker driver and firewall")),
        ] + Placement.fields.embedded(at: \.placement) + TemplateSource.fields.embedded(at: \.source),
        rules: [TemplateSource.rule(), publishing, reachable, room])

    /// The engine lets one container at a time have a port of the host.
    private static let publishing = ObjectRule<Workload>(
        "`publish` with `strategy: {type: recreate}` needs 0 or 1 `replicas`.",
        about: ["replicas", "strategy", "publish"],
        conditions: [
            ObjectCondition(
                when: [.isFilled("publish"), .has("strategy.type", ["recreate"])],
                then: [.takes("replicas", .integer(0...1))])
        ]
    ) { workload, reader in
        guard let list = reader["publish"], !workload.publish.isEmpty, !workload.leadsPorts, workload.replicas > 1
        else { return true }
        list.report(
            .conflictingFields,
            "\(list.name) with 'strategy: {type: recreate}' needs 'replicas' to be 0 or 1, not \(workload.replicas)",
            hint: "the engine gives a port to one container; use 'strategy: {type: rolling}' for several")
        return false
    }

    /// Rules of the packet filter lead to members only what comes by an address that others can reach as well.
    private static let reachable = ObjectRule<Workload>(
        "A `hostIP` in `127.0.0.0/8` needs `strategy: {type: recreate}`.", about: ["strategy", "publish"]
    ) { workload, reader in
        guard workload.leadsPorts, let list = reader["publish"],
            let port = workload.publish.first(where: { $0.hostIP.hasPrefix("127.") })
        else { return true }
        let place = list.context.fields[port.fieldPath] ?? list.node.position
        let message = "'\(port.hostIP)' can be published with 'strategy: {type: recreate}' only"
        let hint = "members cannot be reached from the loopback; name another address of the host"
        list.context.report(Diagnostic(.conflictingFields, at: place, message, hint: hint))
        return false
    }
}

extension Workload {
    /// Where a member is away before its successor comes, a budget that spares none never lets one go.
    fileprivate static let room = ObjectRule<Workload>(
        nil, about: ["replicas", "strategy", "disruptionBudget"]
    ) { workload, reader in
        guard let budget = workload.disruptionBudget, let field = reader["disruptionBudget"] else { return true }
        let (replicas, strategy) = (workload.replicas, workload.strategy)
        let mayHaveSurge = [.rolling, .canary].contains(strategy.type)
        let isWithoutSurge = mayHaveSurge && strategy.maxSurge.roundedUp(of: replicas) == 0
        if strategy.type == .recreate || isWithoutSurge, replicas > 0, budget.minimum(of: replicas) >= replicas {
            let what = isWithoutSurge ? "a rollout without 'maxSurge'" : "strategy 'recreate'"
            let message = "\(budget) never lets one of \(replicas) members go, and \(what) must take each away"
            let way = isWithoutSurge ? "set 'maxSurge: 1'" : "use 'strategy: {type: rolling}'"
            field.report(.budgetWithoutRoom, message, hint: "spare a member, or \(way)")
        }
        return true
    }
}

extension DisruptionBudget {
    fileprivate static let type = ValueType<DisruptionBudgetDraft>.object.map { draft, _ in draft.budget }
}

private struct DisruptionBudgetDraft: Hashable, Sendable {
    var minAvailable: CountOrPercent?
    var maxUnavailable: CountOrPercent?

    var budget: DisruptionBudget? {
        minAvailable.map { .minAvailable($0) } ?? maxUnavailable.map { .maxUnavailable($0) }
    }
}

extension DisruptionBudgetDraft: Declared {
    static let definition = ObjectDefinition(
        "DisruptionBudget", "How few members may be ready while others are taken away on purpose.",
        blank: DisruptionBudgetDraft(),
        fields: [
            .field("minAvailable", \.minAvailable, .countOrPercent(), "So many must stay ready."),
            .field("maxUnavailable", \.maxUnavailable, .countOrPercent(), "So many may be missing."),
        ], rules: [.exactlyOne(of: ["minAvailable", "maxUnavailable"])])
}

extension PublishedPort {
    /// Where `FieldPositions` keeps the place of this port's `hostPort`.
    var fieldPath: String { "spec.publish.\(hostIP):\(hostPort)/\(container.transport.rawValue)" }

    fileprivate static let list = ValueType<[PublishedPort]>(
        .list(ValueType<PublishedPort>.object.description, counts: 0...10_000, isUnique: true),
        decode: { decodeAll($0)?.sorted() }, text: { $0.isEmpty ? "[]" : nil })

    private static func decodeAll(_ field: Field) -> [PublishedPort]? {
        var seen: [String: SourcePosition] = [:]
        return field.list { item in
            guard let port = definition.decode(item) else { return nil }
            let place = item.context.fields["\(item.path).hostPort"] ?? item.node.position
            // Positions count items as the file does, but the spec sorts them; so each port has a path of its own.
            item.context.record(port.fieldPath, at: place)
            guard let first = seen.updateValue(place, forKey: port.fieldPath) else { return port }
            let message = "host port \(port.hostPort)/\(port.container.transport.rawValue) is listed twice"
            item.context.report(Diagnostic(.hostPortTaken, at: place, message, related: first))
            return nil
        }
    }
}

extension PublishedPort: Declared {
    package static let definition = ObjectDefinition(
        "PublishedPort", "A port of the host that leads to a port of the container.",
        blank: PublishedPort(hostPort: 0, container: ContainerPort(0)),
        fields: [
            .required("hostPort", \.hostPort, .integer(in: 1...65535), "The port of the host."),
            .required("containerPort", \.container.number, .integer(in: 1...65535), "The port of the container."),
            .field("protocol", \.container.transport, .choice(), "The protocol."),
            .field(
                "hostIP", \.hostIP, .string(.ipv4Address),
                "The address of the host to listen on; `0.0.0.0` is all of them."),
        ])
}
