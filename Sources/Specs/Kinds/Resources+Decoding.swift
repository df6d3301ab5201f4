extension Resources {
    /// Docker refuses less.
    private static let leastCPUs = CPUQuantity(nanoCPUs: 10_000_000)
    private static let leastMemory = ByteQuantity(bytes: 6 << 20)

    /// The resources, or nil after reporting that they are not even a map.
    static func decode(_ field: Field) -> Resources? {
        let keys = ["cpus", "memory", "memorySwap", "pids", "ulimits", "shm"]
        guard let fields = field.fields(keys) else { return nil }
        var resources = Resources()
        resources.cpus = fields["cpus"]?.cpus(in: leastCPUs...CPUQuantity.most)
        resources.memory = fields["memory"]?.bytes(in: leastMemory...ByteQuantity.most)
        resources.memorySwap = memorySwap(fields, memory: resources.memory)
        resources.pids = fields["pids"]?.integer(in: 1...4_194_304)
        resources.ulimits = fields["ulimits"].flatMap { Ulimit.decodeAll($0) } ?? [:]
        resources.shm = fields["shm"]?.bytes(in: ByteQuantity.page...ByteQuantity.most)
        return resources
    }

    private static func memorySwap(_ fields: FieldReader, memory: ByteQuantity?) -> MemorySwap? {
        guard let field = fields["memorySwap"] else { return nil }
        if fields["memory"] == nil {
            field.report(.conflictingFields, "\(field.name) needs 'memory'", hint: "swap counts on top of it")
        }
        if case .scalar(let scalar) = field.node.content, scalar.text == "unlimited" { return .unlimited }
        guard let value = field.bytes(in: ByteQuantity(bytes: 0)...ByteQuantity.most) else { return nil }
        if let memory, value < memory {
            let message = "\(field.name) must be \(memory) or more, not '\(value)'"
            field.report(.outOfRange, message, hint: "it counts memory and swap together; 'memory' alone is no swap")
        }
        return .limit(value)
    }
}

extension Ulimit {
    /// The names of setrlimit(2) as Docker takes them.
    private enum Name: String, CaseIterable {
        case core, cpu, data, fsize, locks, memlock, msgqueue, nice, nofile, nproc, rss, rtprio, rttime, sigpending
        case stack
    }

    /// All limits by their names; nil after reporting what is wrong with any of them.
    static func decodeAll(_ field: Field) -> [String: Ulimit]? {
        guard case .mapping(let pairs) = field.node.content else {
            field.reportWrongType("a map")
            return nil
        }
        let names = Name.allCases.map(\.rawValue)
        guard let fields = field.fields(names) else { return nil }
        var limits: [String: Ulimit] = [:]
        for pair in pairs where names.contains(pair.key) {
            limits[pair.key] = fields[pair.key].flatMap { decode($0) }
        }
        return limits
    }

    /// One number for both, or `{soft, hard}`.
    private static func decode(_ field: Field) -> Ulimit? {
        let range = -1...Int64.max
        guard case .mapping = field.node.content else {
            return field.integer(in: range).map { Ulimit(soft: $0, hard: $0) }
        }
        guard let fields = field.fields(["soft", "hard"]) else { return nil }
        let soft: Int64? = fields.required("soft")?.integer(in: range)
        let hard: Int64? = fields.required("hard")?.integer(in: range)
        guard let soft, let hard else { return nil }
        guard hard == -1 || (soft != -1 && soft <= hard) else {
            let message = "'\(field.path).soft' must be at most 'hard', \(hard), not '\(soft)'"
            fields["soft"]?.report(.outOfRange, message)
            return nil
        }
        return Ulimit(soft: soft, hard: hard)
    }
}

extension CPUQuantity {
    /// More than any host has, and far from the end of the numbers.
    static let most = CPUQuantity(nanoCPUs: 10_000 * 1_000_000_000)
}

extension ByteQuantity {
    /// More memory than any host has.
    static let most = ByteQuantity(bytes: 64 << 40)
    /// The least that a file system in memory can hold.
    static let page = ByteQuantity(bytes: 4 << 10)
}
