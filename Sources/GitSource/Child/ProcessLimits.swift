import CGit2
import Glibc

/// What the child takes from itself before it meets the first byte of a server.
enum ProcessLimits {
    private static let gibibyte: UInt = 1 << 30

    static func apply() {
        limit(__rlimit_resource_t(RLIMIT_AS.rawValue), to: gibibyte)
        limit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), to: gibibyte)
        limit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), to: 512)
        limit(__rlimit_resource_t(RLIMIT_CORE.rawValue), to: 0)
        umask(0o077)
    }

    /// Limits processor time, starts no other process from here on, and sees to it that this one ends with its parent.
    ///
    /// - Returns: false when the parent ended before this could be arranged.
    static func tie(to parent: pid_t, cpuSeconds: Int) -> Bool {
        // SIGXCPU, which says what it was, comes a second before SIGKILL, which does not.
        limit(__rlimit_resource_t(RLIMIT_CPU.rawValue), to: UInt(cpuSeconds), hard: UInt(cpuSeconds + 1))
        // Root is not bound by it.
        limit(__rlimit_resource_t(__RLIMIT_NPROC.rawValue), to: 0)
        return reconcile_die_with_parent() == 0 && getppid() == parent
    }

    private static func limit(_ resource: __rlimit_resource_t, to value: UInt, hard: UInt? = nil) {
        // Lowering one's own limit cannot fail, except that it was lower before, which is as good.
        var limit = rlimit(rlim_cur: value, rlim_max: hard ?? value)
        setrlimit(resource, &limit)
    }
}
