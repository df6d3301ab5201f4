extension Resources: Declared {
    package static let definition = ObjectDefinition(
        "Resources", "What a container may use of its host.", blank: Resources(),
        fields: [
            .field(
                "cpus", \.cpus, .cpus(in: CPUQuantity.least...CPUQuantity.most), "CPU time, in CPUs.",
                whenLeftOut: "no limit", .by("Docker driver, changed in place")),
            .field(
                "memory", \.memory, .bytes(in: ByteQuantity.leastMemory...ByteQuantity.most), "Memory.",
                whenLeftOut: "no limit", .by("Docker driver, changed in place")),
            .field(
                "memorySwap", \.memorySwap, MemorySwap.type,
                "Memory and swap together; the same as `memory` is no swap.", whenLeftOut: "twice `memory`",
                .by("Docker driver, changed in place")),
            .field(
                "memoryReservation", \.memoryReservation, .bytes(in: ByteQuantity.leastMemory...ByteQuantity.most),
                "What the kernel tries to leave to the container when memory is short; less than `memory`.",
                whenLeftOut: "none", .by("Docker driver, changed in place")),
            .field(
                "pids", \.pids, .integer(in: 1...4_194_304), "Processes and threads.", whenLeftOut: "no limit",
                .by("Docker driver, changed in place")),
            .field(
                "cpuset", \.cpuset, .string(.cpuset), "The CPUs that may be used.", whenLeftOut: "all",
                .by("Docker driver, changed in place")),
            .field(
                "cpuShares", \.cpuShares, ValueType<Int64>.integer(in: cpuSharesRange).leftOut(as: dockerCPUShares),
                "The weight against other containers when CPU time is short.", .by("Docker driver, changed in place")),
            .field(
                "ulimits", \.ulimits, Ulimit.map(of: Ulimit.type), "Limits of setrlimit(2), by name.",
                .by("Docker driver")),
            .field(
                "shm", \.shm, .bytes(in: ByteQuantity.page...ByteQuantity.most), "The size of /dev/shm.",
                whenLeftOut: "64Mi, or what ResourceLimits say", .by("Docker driver")),
            .field(
                "disk", \.disk, .bytes(in: ByteQuantity.leastMemory...ByteQuantity.most),
                "The size of the container's own file system; held where the engine's storage has no quota.",
                whenLeftOut: "no limit", .by("Docker driver")),
            .field(
                "blockIO", \.blockIO, ValueType<BlockIO>.object.leftOut(as: BlockIO()),
                "Reading from and writing to block devices; held where the kernel lacks it.", .by("Docker driver")),
            .field(
                "oomScoreAdjustment", \.oomScoreAdjustment, ValueType<Int64>.integer(in: -999...1000).leftOut(as: 0),
                "Added to the kernel's score of whom to kill when memory runs out.", .by("Docker driver")),
        ],
        rules: [
            ObjectRule(
                "`memorySwap` needs `memory` and is not less.", about: ["memory", "memorySwap"],
                conditions: [ObjectCondition(when: [.isWritten("memorySwap")], then: [.isWritten("memory")])]
            ) { resources, reader in
                guard let swap = resources.memorySwap, let field = reader["memorySwap"] else { return true }
                guard let memory = resources.memory else {
                    field.report(.conflictingFields, "\(field.name) needs 'memory'", hint: "swap counts on top of it")
                    return false
                }
                guard case .limit(let limit) = swap, limit < memory else { return true }
                let message = "\(field.name) must be \(memory) or more, not '\(limit)'"
                field.report(
                    .outOfRange, message, hint: "it counts memory and swap together; 'memory' alone is no swap")
                return false
            },
            ObjectRule(nil, about: ["memory", "memoryReservation"]) { resources, reader in
                guard let memory = resources.memory, let reservation = resources.memoryReservation,
                    reservation >= memory, let field = reader["memoryReservation"]
                else { return true }
                field.report(.outOfRange, "\(field.name) must be less than 'memory', \(memory), not '\(reservation)'")
                return false
            },
        ])
}

extension MemorySwap {
    fileprivate static let type = ValueType<MemorySwap>.either(
        ValueType<Unlimited>.choice(), .bytes(in: ByteQuantity(bytes: 0)...ByteQuantity.most),
        isFirst: { $0.isWord("unlimited") }, { _ in .unlimited }, { .limit($0) },
        text: { value in
            switch value {
            case .unlimited: "unlimited"
            case .limit(let bytes): bytes.description
            }
        })
}

/// The word for as much as there is.
private enum Unlimited: String, CaseIterable, Hashable, Sendable { case unlimited }

