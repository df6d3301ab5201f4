package import Specs

/// Calls that a profile in mode `log` would have refused, and the profile that lets them through.
///
/// Bounded by the number of calls that there are: a container can repeat itself, and not fill anything.
package struct LearnedCalls: Sendable {
    /// Names of calls, with how often each was made.
    package private(set) var counts: [String: Int] = [:]
    /// Calls of processes that had ended before anybody could tell whose they were; by name.
    package private(set) var unattributed: [String: Int] = [:]
    /// Calls of other architectures, or that no table knows: `40000003/102`.
    package private(set) var unnamed: Set<String> = []

    private static let mostUnnamed = 100

    package init() {}

    /// - Parameters:
    ///   - architecture: AUDIT_ARCH_… of the kernel.
    ///   - isOurs: nil where nobody can tell.
    package mutating func add(_ number: Int, architecture: UInt32, isOurs: Bool?) {
        guard isOurs != false else { return }
        guard let name = Self.architectures[architecture].flatMap({ SystemCalls.name(of: number, on: $0) }) else {
            if isOurs == true, unnamed.count < Self.mostUnnamed {
                unnamed.insert("\(String(architecture, radix: 16))/\(number)")
            }
            return
        }
        if isOurs == true { counts[name, default: 0] += 1 } else { unattributed[name, default: 0] += 1 }
    }

    private static let architectures: [UInt32: SystemCalls.Architecture] = [
        0xC000_003E: .amd64, 0xC000_00B7: .arm64, 0x4000_0003: .x86, 0x4000_0028: .arm,
    ]

    /// A profile in spec form that lets these calls through besides what its base does.
    package func profile(named name: String, base: SecurityProfile.Seccomp.Base) -> String {
        let notes = unattributed.sorted { $0.key < $1.key }.map { call, count in
            "# Not in it: \(call) (\(count) times), of processes that ended before they could be told apart.\n"
        }
        let others = unnamed.sorted().map { "# Not in it: call \($0), which has no name here.\n" }
        let allow = counts.keys.sorted()
        let list = allow.isEmpty ? " []\n" : "\n" + allow.map { "      - \($0)\n" }.joined()
        return """
            apiVersion: reconcile.dev/v1
            kind: SecurityProfile
            metadata: {name: \(name)}
            spec:
              seccomp:
                base: \(base.rawValue)
                allow:
            """ + list + (notes + others).joined()
    }
}
