/// What the kernel says of a container's first process and its control group, beyond what Docker can change in place.
package struct KernelFacts: Hashable, Codable, Sendable {
    /// Bytes that could not be given back without swap or a kill: what is used without the file cache.
    package var memoryInUse: Int64?
    /// Of `/proc/PID/oom_score_adj`.
    package var oomScoreAdjustment: Int64?
    /// Hard limits of `/proc/PID/limits` by Docker's names, as far as the container was created with some; -1 is
    /// unlimited.
    package var hardLimits: [String: Int64]
    /// Throttles of block devices by path, as far as the container was created with some; nil where it was with none.
    package var throttles: [DeviceThrottle]?
    /// The most bytes that file systems in memory hold, by the paths of their mounts; `Int64.max` where nothing bounds one.
    package var memoryFileSystems: [String: Int64] = [:]

    package init(
        memoryInUse: Int64? = nil, oomScoreAdjustment: Int64? = nil, hardLimits: [String: Int64] = [:],
        throttles: [DeviceThrottle]? = nil
    ) {
        self.memoryInUse = memoryInUse
        self.oomScoreAdjustment = oomScoreAdjustment
        self.hardLimits = hardLimits
        self.throttles = throttles
    }
}

/// The limits of one block device, per second, as the kernel has them; nil is no limit.
package struct DeviceThrottle: Hashable, Comparable, Codable, Sendable {
    package var path: String
    package var readBytes: Int64?
    package var writeBytes: Int64?
    package var readOperations: Int64?
    package var writeOperations: Int64?

    package init(
        path: String, readBytes: Int64? = nil, writeBytes: Int64? = nil, readOperations: Int64? = nil,
        writeOperations: Int64? = nil
    ) {
        self.path = path
        self.readBytes = readBytes
        self.writeBytes = writeBytes
        self.readOperations = readOperations
        self.writeOperations = writeOperations
    }

    package var limitsAnything: Bool {
        readBytes != nil || writeBytes != nil || readOperations != nil || writeOperations != nil
    }

    package static func < (a: Self, b: Self) -> Bool { a.path < b.path }
}
