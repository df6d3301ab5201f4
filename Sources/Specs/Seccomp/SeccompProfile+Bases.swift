extension SeccompProfile {
    /// The version of `sandbox`: another one lets other calls through.
    package static let sandboxVersion = "1"

    /// What Docker lets through by default, as `dockerDefaultVersion` has it; not what an older engine has built in.
    package static let dockerDefault: SeccompProfile = {
        let file = SpecFile(path: "docker-default.json", bytes: Array(dockerDefaultText.utf8))
        guard let profile = SeccompFile.read(file).profile else {
            preconditionFailure("the table of Docker's default profile does not read")
        }
        return profile
    }()

    /// reconcile's baseline for untrusted code: Docker's default for the host's own architecture only, without the calls
    /// that give most of the ways into a kernel.
    package static let sandbox: SeccompProfile = {
        var profile = dockerDefault
        let ours = SystemCalls.Architecture.hosts
        profile.hostArchitectures = [HostArchitecture(.amd64), HostArchitecture(.arm64)]
        for index in profile.rules.indices {
            profile.rules[index].names.removeAll { name in
                withheld.contains(name) || !ours.contains { SystemCalls.number(of: name, on: $0) != nil }
            }
        }
        profile.rules.removeAll { rule in
            let architectures = rule.includes.architectures
            return rule.names.isEmpty
                || !architectures.isEmpty && !ours.contains { architectures.contains($0.dockerName) }
        }
        return profile
    }()

    /// Calls that no sandbox makes, whatever its capabilities. Docker's rules for `socket` leave out AF_ALG and AF_VSOCK.
    private static let withheld: Set<String> = [
        "add_key", "bpf", "io_uring_enter", "io_uring_register", "io_uring_setup", "kcmp", "keyctl", "perf_event_open",
        "pidfd_getfd", "process_madvise", "process_vm_readv", "process_vm_writev", "ptrace", "request_key",
        "userfaultfd",
    ]
}

extension SecurityProfile.Seccomp.Base {
    package var profile: SeccompProfile {
        switch self {
        case .dockerDefault: .dockerDefault
        case .sandbox: .sandbox
        }
    }

    /// With the version, as people are shown it: `sandbox v1`.
    package var versionedName: String {
        switch self {
        case .dockerDefault: "docker-default \(SeccompProfile.dockerDefaultVersion)"
        case .sandbox: "sandbox v\(SeccompProfile.sandboxVersion)"
        }
    }
}

extension SecurityProfile.Seccomp {
    /// What `allow` and `deny` start from; nil for a file that is not there or has errors.
    package var baseProfile: SeccompProfile? {
        if file != nil { return fileProfile }
        return base.profile
    }

    /// The profile that an engine is told; nil for a file that is not there or has errors.
    ///
    /// - Throws: if a call is denied for arguments that no filter can tell from the others; validation reports that.
    package func profile() throws(InvalidText) -> SeccompProfile? {
        guard let baseProfile else { return nil }
        return try baseProfile.combined(allow: allow, deny: deny, mode: mode)
    }
}
