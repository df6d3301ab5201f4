import Specs

/// The limits of a control group as the kernel has them, in Docker's units; nil is no limit.
struct CgroupLimits: Hashable, Sendable {
    /// Microseconds of CPU time in each `period`.
    var quota: Int64?
    /// Microseconds.
    var period: Int64 = 100_000
    var shares: Shares?
    /// nil where none are named, which is all that the group around it may use.
    var cpus: CPUSet?
    /// What the group around it may use.
    var outerCPUs: CPUSet?
    /// Bytes, a whole number of pages.
    var memory: Int64?
    var swap: Swap = .unknown
    var reservation: Int64?
    var pids: Int64?
    /// nil where the kernel has none.
    var blockIOWeight: Int64?
    /// By `major:minor`.
    var throttles: [String: DeviceRates] = [:]
    var version: CgroupFile.Version

    enum Shares: Hashable, Sendable {
        case shares(Int64)
        /// Version 2: 1-10000, 100 unless said.
        case weight(Int64)
    }

    enum Swap: Hashable, Sendable {
        /// The kernel does not account for it, or there is no limit of memory.
        case unknown
        case unlimited
        /// Memory and swap together.
        case total(Int64)
    }

    struct DeviceRates: Hashable, Sendable {
        var readBytes: Int64?
        var writeBytes: Int64?
        var readOperations: Int64?
        var writeOperations: Int64?
    }

    /// - Parameter read: the text of a file; nil where the kernel has none.
    /// - Returns: nil where the group is gone, which the lack of its plainest file tells.
    init?(_ version: CgroupFile.Version, includingThrottles: Bool, read: (CgroupFile) -> String?) {
        self.version = version
        guard let memory = read(.memory) else { return nil }
        self.memory = CgroupText.limit(memory)
        readCPU(read)
        swap = Self.swap(version, memory: self.memory, read)
        reservation = read(.reservation).flatMap { CgroupText.limit($0) }.flatMap { $0 > 0 ? $0 : nil }
        pids = read(.pids).flatMap { CgroupText.number($0) }
        guard includingThrottles else { return }
        blockIOWeight = read(.blockIOWeight).flatMap { text in
            CgroupText.lines(text).first.flatMap { $0.last }.flatMap { CgroupText.number($0) }
        }
        readThrottles(read)
    }

    private mutating func readCPU(_ read: (CgroupFile) -> String?) {
        switch version {
        case .one:
            quota = read(.cpuQuota).flatMap { CgroupText.number($0) }.flatMap { $0 > 0 ? $0 : nil }
            if quota != nil, let text = read(.cpuPeriod), let value = CgroupText.number(text) { period = value }
            shares = read(.cpuShares).flatMap { CgroupText.number($0) }.map { .shares($0) }
        case .two:
            let words = read(.cpuQuota)?.split(separator: " ") ?? []
            quota = words.first.flatMap { CgroupText.number($0) }
            if words.count > 1, let value = CgroupText.number(words[1]) { period = value }
            shares = read(.cpuShares).flatMap { CgroupText.number($0) }.map { .weight($0) }
        }
        // Version 1 copies the outer group's set into a new one, and version 2 leaves it empty.
        guard let own = read(.cpus).flatMap({ CPUSet(CgroupText.trimmed($0)) }), !own.isEmpty else { return }
        cpus = own
        outerCPUs = read(.parentCPUs).flatMap { CPUSet(CgroupText.trimmed($0)) }
    }

    private static func swap(
        _ version: CgroupFile.Version, memory: Int64?, _ read: (CgroupFile) -> String?
    ) -> Swap {
        guard let memory, let text = read(.swap) else { return .unknown }
        guard let value = CgroupText.limit(text) else { return .unlimited }
        // Version 1 counts both together, version 2 swap alone.
        return .total(version == .one ? value : memory + value)
    }

    private mutating func readThrottles(_ read: (CgroupFile) -> String?) {
        switch version {
        case .one:
            let files: [(CgroupFile, WritableKeyPath<DeviceRates, Int64?>)] = [
                (.readBytes, \.readBytes), (.writeBytes, \.writeBytes), (.readOperations, \.readOperations),
                (.writeOperations, \.writeOperations),
            ]
            for (file, place) in files {
                for words in CgroupText.lines(read(file) ?? "") where words.count == 2 {
                    throttles[String(words[0]), default: DeviceRates()][keyPath: place] = CgroupText.number(words[1])
                }
            }
        case .two:
            for words in CgroupText.lines(read(.readBytes) ?? "") where words.count > 1 {
                var rates = DeviceRates()
                for word in words.dropFirst() {
                    let pair = word.split(separator: "=")
                    guard pair.count == 2 else { continue }
                    switch pair[0] {
                    case "rbps": rates.readBytes = CgroupText.number(pair[1])
                    case "wbps": rates.writeBytes = CgroupText.number(pair[1])
                    case "riops": rates.readOperations = CgroupText.number(pair[1])
                    case "wiops": rates.writeOperations = CgroupText.number(pair[1])
                    default: continue
                    }
                }
                throttles[String(words[0])] = rates
            }
        }
    }
}
