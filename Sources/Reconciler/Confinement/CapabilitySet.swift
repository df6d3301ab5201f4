/// Capabilities as the kernel counts them, one bit for each.
package enum CapabilitySet {
    /// In the order of their numbers, see capabilities(7).
    private static let names = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
        "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
        "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
        "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
        "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
        "CHECKPOINT_RESTORE",
    ].map { "CAP_" + $0 }

    /// What Docker gives a container unless it is told otherwise.
    package static let dockerDefault = [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW",
        "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ].map { "CAP_" + $0 }

    /// The names of the bits, without those that no version of Linux has by now.
    package static func names(in set: UInt64) -> [String] {
        names.indices.filter { set & 1 << UInt64($0) != 0 }.map { names[$0] }
    }

    package static func set(of capabilities: some Sequence<String>) -> UInt64 {
        capabilities.reduce(0) { set, name in names.firstIndex(of: name).map { set | 1 << UInt64($0) } ?? set }
    }

    /// What a container has at most when an engine is told these; nil where all are given.
    static func bounding(drop: [String], add: [String]) -> UInt64? {
        if add == ["ALL"] { return drop.isEmpty || drop == ["ALL"] ? nil : ~set(of: drop) }
        let rest = drop == ["ALL"] ? [] : dockerDefault.filter { !drop.contains($0) }
        return set(of: rest + add)
    }
}
