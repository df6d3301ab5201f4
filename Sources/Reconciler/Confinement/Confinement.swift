package import Specs

/// What confines the containers of an object on this host: its SecurityProfile within the host's baseline, resolved to what
/// an engine is told.
package struct Confinement: Hashable, Sendable {
    /// A profile of AppArmor.
    package struct AppArmor: Hashable, Sendable {
        /// The name under which the kernel knows it.
        package var name: String
        /// The profile itself, under this name; nil for one that the host has loaded by other means.
        package var text: String?
        /// Whether containers must not run where the kernel lacks AppArmor.
        package var isRequired: Bool

        package init(name: String, text: String? = nil, isRequired: Bool = true) {
            self.name = name
            self.text = text
            self.isRequired = isRequired
        }

        /// A profile of the repository gets a name that no other content has: what runs keeps the one that it was started
        /// with. nil for a file that is not there.
        fileprivate init?(_ appArmor: SecurityProfile.AppArmor, of id: ResourceID) {
            if let name = appArmor.profile {
                self.init(name: name, isRequired: appArmor.required)
            } else if let text = appArmor.text {
                let digest = SeccompFilter.digest(of: text.named("profile")).prefix(8)
                let name = "\(Self.prefix)\(id.name)-\(digest)"
                self.init(name: name, text: text.named(name), isRequired: appArmor.required)
            } else {
                return nil
            }
        }

        /// Of the names that we give.
        package static let prefix = "reconcile-"
    }

    /// The profile that the template names; nil where only the host's baseline holds.
    package var profile: ResourceID?
    package var seccomp: SeccompFilter
    /// With `CAP_`, or `ALL`; sorted.
    package var droppedCapabilities: [String] = []
    /// Given after the others are dropped. With `CAP_`, or `ALL`; sorted.
    package var addedCapabilities: [String] = []
    package var noNewPrivileges = false
    package var readOnlyRootFilesystem = false
    /// Of the profile; a template's own wins.
    package var user: String?
    /// The name of an OCI runtime of the engine; nil is the engine's default.
    package var runtime: String?
    package var appArmor: AppArmor?

    /// The host's baseline alone, which is what holds for templates that name no profile.
    package init(_ seccomp: SeccompFilter) { self.seccomp = seccomp }

    /// - Parameter seccomp: that of the profile within the host's baseline.
    package init(_ profile: SecurityProfile, of id: ResourceID, _ seccomp: SeccompFilter) {
        self.init(seccomp)
        self.profile = id
        droppedCapabilities = Self.canonical(profile.capabilities.drop)
        addedCapabilities = Self.canonical(profile.capabilities.add)
        noNewPrivileges = profile.noNewPrivileges
        readOnlyRootFilesystem = profile.readOnlyRootFilesystem
        user = profile.user
        runtime = profile.runtime
        appArmor = profile.appArmor.flatMap { AppArmor($0, of: id) }
    }

    private static func canonical(_ names: [String]) -> [String] {
        if names.contains("ALL") { return ["ALL"] }
        return Set(names).sorted().map { "CAP_" + $0 }
    }

    /// Every field that only a new container can change, as text to be hashed; what says nothing is left out, so that a
    /// field of a later version changes no hash.
    package func canonicalFields() -> [(name: String, value: String)] {
        let fields: [(String, String?)] = [
            ("appArmor", appArmor.map(\.name)),
            (
                "capabilities",
                droppedCapabilities.isEmpty && addedCapabilities.isEmpty
                    ? nil
                    : "-" + droppedCapabilities.joined(separator: ",") + "+" + addedCapabilities.joined(separator: ",")
            ),
            ("noNewPrivileges", noNewPrivileges ? "true" : nil),
            ("readOnlyRootFilesystem", readOnlyRootFilesystem ? "true" : nil),
            ("runtime", runtime),
            ("seccomp", seccomp.digest),
            ("user", user),
        ]
        return fields.compactMap { field in field.1.map { (Self.fieldPrefix + field.0, $0) } }
    }

    /// In front of the names of its fields in plans and hashes.
    package static let fieldPrefix = "securityProfile."
}

extension ContainerIntent {
    /// The user that runs the program: the template's own, or else the profile's; nil is the image's.
    package var user: String? { template.user ?? confinement?.user }
}
