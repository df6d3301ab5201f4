extension SystemInfo {
    /// Limits that this engine says it cannot enforce, by field of the specs, each with why. What it does not say is
    /// tried.
    var unsupportedLimits: [String: String] {
        var fields: [String: String] = [:]
        if limitsCPUTime == false { fields["resources.cpus"] = "the kernel has no CPU quota" }
        if limitsCPUSet == false { fields["resources.cpuset"] = "the kernel has no cpuset controller" }
        if weighsCPU == false { fields["resources.cpuShares"] = "the kernel has no CPU shares" }
        if limitsPids == false { fields["resources.pids"] = "the kernel has no pids controller" }
        if limitsMemory == false {
            fields["resources.memory"] = "the kernel has no memory controller"
            fields["resources.memoryReservation"] = "the kernel has no memory controller"
        }
        if misses("blkio weight", "io.weight") {
            fields["resources.blockIO.weight"] = "the kernel's I/O scheduler has no weights (BFQ has)"
        }
        if misses("blkio throttle", "io.max") {
            fields["resources.blockIO.devices"] = "the kernel cannot throttle block devices"
        }
        if let why = diskProblem { fields["resources.disk"] = why }
        return fields
    }

    /// `WARNING: No blkio weight support`, and `No io.weight support` of version 2.
    private func misses(_ names: String...) -> Bool {
        (warnings ?? []).contains { warning in names.contains { warning.contains("No \($0)") } }
    }

    /// Only some ways to keep layers have a quota. Whether XFS was mounted with one (`pquota`), only a create tells.
    private var diskProblem: String? {
        guard let storageDriver else { return nil }
        switch storageDriver {
        case "btrfs", "zfs", "devicemapper", "windowsfilter": return nil
        case "overlay2":
            let backing = (storageStatus ?? []).first { $0.first == "Backing Filesystem" }?.last ?? "an unknown one"
            if backing == "xfs" { return nil }
            return "overlay2 needs xfs with 'pquota' for it, and lies on \(backing)"
        default: return "storage driver '\(storageDriver)' has no quota"
        }
    }
}
