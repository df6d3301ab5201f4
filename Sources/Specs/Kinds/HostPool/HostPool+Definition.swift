extension HostPool: KindSpec {
    package static let kind = ResourceKind.hostPool
    package static let place: any WritableKeyPath<SpecSet, [Resource<Self>]> & Sendable = \.hostPools

    package static let definition = ObjectDefinition(
        "HostPool", "Which hosts run what refers to this pool, and how much each of them may hold.",
        blank: HostPool(hosts: HostSelector()),
        fields: [
            .required(
                "hosts", \.hosts, .object, "Selects hosts by what their own configuration declares.", .by("planner")),
            .field(
                "scope", \.scope,
                .choice([
                    .shared: "one total for all hosts; several hosts need a coordinator",
                    .perHost: "every host runs the whole number",
                ]),
                "How the numbers of the objects in this pool are counted. Hosts that are chosen by labels need `perHost`.",
                .partly(by: "planner", held: "`shared` without `hosts.name`")),
            .field("capacity", \.capacity, .object, "What one host has, and may hold."),
            .field(
                "placement", \.placement,
                .choice([
                    .spread: "as evenly as possible", .binpack: "on as few hosts as possible",
                ]), "How a shared total is divided among the hosts.", .notYet),
            .field("cordon", \.cordon, .boolean, "Starts nothing new on these hosts.", .by("planner")),
            .field("drain", \.drain, .object, "Empties these hosts; nothing new is started on them.", .by("planner")),
            .field(
                "taints", \.taints,
                .set(of: .object, by: { "\($0.key) \($0.effect.rawValue)" }, named: { "taint '\($0.key)'" }),
                "Keeps objects away that do not tolerate them.", .by("planner")),
            .field(
                "interruptible", \.interruptible, .boolean,
                "The hosts may be taken away at any moment, like spot instances.", .notYet),
            .field(
                "provider", \.provider, .string(.objectName),
                "The hook, named in the hosts' own configuration, that adds and removes hosts.", .by("control loop")),
        ])
}

extension HostPool.HostSelector: Declared {
    package static let definition = ObjectDefinition(
        "HostSelector", "Selects hosts by the name and the labels that their own configuration declares.",
        blank: Self(),
        fields: [
            .field("name", \.name, .string(.hostName), "Exactly this one host.", whenLeftOut: "hosts of any name")
        ] + LabelSelector.fields.embedded(at: \.labels),
        rules: [
            ObjectRule(
                "At least one of the fields is needed.", about: ["name", "matchLabels", "matchExpressions"],
                conditions: [
                    ObjectCondition(then: [
                        .any([.isWritten("name"), .isFilled("matchLabels"), .isFilled("matchExpressions")])
                    ])
                ]
            ) { selector, reader in
                if selector.name != nil || selector.labels != LabelSelector() { return true }
                if reader.isMisspelt("name", "matchLabels", "matchExpressions") { return false }
                reader.field.report(.missingKey, "\(reader.field.name) needs 'name' or 'matchLabels'")
                return false
            }
        ])
}

extension HostPool.Capacity: Declared {
    package static let definition = ObjectDefinition(
        "Capacity", "What one host of the pool has, and may hold.", blank: Self(),
        fields: [
            .field(
                "containersPerHost", \.containersPerHost, .integer(in: 1...1000),
                "The most containers of this pool on one host.", whenLeftOut: "no bound", .by("planner")),
            .field(
                "cpus", \.cpus, .cpus(in: CPUQuantity.least...CPUQuantity.most),
                "The CPUs that every host has at least; what is placed on one host is checked against it.",
                whenLeftOut: "not checked", .by("validation")),
            .field(
                "memory", \.memory, .bytes(in: ByteQuantity.leastMemory...ByteQuantity.most),
                "The memory that every host has at least; what is placed on one host is checked against it.",
                whenLeftOut: "not checked", .by("validation")),
            .field(
                "reserved", \.reserved, .object,
                "What is kept free for the host itself: members beyond the rest are not started.", .by("planner")),
        ],
        rules: [
            ObjectRule("`reserved` is less than there is.", about: ["cpus", "memory", "reserved"]) { capacity, reader in
                let reserved = capacity.reserved
                var wrong: (name: String, most: String)?
                if let memory = capacity.memory, let part = reserved.memory, part >= memory {
                    wrong = ("memory", "\(memory), not \(part)")
                }
                if let cpus = capacity.cpus, let part = reserved.cpus, part >= cpus {
                    wrong = ("cpus", "\(cpus), not \(part)")
                }
                guard let wrong else { return true }
                let context = reader.field.context
                let place = context.fields["\(reader.field.path).reserved.\(wrong.name)"]
                let message =
                    "'\(reader.field.path).reserved.\(wrong.name)' must be less than '\(wrong.name)', \(wrong.most)"
                context.report(Diagnostic(.outOfRange, at: place ?? reader.field.node.position, message))
                return false
            }
        ])
}

extension HostPool.Reserved: Declared {
    package static let definition = ObjectDefinition(
        "Reserved", "What is kept free for the host itself.", blank: Self(),
        fields: [
            .field("cpus", \.cpus, .cpus(in: CPUQuantity(nanoCPUs: 0)...CPUQuantity.most), "CPUs."),
            .field("memory", \.memory, .bytes(in: ByteQuantity(bytes: 0)...ByteQuantity.most), "Memory."),
            .field(
                "disk", \.disk, .bytes(in: ByteQuantity(bytes: 0)...ByteQuantity.most),
                "Disk space where the engine keeps its data."),
        ])
}

extension HostPool.Drain: Declared {
    package static let definition = ObjectDefinition(
        "Drain", "Empties the hosts of a pool.", blank: Self(),
        fields: [
            .field(
                "deadline", \.deadline, .duration(in: .zero...HostPool.Drain.longestDeadline),
                "How long members may take to go by themselves.", whenLeftOut: "as long as they need",
                .by("control loop")),
            .field(
                "force", \.force, .boolean,
                "What is left at the deadline is taken away in spite of budgets and claims.",
                .by("control loop")),
            .field("reason", \.reason, .string, "Why, for people who read the status.", .by("control loop")),
        ],
        rules: [
            ObjectRule(
                "`force` needs `deadline`.", about: ["deadline", "force"],
                conditions: [ObjectCondition(when: [.has("force", ["true"])], then: [.isWritten("deadline")])]
            ) { drain, reader in
                guard drain.force, drain.deadline == nil, let field = reader["force"] else { return true }
                if reader.isMisspelt("deadline") { return false }
                field.report(
                    .conflictingFields, "'force: true' needs 'deadline'",
                    hint: "it says what becomes of what is left then, as in 'deadline: 1h'")
                return false
            }
        ])
}

extension Duration {
    static func minutes(_ minutes: Int) -> Duration { .seconds(minutes * 60) }
    static func hours(_ hours: Int) -> Duration { .seconds(hours * 3600) }
}
