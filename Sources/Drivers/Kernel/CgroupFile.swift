/// One file of a control group that is read, by what it says.
///
/// Names: Linux, Documentation/admin-guide/cgroup-v1 (memory.rst, cpusets.rst, blkio-controller.rst, pids.rst) and
/// cgroup-v2.rst.
enum CgroupFile: Int, CaseIterable, Hashable, Sendable {
    // What is allowed; `limits` relies on the order.
    case memory, swap, reservation, pids
    /// v1: the quota alone; v2: quota and period.
    case cpuQuota
    case cpuPeriod, cpuShares, cpus, parentCPUs
    case blockIOWeight, readBytes, writeBytes, readOperations, writeOperations
    // What is used.
    case memoryUsage, memoryStatistics, memoryPeak, memoryEvents, cpuUsage, cpuStatistics

    enum Version: Hashable, Sendable { case one, two }

    /// Those that say what is allowed; the last ones only where block devices are of interest.
    static func limits(includingThrottles: Bool) -> ClosedRange<Int> {
        memory.rawValue...(includingThrottles ? writeOperations : parentCPUs).rawValue
    }

    /// The controller whose hierarchy has it under version 1.
    var controller: String {
        switch self {
        case .cpuQuota, .cpuPeriod, .cpuShares, .cpuStatistics: "cpu"
        case .cpuUsage: "cpuacct"
        case .cpus, .parentCPUs: "cpuset"
        case .memory, .swap, .reservation, .memoryUsage, .memoryStatistics, .memoryPeak, .memoryEvents: "memory"
        case .pids: "pids"
        case .blockIOWeight, .readBytes, .writeBytes, .readOperations, .writeOperations: "blkio"
        }
    }

    /// Paths relative to the group, the preferred one first; none where this version has no such file.
    func paths(_ version: Version) -> [String] {
        switch version {
        case .one: pathsOfOne
        case .two: pathsOfTwo
        }
    }

    private var pathsOfOne: [String] {
        switch self {
        case .cpuQuota: ["cpu.cfs_quota_us"]
        case .cpuPeriod: ["cpu.cfs_period_us"]
        case .cpuShares: ["cpu.shares"]
        case .cpus: ["cpuset.cpus"]
        case .parentCPUs: ["../cpuset.cpus"]
        case .memory: ["memory.limit_in_bytes"]
        // Only where the kernel accounts for swap.
        case .swap: ["memory.memsw.limit_in_bytes"]
        case .reservation: ["memory.soft_limit_in_bytes"]
        case .pids: ["pids.max"]
        case .blockIOWeight: ["blkio.weight", "blkio.bfq.weight"]
        case .readBytes: ["blkio.throttle.read_bps_device"]
        case .writeBytes: ["blkio.throttle.write_bps_device"]
        case .readOperations: ["blkio.throttle.read_iops_device"]
        case .writeOperations: ["blkio.throttle.write_iops_device"]
        case .memoryUsage: ["memory.usage_in_bytes"]
        case .memoryStatistics: ["memory.stat"]
        case .memoryPeak: ["memory.max_usage_in_bytes"]
        case .memoryEvents: ["memory.oom_control"]
        case .cpuUsage: ["cpuacct.usage"]
        case .cpuStatistics: ["cpu.stat"]
        }
    }

    private var pathsOfTwo: [String] {
        switch self {
        case .cpuQuota: ["cpu.max"]
        case .cpuShares: ["cpu.weight"]
        case .cpus: ["cpuset.cpus"]
        case .parentCPUs: ["../cpuset.cpus.effective"]
        case .memory: ["memory.max"]
        case .swap: ["memory.swap.max"]
        case .reservation: ["memory.low"]
        case .pids: ["pids.max"]
        case .blockIOWeight: ["io.bfq.weight", "io.weight"]
        // All four limits are lines of one file.
        case .readBytes: ["io.max"]
        case .memoryUsage: ["memory.current"]
        case .memoryStatistics: ["memory.stat"]
        case .memoryPeak: ["memory.peak"]
        case .memoryEvents: ["memory.events"]
        case .cpuStatistics: ["cpu.stat"]
        case .cpuPeriod, .cpuUsage, .writeBytes, .readOperations, .writeOperations: []
        }
    }
}
