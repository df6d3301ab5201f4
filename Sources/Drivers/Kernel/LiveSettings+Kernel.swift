import Glibc
import Reconciler
import Specs

extension LiveSettings {
    /// What the kernel enforces. Where the engine's own number comes to the same in the kernel's units, it is that number:
    /// the kernel keeps whole pages, whole microseconds and weights, which several of ours come to.
    ///
    /// - Parameter engine: what inspect shows.
    init(_ kernel: CgroupLimits, engine: LiveSettings) {
        self = engine
        nanoCPUs = Self.nanoCPUs(kernel, engine.nanoCPUs)
        memory = Self.pages(kernel.memory, engine.memory)
        switch kernel.swap {
        // Without a limit of memory the engine shows none of swap either.
        case .unknown: memorySwap = kernel.memory == nil ? nil : engine.memorySwap
        case .unlimited: memorySwap = -1
        case .total(let total): memorySwap = Self.pages(total, engine.memorySwap)
        }
        memoryReservation = Self.pages(kernel.reservation, engine.memoryReservation)
        pids = kernel.pids
        cpuShares = Self.shares(kernel.shares, engine.cpuShares)
        cpuset = Self.cpuset(kernel, engine.cpuset)
        blockIOWeight = Self.weight(kernel, engine.blockIOWeight)
    }

    private static func nanoCPUs(_ kernel: CgroupLimits, _ engine: Int64?) -> Int64? {
        guard let quota = kernel.quota, kernel.period > 0 else { return nil }
        // As the engine does it: whole microseconds of its period of 100 ms.
        if let engine, kernel.period == 100_000, engine / 10_000 == quota { return engine }
        return Int64(Double(quota) / Double(kernel.period) * 1e9)
    }

    private static func pages(_ kernel: Int64?, _ engine: Int64?) -> Int64? {
        guard let kernel, let engine, engine > 0, engine & ~4095 == kernel else { return kernel }
        return engine
    }

    private static func shares(_ kernel: CgroupLimits.Shares?, _ engine: Int64?) -> Int64? {
        switch kernel {
        case nil: return engine
        case .shares(let shares): return shares == 1024 ? nil : shares
        case .weight(let weight):
            if weight == 100 && engine == nil { return nil }
            if let engine, CPUWeight.candidates(for: engine).contains(weight) { return engine }
            let shares = CPUWeight.shares(of: weight)
            return shares == 1024 ? nil : shares
        }
    }

    /// nil for all that the group around it may use, unless the engine was asked for that by name.
    private static func cpuset(_ kernel: CgroupLimits, _ engine: String?) -> String? {
        guard let own = kernel.cpus else { return nil }
        if let engine, CPUSet(engine) == own { return engine }
        return own == kernel.outerCPUs ? nil : own.description
    }

    /// Of no interest where the engine was not asked for one: the kernel always has a default.
    private static func weight(_ kernel: CgroupLimits, _ engine: Int64?) -> Int64? {
        guard let engine else { return nil }
        guard let weight = kernel.blockIOWeight else { return engine }
        let isSame = weight == engine || (kernel.version == .two && weight == 1 + (engine - 10) * 9999 / 990)
        return isSame ? engine : weight
    }
}

/// What runtimes make of Docker's CPU shares (2-262144) under version 2, which has weights (1-10000).
enum CPUWeight {
    /// All that are in use: the straight line that runtimes used for years, and the curve that takes 1024 to the kernel's
    /// default of 100.
    static func candidates(for shares: Int64) -> [Int64] {
        [1 + (max(shares, 2) - 2) * 9999 / 262_142, curve(shares)]
    }

    /// The shares that the straight line takes to this weight.
    static func shares(of weight: Int64) -> Int64 {
        weight == 100 ? 1024 : 2 + (weight - 1) * 262_142 / 9999
    }

    /// `ceil(10 ^ (l^2 / 612 + 125 l / 612 - 7 / 34))` with `l = log2(shares)`, as in the OCI runtimes' conversion of 2025.
    private static func curve(_ shares: Int64) -> Int64 {
        if shares <= 2 { return 1 }
        if shares >= 262_144 { return 10_000 }
        let exponent = log2(Double(shares))
        return Int64(pow(10, (exponent * exponent + 125 * exponent) / 612 - 7.0 / 34.0).rounded(.up))
    }
}
