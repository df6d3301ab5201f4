import Specs

/// Resolves the SecurityProfiles of a revision within a host's baseline, each of them once.
struct Confinements {
    private let profiles: [String: Resource<SecurityProfile>]
    private let baseline: SeccompBaseline
    private var resolved: [String: Result<Confinement, InvalidText>] = [:]

    init(_ profiles: [Resource<SecurityProfile>], within baseline: SeccompBaseline) {
        self.profiles = Dictionary(profiles.map { ($0.id.name, $0) }) { first, _ in first }
        self.baseline = baseline
    }

    func profile(of template: ContainerTemplate) -> Resource<SecurityProfile>? {
        template.securityProfile.flatMap { profiles[$0] }
    }

    /// What confines the containers of a template; nil where everything is left to the engine.
    ///
    /// - Throws: why no container of it can be made on this host.
    mutating func confinement(of template: ContainerTemplate) throws(InvalidText) -> Confinement? {
        guard template.securityProfile != nil || !baseline.leavesOthersToEngine else { return nil }
        let name = template.securityProfile ?? ""
        let known = resolved[name] ?? Result { () throws(InvalidText) in try resolve(template.securityProfile) }
        resolved[name] = known
        var confinement = try known.get()
        if template.user != nil { confinement.user = nil }
        return confinement
    }

    private func resolve(_ name: String?) throws(InvalidText) -> Confinement {
        guard let name else { return Confinement(try SeccompFilter(baseline)) }
        guard let resource = profiles[name] else {
            throw InvalidText("SecurityProfile/\(name) is not declared")
        }
        let spec = resource.spec
        let filter =
            if let seccomp = spec.seccomp {
                try SeccompFilter(seccomp, within: baseline)
            } else {
                try SeccompFilter(baseline)
            }
        return Confinement(spec, of: resource.id, filter)
    }
}
