import Specs

/// What must be seen of a container that is confined as it was asked for.
///
/// It is written on the container itself as a label, so that whoever looks at it can judge it: also after the object was
/// taken out of git, and whatever the specs say by then.
package struct ConfinementExpectation: Hashable, Sendable {
    /// Who may run the program.
    package enum User: Hashable, Sendable {
        case id(UInt32)
        /// A name, which only the image can resolve; not root at least.
        case notRoot
    }

    /// The name of the SecurityProfile; nil where only the host's baseline holds. For people and `learn` alone.
    package var profile: String?
    /// Of the seccomp profile that the engine was told.
    package var seccomp: String
    /// The most that the program may have of the capabilities, one bit for each; nil where all are given.
    package var capabilities: UInt64?
    package var noNewPrivileges: Bool
    package var readOnlyRootFilesystem: Bool
    package var user: User?
    package var runtime: String?
    package var appArmor: String?
    /// Whether the profile of AppArmor is asked for where the kernel has it, and no more.
    package var isAppArmorOptional = false

    /// nil without a confinement.
    package init?(_ container: ContainerIntent) {
        guard let confinement = container.confinement else { return nil }
        profile = confinement.profile?.name
        seccomp = confinement.seccomp.digest
        capabilities = CapabilitySet.bounding(
            drop: confinement.droppedCapabilities, add: confinement.addedCapabilities)
        noNewPrivileges = confinement.noNewPrivileges
        readOnlyRootFilesystem = confinement.readOnlyRootFilesystem
        user = container.user.flatMap { User($0) }
        runtime = confinement.runtime
        appArmor = confinement.appArmor?.name
        isAppArmorOptional = confinement.appArmor?.isRequired == false
    }

    package static let label = "dev.reconcile.confinement"

    /// `v1;caps=a80425fb;nnp;profile=sandbox;seccomp=0123456789abcdef;uid=1000`
    package var text: String {
        var parts = ["v1"]
        if let appArmor { parts.append((isAppArmorOptional ? "apparmor?=" : "apparmor=") + appArmor) }
        if let capabilities { parts.append("caps=" + String(capabilities, radix: 16)) }
        if noNewPrivileges { parts.append("nnp") }
        if let profile { parts.append("profile=" + profile) }
        if readOnlyRootFilesystem { parts.append("ro") }
        if let runtime { parts.append("runtime=" + runtime) }
        parts.append("seccomp=" + seccomp)
        switch user {
        case .id(let id): parts.append("uid=\(id)")
        case .notRoot: parts.append("uid=any")
        case nil: break
        }
        return parts.joined(separator: ";")
    }

    /// Reads a label; nil for one of another version, of which nothing is known.
    package init?(text: String) {
        let parts = text.split(separator: ";").map(String.init)
        guard parts.first == "v1" else { return nil }
        (seccomp, noNewPrivileges, readOnlyRootFilesystem) = ("", false, false)
        for part in parts.dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
            let value = pair.count == 2 ? pair[1] : ""
            switch pair[0] {
            case "apparmor": appArmor = value
            case "apparmor?": (appArmor, isAppArmorOptional) = (value, true)
            case "caps": capabilities = UInt64(value, radix: 16)
            case "nnp": noNewPrivileges = true
            case "profile": profile = value
            case "ro": readOnlyRootFilesystem = true
            case "runtime": runtime = value
            case "seccomp": seccomp = value
            case "uid": user = UInt32(value).map { .id($0) } ?? .notRoot
            // A word that this version does not know asks for something that it cannot judge.
            default: return nil
            }
        }
    }
}

extension ConfinementExpectation.User {
    /// nil for root, of whom nothing can be expected.
    fileprivate init?(_ user: String) {
        let name = user.split(separator: ":", omittingEmptySubsequences: false).first.map(String.init) ?? ""
        if name.isEmpty || name == "root" || UInt32(name) == 0 { return nil }
        self = UInt32(name).map { .id($0) } ?? .notRoot
    }
}

extension MemberIntent {
    /// All labels of the container: the template's, our mark, and what it must be confined by.
    package var labels: [String: String] {
        var labels = container.template.labels.merging(mark.labels) { _, ours in ours }
        labels[ConfinementExpectation.label] = ConfinementExpectation(container)?.text
        return labels
    }
}
