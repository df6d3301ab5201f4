/// What confines containers: seccomp, AppArmor, capabilities, user, file system and runtime.
package struct SecurityProfile: Hashable, Sendable {
    package var seccomp: Seccomp?
    package var appArmor: AppArmor?
    package var capabilities: Capabilities
    package var noNewPrivileges: Bool
    package var readOnlyRootFilesystem: Bool
    /// `user`, `user:group`, `uid` or `uid:gid`; nil leaves it to the template.
    package var user: String?
    /// The name of an OCI runtime of the engine; nil is the engine's default.
    package var runtime: String?

    package init() {
        capabilities = Capabilities()
        noNewPrivileges = true
        readOnlyRootFilesystem = false
    }

    /// Which system calls are let through. The result is never wider than the host's own baseline.
    package struct Seccomp: Hashable, Sendable {
        package enum Base: String, CaseIterable, Hashable, Sendable {
            case dockerDefault = "docker-default"
            case sandbox
        }

        package enum Mode: String, CaseIterable, Hashable, Sendable { case enforce, log }

        package var base: Base
        /// The path of a profile in Docker's format, in the repository; instead of a base.
        package var file: String?
        /// What the file holds; it is put in when the revision is validated.
        package var fileProfile: SeccompProfile?
        package var allow: [Call]
        package var deny: [Call]
        package var mode: Mode
        /// Whether names that no architecture knows are let pass.
        package var allowUnknownSyscalls: Bool

        package init() {
            base = .dockerDefault
            allow = []
            deny = []
            mode = .enforce
            allowUnknownSyscalls = false
        }
    }

    /// One system call, with some arguments or any.
    package struct Call: Hashable, Sendable {
        package var name: String
        /// All must hold; empty is any call.
        package var arguments: [Argument]

        package init(_ name: String, arguments: [Argument] = []) {
            self.name = name
            self.arguments = arguments
        }
    }

    /// What must hold for one argument of a call.
    package struct Argument: Hashable, Sendable {
        package enum Comparison: String, CaseIterable, Hashable, Sendable {
            case equal = "EQ"
            case notEqual = "NE"
            case less = "LT"
            case lessOrEqual = "LE"
            case greater = "GT"
            case greaterOrEqual = "GE"
            case maskedEqual = "MASKED_EQ"
        }

        /// 0-5.
        package var index: Int
        package var comparison: Comparison
        package var value: UInt64
        /// For `MASKED_EQ`: which bits are compared.
        package var mask: UInt64?

        package init(index: Int, comparison: Comparison, value: UInt64) {
            self.index = index
            self.comparison = comparison
            self.value = value
        }
    }

    package struct AppArmor: Hashable, Sendable {
        /// The path of a profile in the repository.
        package var file: String?
        /// What the file holds; it is put in when the revision is validated.
        package var text: AppArmorText?
        /// The name of a profile that the host has loaded.
        package var profile: String?
        /// Whether a host without AppArmor must not run the containers.
        package var required: Bool

        package init() { required = true }
    }

    package struct Capabilities: Hashable, Sendable {
        /// Without `CAP_`; `ALL` is all of them.
        package var drop: [String]
        package var add: [String]

        package init() {
            drop = []
            add = []
        }
    }
}
