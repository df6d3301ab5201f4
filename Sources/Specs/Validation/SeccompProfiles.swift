/// Seccomp profiles must name calls that exist, files that are there, and let containers start.
struct SeccompProfiles {
    private let attachments: Attachments
    /// By their paths; a file counts once, however many objects name it.
    private var files: [String: SeccompProfile?] = [:]
    /// By the bases and the paths of files.
    private var indices: [String: SeccompIndex] = [:]
    private var diagnostics: [Diagnostic] = []

    /// Puts the profiles of files into the objects that name them, and gives all findings.
    static func resolve(_ set: inout SpecSet, _ attachments: Attachments) -> [Diagnostic] {
        var state = SeccompProfiles(attachments: attachments)
        for index in set.securityProfiles.indices where set.securityProfiles[index].spec.seccomp != nil {
            state.resolve(&set.securityProfiles[index])
        }
        return state.diagnostics
    }

    private init(attachments: Attachments) { self.attachments = attachments }

    private mutating func resolve(_ resource: inout Resource<SecurityProfile>) {
        guard var seccomp = resource.spec.seccomp else { return }
        if let path = seccomp.file {
            seccomp.fileProfile = file(path, of: resource, allowsUnknown: seccomp.allowUnknownSyscalls)
            resource.spec.seccomp = seccomp
        }
        checkNames(seccomp.allow, "allow", of: resource)
        checkNames(seccomp.deny, "deny", of: resource)
        guard seccomp.mode == .enforce, seccomp.baseProfile != nil else { return }
        checkArguments(seccomp, of: resource)
        checkStart(seccomp, of: resource)
    }

    private mutating func file(
        _ path: String, of resource: Resource<SecurityProfile>, allowsUnknown: Bool
    ) -> SeccompProfile? {
        let key = "\(allowsUnknown) \(path)"
        if let known = files[key] { return known }
        let place = resource.position(of: "spec.seccomp.file")
        let (file, finding) = attachments.file(at: path, namedAt: place)
        if let finding { diagnostics.append(finding) }
        guard let file else { return nil }
        let (profile, findings) = SeccompFile.read(file)
        diagnostics += findings.filter { !allowsUnknown || $0.code != .unknownSyscall }
        files[key] = .some(profile)
        return profile
    }

    private mutating func checkNames(
        _ calls: [SecurityProfile.Call], _ list: String, of resource: Resource<SecurityProfile>
    ) {
        for (index, call) in calls.enumerated() {
            let path = "spec.seccomp.\(list).\(index)"
            let place = resource.position(of: "\(path).name")
            if !SystemCalls.isKnown(call.name) {
                guard resource.spec.seccomp?.allowUnknownSyscalls != true else { continue }
                diagnostics.append(.unknownSystemCall(call.name, at: place))
            } else if SystemCalls.architectures(of: call.name).isEmpty {
                let message = "no host of reconcile has a system call '\(call.name)': it belongs to other architectures"
                diagnostics.append(
                    Diagnostic(.syscallElsewhere, at: place, message, hint: "hosts run amd64 or arm64; leave it out"))
            }
        }
    }

    /// Denied arguments must be told from the others by what filters can compare.
    private mutating func checkArguments(_ seccomp: SecurityProfile.Seccomp, of resource: Resource<SecurityProfile>) {
        guard seccomp.deny.contains(where: { !$0.arguments.isEmpty }) else { return }
        do throws(InvalidText) {
            _ = try seccomp.profile()
        } catch {
            let place = resource.position(of: "spec.seccomp.deny")
            diagnostics.append(Diagnostic(.conflictingFields, at: place, error.problem, hint: error.hint))
        }
    }

    /// Whether containers start on every architecture of hosts.
    private mutating func checkStart(_ seccomp: SecurityProfile.Seccomp, of resource: Resource<SecurityProfile>) {
        guard let base = index(of: seccomp) else { return }
        let allowed = Set(seccomp.allow.map(\.name))
        let denied = Set(seccomp.deny.filter(\.arguments.isEmpty).map(\.name))
        let spec = resource.spec
        let missing = ContainerStart.calls(noNewPrivileges: spec.noNewPrivileges).filter { name in
            if denied.contains(name) { return true }
            if allowed.contains(name) { return false }
            return SystemCalls.Architecture.hosts.contains { architecture in
                SystemCalls.number(of: name, on: architecture) != nil
                    && !base.mayPass(name, on: architecture, spec.capabilities)
            }
        }
        guard !missing.isEmpty else { return }
        let list = Diagnostic.list(missing.map { "'\($0)'" }, word: "and", limit: 12)
        let place = resource.fields["spec.seccomp.deny"] ?? resource.position(of: "spec.seccomp")
        let hint = spec.noNewPrivileges ? nil : "'noNewPrivileges: true' needs fewer"
        diagnostics.append(
            Diagnostic(
                .profileTooSmall, at: place, "the profile refuses \(list), without which runc cannot start a container",
                hint: hint))
    }

    private mutating func index(of seccomp: SecurityProfile.Seccomp) -> SeccompIndex? {
        let key = seccomp.file.map { "file \($0)" } ?? seccomp.base.rawValue
        if let known = indices[key] { return known }
        let index = seccomp.baseProfile.map { SeccompIndex($0) }
        indices[key] = index
        return index
    }
}
