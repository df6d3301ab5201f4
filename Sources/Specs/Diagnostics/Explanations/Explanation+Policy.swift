// S400-S499: policies.
extension Diagnostic.Explanation {
    static let unknownSyscall = Self(
        "unknown system call",
        meaning: "A seccomp rule names a system call that no architecture of Linux has.",
        reason: "A misspelt name in a list of what is denied leaves the door open, and nothing would ever say so.",
        wrong: .profile("seccomp: {base: docker-default, deny: [mont]}"),
        right: .profile("seccomp: {base: docker-default, deny: [mount]}"))

    static let profileTooSmall = Self(
        "profile too small to start a container",
        meaning:
            "A seccomp profile refuses system calls that runc itself makes before the container's own program runs.",
        reason: "No container with this profile would start; some fail without a reason, and some hang.",
        wrong: .profile("seccomp: {base: docker-default, deny: [execve]}"),
        right: .profile("seccomp: {base: docker-default, deny: [ptrace]}"))

    static let hostBitsInCIDR = Self(
        "address range with host bits",
        meaning: "A range such as `10.20.0.1/16` has bits set behind its prefix.",
        reason:
            "It is either a single address with the wrong prefix or a range with the wrong address; both readings are common.",
        wrong: .policy("{to: {cidr: 10.20.0.1/16, allowPrivate: true}, ports: [443/tcp]}"),
        right: .policy("{to: {cidr: 10.20.0.0/16, allowPrivate: true}, ports: [443/tcp]}"))

    static let allowInBlockedRange = Self(
        "rule inside a blocked range",
        meaning: """
            A rule allows addresses that are always blocked (cloud metadata, link-local, the host) or that are private \
            and not marked with `allowPrivate: true`.
            """,
        reason: "The rule would have no effect, or would open what nobody meant to open.",
        wrong: .policy("{to: {cidr: 10.20.0.0/16}, ports: [5432/tcp]}"),
        right: .policy("{to: {cidr: 10.20.0.0/16, allowPrivate: true}, ports: [5432/tcp]}"))
}

extension Diagnostic.Explanation.Example {
    fileprivate static func profile(_ spec: String) -> Self {
        Self(text: object("SecurityProfile", "sandbox", spec), isEscaped: false)
    }

    fileprivate static func policy(_ rule: String) -> Self {
        let spec = "selector: {}\negress:\n  default: deny\n  allow:\n    - \(rule)"
        return Self(text: object("NetworkPolicy", "sandbox", spec), isEscaped: false)
    }
}
