/// What is needed of `memory.stat`.
struct MemoryStatistics: Hashable, Sendable {
    var activeFile: Int64
    var inactiveFile: Int64

    /// The totals of version 1 count groups below too, as its usage does, and those of version 2 always do.
    init(_ bytes: UnsafeRawBufferPointer, _ version: CgroupFile.Version) {
        switch version {
        case .one:
            activeFile = CgroupText.value(of: "total_active_file", in: bytes) ?? 0
            inactiveFile = CgroupText.value(of: "total_inactive_file", in: bytes) ?? 0
        case .two:
            activeFile = CgroupText.value(of: "active_file", in: bytes) ?? 0
            inactiveFile = CgroupText.value(of: "inactive_file", in: bytes) ?? 0
        }
    }

    var fileCache: Int64 { activeFile + inactiveFile }
}

/// What is needed of `cpu.stat`.
struct CPUStatistics: Hashable, Sendable {
    var periods: Int64 = 0
    var throttledPeriods: Int64 = 0
    /// Used so far; only version 2 says it here.
    var nanoseconds: Int64?

    init() {}

    init(_ bytes: UnsafeRawBufferPointer) {
        periods = CgroupText.value(of: "nr_periods", in: bytes) ?? 0
        throttledPeriods = CgroupText.value(of: "nr_throttled", in: bytes) ?? 0
        nanoseconds = CgroupText.value(of: "usage_usec", in: bytes).map { $0 * 1000 }
    }
}
