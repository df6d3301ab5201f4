/// The settings that Docker can change on a container without replacing it.
///
/// Of a running container they are what the kernel enforces (its cgroup files), where engine and program share a machine;
/// otherwise what inspect shows. nil is no limit: the spellings of "none" (0, -1, null, the kernel's largest number) are
/// folded into nil by the driver.
package struct LiveSettings: Hashable, Codable, Sendable {
    package var nanoCPUs: Int64?
    package var memory: Int64?
    /// Memory and swap together; -1 is unlimited.
    package var memorySwap: Int64?
    package var pids: Int64?
    /// Bytes that the kernel tries to leave to the container.
    package var memoryReservation: Int64?
    /// nil is the default of 1024.
    package var cpuShares: Int64?
    /// The CPUs that may be used, in the kernel's spelling; nil is all.
    package var cpuset: String?
    package var blockIOWeight: Int64?
    /// `no` for us always: we heal.
    package var restartPolicy: String

    package init(
        nanoCPUs: Int64? = nil, memory: Int64? = nil, memorySwap: Int64? = nil, pids: Int64? = nil,
        memoryReservation: Int64? = nil, cpuShares: Int64? = nil, cpuset: String? = nil, blockIOWeight: Int64? = nil,
        restartPolicy: String = "no"
    ) {
        self.nanoCPUs = nanoCPUs
        self.memory = memory
        self.memorySwap = memorySwap
        self.pids = pids
        self.memoryReservation = memoryReservation
        self.cpuShares = cpuShares
        self.cpuset = cpuset
        self.blockIOWeight = blockIOWeight
        self.restartPolicy = restartPolicy
    }
}
