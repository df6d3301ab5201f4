/// What a container may use of its host. nil is no limit.
package struct Resources: Hashable, Sendable {
    /// 10m (0.01 CPU) or more; Docker refuses less.
    package var cpus: CPUQuantity?
    /// 6 MiB or more; Docker refuses less.
    package var memory: ByteQuantity?
    /// Memory and swap together; nil is Docker's default, twice `memory`.
    package var memorySwap: MemorySwap?
    /// The most processes and threads: 1 or more.
    package var pids: Int64?
    package var ulimits: [String: Ulimit]
    /// The size of /dev/shm; nil is Docker's default of 64 MiB.
    package var shm: ByteQuantity?
    /// What the kernel tries to leave to the container when memory is short.
    package var memoryReservation: ByteQuantity?
    /// The CPUs that may be used, in the kernel's spelling: `0-3,7`.
    package var cpuset: String?
    /// The weight against others when CPU time is short: 2-262144; nil is Docker's default of 1024.
    package var cpuShares: Int64?
    /// Added to the kernel's score of whom to kill when memory runs out: -999-1000.
    package var oomScoreAdjustment: Int64?
    /// The size of the container's own file system, where the engine's storage driver supports it.
    package var disk: ByteQuantity?
    package var blockIO: BlockIO?

    package init(
        cpus: CPUQuantity? = nil, memory: ByteQuantity? = nil, memorySwap: MemorySwap? = nil, pids: Int64? = nil,
        ulimits: [String: Ulimit] = [:], shm: ByteQuantity? = nil
    ) {
        self.cpus = cpus
        self.memory = memory
        self.memorySwap = memorySwap
        self.pids = pids
        self.ulimits = ulimits
        self.shm = shm
    }
}

/// How much a container may read from and write to block devices.
package struct BlockIO: Hashable, Sendable {
    /// The weight against others: 10-1000.
    package var weight: Int64?
    package var devices: [Device]

    package init(weight: Int64? = nil, devices: [Device] = []) {
        self.weight = weight
        self.devices = devices
    }

    /// The limits of one device, per second.
    package struct Device: Hashable, Sendable {
        /// The path of the device on the host, such as `/dev/sda`.
        package var path: String
        package var readBytes: ByteQuantity?
        package var writeBytes: ByteQuantity?
        package var readOperations: Int64?
        package var writeOperations: Int64?

        package init(path: String) { self.path = path }
    }
}

package enum MemorySwap: Hashable, Sendable {
    /// As much swap as the host has; Docker's -1.
    case unlimited
    /// Memory and swap together; at least `memory`.
    case limit(ByteQuantity)
}

package struct Ulimit: Hashable, Sendable {
    /// -1 is unlimited, as in Docker.
    package var soft: Int64
    package var hard: Int64

    package init(soft: Int64, hard: Int64) {
        self.soft = soft
        self.hard = hard
    }
}

/// An amount of CPU time, in billionths of a CPU.
package struct CPUQuantity: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var nanoCPUs: Int64

    package init(nanoCPUs: Int64) { self.nanoCPUs = nanoCPUs }

    package static func < (a: Self, b: Self) -> Bool { a.nanoCPUs < b.nanoCPUs }

    /// Kubernetes' spelling: `2`, `500m`, or a decimal fraction where a thousandth is too coarse.
    package var description: String {
        if nanoCPUs % 1_000_000_000 == 0 { return "\(nanoCPUs / 1_000_000_000)" }
        if nanoCPUs % 1_000_000 == 0 { return "\(nanoCPUs / 1_000_000)m" }
        var fraction = String(nanoCPUs % 1_000_000_000)
        fraction = String(repeating: "0", count: 9 - fraction.count) + fraction
        while fraction.last == "0" { fraction.removeLast() }
        return "\(nanoCPUs / 1_000_000_000).\(fraction)"
    }
}

/// An amount of memory or storage, in bytes.
package struct ByteQuantity: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var bytes: Int64

    package init(bytes: Int64) { self.bytes = bytes }

    package static func < (a: Self, b: Self) -> Bool { a.bytes < b.bytes }

    /// Kubernetes' spelling with the largest binary unit that divides it: `4Gi`, `64Mi`, `1500`.
    package var description: String {
        for (shift, unit) in [(50, "Pi"), (40, "Ti"), (30, "Gi"), (20, "Mi"), (10, "Ki")]
        where bytes != 0 && bytes % (1 << shift) == 0 {
            return "\(bytes >> shift)\(unit)"
        }
        return "\(bytes)"
    }
}
