/// What runc itself calls between loading the filter and the container's own program.
///
/// Measured with runc 1.1.5 and a static program: a call is listed when no container starts without it, or when a part of
/// them does not. Without some of them runc reports that it cannot start a stopped container; without `futex` it hangs.
/// `exit_group` is the program's own, which otherwise can only crash.
package enum ContainerStart {
    /// With `noNewPrivileges`, runc loads the filter right before the program.
    private static let last: [String] = [
        "close", "execve", "exit_group", "fstatfs", "futex", "getdents64", "openat", "rt_sigreturn", "write",
    ]

    /// Without it, loading needs a privilege, and runc gives up its privileges afterwards.
    private static let privileged: [String] = [
        "capget", "capset", "chdir", "faccessat2", "fstat", "getcwd", "getppid", "newfstatat", "prctl", "read",
        "setgid", "setgroups", "setuid",
    ]

    /// Sorted; a program needs calls of its own besides.
    package static func calls(noNewPrivileges: Bool) -> [String] {
        noNewPrivileges ? last : (last + privileged).sorted()
    }
}

extension SecurityProfile.Capabilities {
    /// What Docker gives a container unless it is told otherwise.
    private static let dockerDefault: Set<String> = [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW",
        "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ]

    /// What a container has of them, by which engines choose the rules of a profile; all, if `ALL` is added.
    fileprivate func has(_ name: String) -> Bool {
        if add.contains("ALL") || add.contains(name) { return true }
        return !drop.contains("ALL") && !drop.contains(name) && Self.dockerDefault.contains(name)
    }
}

/// The rules of a profile by the calls that they are about, for many questions to one profile.
struct SeccompIndex {
    private let profile: SeccompProfile
    private var rules: [String: [Int]] = [:]

    init(_ profile: SeccompProfile) {
        self.profile = profile
        for (index, rule) in profile.rules.enumerated() {
            for name in rule.names { rules[name, default: []].append(index) }
        }
    }

    /// Whether the call is let through on an architecture, for some arguments at least.
    func mayPass(
        _ name: String, on architecture: SystemCalls.Architecture, _ capabilities: SecurityProfile.Capabilities
    ) -> Bool {
        let rules = rules[name, default: []].map { profile.rules[$0] }.filter { rule in
            let (within, without) = (rule.includes, rule.excludes)
            if !within.architectures.isEmpty, !within.architectures.contains(architecture.dockerName) { return false }
            if without.architectures.contains(architecture.dockerName) { return false }
            return within.capabilities.allSatisfy { capabilities.has(String($0.dropFirst(4))) }
                && !without.capabilities.contains { capabilities.has(String($0.dropFirst(4))) }
        }
        if rules.contains(where: \.action.letsThrough) { return true }
        return profile.defaultAction.letsThrough && !rules.contains(where: \.conditions.isEmpty)
    }
}
