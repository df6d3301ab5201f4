/// Which system calls containers may make, resolved to what an engine is told: the model behind Docker's format.
///
/// A rule holds where all of its conditions do; several rules for one call are alternatives. Calls without a rule get
/// the default action. Equal profiles have equal bytes in `json`.
package struct SeccompProfile: Hashable, Sendable {
    /// What happens at a call. An action that needs somebody who listens (`SCMP_ACT_NOTIFY`) is not among them.
    package enum Action: String, CaseIterable, Hashable, Sendable {
        case allow = "SCMP_ACT_ALLOW"
        case log = "SCMP_ACT_LOG"
        case errno = "SCMP_ACT_ERRNO"
        case trace = "SCMP_ACT_TRACE"
        case trap = "SCMP_ACT_TRAP"
        case kill = "SCMP_ACT_KILL"
        case killThread = "SCMP_ACT_KILL_THREAD"
        case killProcess = "SCMP_ACT_KILL_PROCESS"

        /// Whether the call is carried out.
        package var letsThrough: Bool { self == .allow || self == .log }
    }

    /// libseccomp's names of architectures.
    package enum Architecture: String, CaseIterable, Hashable, Sendable {
        case amd64 = "SCMP_ARCH_X86_64"
        case x86 = "SCMP_ARCH_X86"
        case x32 = "SCMP_ARCH_X32"
        case arm = "SCMP_ARCH_ARM"
        case arm64 = "SCMP_ARCH_AARCH64"
        case loongarch64 = "SCMP_ARCH_LOONGARCH64"
        case m68k = "SCMP_ARCH_M68K"
        case mips = "SCMP_ARCH_MIPS"
        case mips64 = "SCMP_ARCH_MIPS64"
        case mips64n32 = "SCMP_ARCH_MIPS64N32"
        case mipsel = "SCMP_ARCH_MIPSEL"
        case mipsel64 = "SCMP_ARCH_MIPSEL64"
        case mipsel64n32 = "SCMP_ARCH_MIPSEL64N32"
        case parisc = "SCMP_ARCH_PARISC"
        case parisc64 = "SCMP_ARCH_PARISC64"
        case ppc = "SCMP_ARCH_PPC"
        case ppc64 = "SCMP_ARCH_PPC64"
        case ppc64le = "SCMP_ARCH_PPC64LE"
        case riscv64 = "SCMP_ARCH_RISCV64"
        case s390 = "SCMP_ARCH_S390"
        case s390x = "SCMP_ARCH_S390X"
        case sheb = "SCMP_ARCH_SHEB"
        case sh = "SCMP_ARCH_SH"
    }

    /// An architecture of hosts, and the others whose programs are let run on it.
    package struct HostArchitecture: Hashable, Sendable {
        package var architecture: Architecture
        package var others: [Architecture]

        package init(_ architecture: Architecture, others: [Architecture] = []) {
            self.architecture = architecture
            self.others = others
        }
    }

    /// How the kernel takes the filter.
    package enum Flag: String, CaseIterable, Hashable, Sendable {
        case log = "SECCOMP_FILTER_FLAG_LOG"
        case specAllow = "SECCOMP_FILTER_FLAG_SPEC_ALLOW"
        case tsync = "SECCOMP_FILTER_FLAG_TSYNC"
        case waitKillable = "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"
    }

    package typealias Condition = SecurityProfile.Argument

    /// Where a rule holds, or does not.
    package struct Circumstances: Hashable, Sendable {
        /// With `CAP_`, as Docker's format has it.
        package var capabilities: [String] = []
        /// Docker's names, such as `amd64`.
        package var architectures: [String] = []
        /// `4.8`: from this release of the kernel on.
        package var minimumKernel: String?

        package init() {}

        package var isEmpty: Bool { self == Circumstances() }
    }

    /// What happens at some calls.
    package struct Rule: Hashable, Sendable {
        package var names: [String]
        package var action: Action
        /// What a refused call returns; nil is the profile's own.
        package var errno: UInt32?
        /// Each is about an argument of its own: runc takes two about one argument for alternatives.
        package var conditions: [Condition]
        /// All of it must hold.
        package var includes = Circumstances()
        /// None of it may hold.
        package var excludes = Circumstances()

        package init(_ names: [String], _ action: Action, errno: UInt32? = nil, conditions: [Condition] = []) {
            self.names = names
            self.action = action
            self.errno = errno
            self.conditions = conditions
        }
    }

    package var defaultAction: Action
    package var defaultErrno: UInt32?
    /// The architectures of the filter; empty where `hostArchitectures` says them.
    package var architectures: [Architecture] = []
    /// The same by the architecture of the host; an engine takes the entry that is its own.
    package var hostArchitectures: [HostArchitecture] = []
    package var flags: [Flag] = []
    package var rules: [Rule] = []

    package init(default action: Action) { defaultAction = action }
}