extension BlockIO: Declared {
    package static let definition = ObjectDefinition(
        "BlockIO", "How much a container may read from and write to block devices.", blank: BlockIO(),
        fields: [
            .field(
                "weight", \.weight, ValueType<Int64>.integer(in: 10...1000).leftOut(as: 500),
                "The weight against others."),
            .field("devices", \.devices, .list(of: .object), "Limits of single devices."),
        ])
}

extension BlockIO.Device: Declared {
    private static let bytes = ByteQuantity(bytes: 1)...ByteQuantity.most
    private static let operations: ClosedRange<Int64> = 1...1_000_000_000

    package static let definition = ObjectDefinition(
        "BlockDevice", "The limits of one block device, per second.", blank: Self(path: ""),
        fields: [
            .required("path", \.path, .string(.devicePath), "The device on the host."),
            .field("readBytes", \.readBytes, .bytes(in: bytes), "Bytes read.", whenLeftOut: "no limit"),
            .field("writeBytes", \.writeBytes, .bytes(in: bytes), "Bytes written.", whenLeftOut: "no limit"),
            .field("readOperations", \.readOperations, .integer(in: operations), "Reads.", whenLeftOut: "no limit"),
            .field("writeOperations", \.writeOperations, .integer(in: operations), "Writes.", whenLeftOut: "no limit"),
        ])
}

extension Ulimit {
    /// The names of setrlimit(2) as Docker takes them.
    private static let names = [
        "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio",
        "rttime", "sigpending", "stack",
    ]
    private static let range: ClosedRange<Int64> = -1...Int64.max

    /// Something of each limit that has a name.
    static func map<Item>(of type: ValueType<Item>) -> ValueType<[String: Item]> {
        ValueType<[String: Item]>(
            .map(
                keys: TextDescription(
                    Diagnostic.list(names), pattern: "^(" + names.joined(separator: "|") + ")$", example: "nofile"),
                values: type.description),
            decode: { decodeAll($0, as: type) }, text: { $0.isEmpty ? "{}" : nil })
    }

    static let type = ValueType<Ulimit>.either(
        .integer(in: range), .object, isFirst: \.isScalar, { Ulimit(soft: $0, hard: $0) }, { $0 })

    private static func decodeAll<Item>(_ field: Field, as type: ValueType<Item>) -> [String: Item]? {
        guard case .mapping(let pairs) = field.node.content else {
            field.reportWrongType("a map")
            return nil
        }
        guard let fields = field.fields(names) else { return nil }
        var limits: [String: Item] = [:]
        for pair in pairs where names.contains(pair.key) {
            limits[pair.key] = fields[pair.key].flatMap { type.decode($0) }
        }
        return limits.count == pairs.count ? limits : nil
    }
}

extension Ulimit: Declared {
    package static let definition = ObjectDefinition(
        "Ulimit", "One limit of setrlimit(2); -1 is unlimited.", blank: Ulimit(soft: 0, hard: 0),
        fields: [
            .required("soft", \.soft, .integer(in: range), "What holds until the program raises it."),
            .required("hard", \.hard, .integer(in: range), "What the program may raise it to."),
        ],
        rules: [
            ObjectRule("`soft` is at most `hard`.", about: ["soft", "hard"]) { limit, reader in
                if limit.hard == -1 || (limit.soft != -1 && limit.soft <= limit.hard) { return true }
                let message = "'\(reader.field.path).soft' must be at most 'hard', \(limit.hard), not '\(limit.soft)'"
                reader["soft"]?.report(.outOfRange, message)
                return false
            }
        ])
}

extension TextRule {
    /// The kernel's list format for sets of CPUs, as in cpuset(7).
    fileprivate static let cpuset = TextRule(
        "CPUs such as '0-3' or '0,2,4-7'", pattern: "^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$", example: "0-3"
    ) { CPUSet($0) != nil }

    fileprivate static let devicePath = TextRule(
        "a device of the host such as /dev/sda", pattern: "^/dev/.+$", example: "/dev/sda"
    ) { $0.hasPrefix("/dev/") && Grammar.isNormalisedPath($0) }
}

extension Resources {
    /// What the kernel takes of version 1 of control groups, which Docker converts for version 2.
    static let cpuSharesRange: ClosedRange<Int64> = 2...262_144
}

extension CPUQuantity {
    /// Docker refuses less.
    static let least = CPUQuantity(nanoCPUs: 10_000_000)
    /// More than any host has, and far from the end of the numbers.
    static let most = CPUQuantity(nanoCPUs: 10_000 * 1_000_000_000)
}

extension ByteQuantity {
    /// Docker refuses less memory.
    static let leastMemory = ByteQuantity(bytes: 6 << 20)
    /// More memory than any host has.
    static let most = ByteQuantity(bytes: 64 << 40)
    /// The least that a file system in memory can hold.
    static let page = ByteQuantity(bytes: 4 << 10)
}
