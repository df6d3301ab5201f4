package import Specs

/// What confines one container, control by control: what was asked for, where that is written, and what the kernel shows.
package struct ConfinementReport: Codable, Hashable, Sendable {
    /// One control.
    package struct Entry: Codable, Hashable, Sendable {
        package var control: Control
        /// What was asked for, in words.
        package var value: String
        /// Where the spec says so; nil for what is the host's own.
        package var position: SourcePosition?
        /// nil where the container does not run, or its program does not yet.
        package var state: ControlState?
        /// What was seen.
        package var detail: String
    }

    /// `Workload/web/0`
    package var member: String
    package var container: String
    /// The SecurityProfile; nil where only the host's baseline holds.
    package var profile: ResourceID?
    package var entries: [Entry]
    /// Calls that the profile lets through and the host's baseline does not.
    package var withheld: [String]
    /// In Docker's format: what the engine was told.
    package var seccompProfile: String

    /// nil for objects that leave everything to the engine.
    init?(_ container: ObservedContainer, of object: DesiredObject) {
        guard let confinement = object.container.confinement else { return nil }
        member = container.instance.member.description
        self.container = container.name
        profile = confinement.profile
        withheld = confinement.seccomp.withheld
        seccompProfile = confinement.seccomp.json
        entries = Self.entries(of: object, in: container)
    }

    /// Every control that is asked for; none for objects that leave everything to the engine.
    ///
    /// - Parameter container: a container of the object; nil shows what git says alone.
    package static func entries(of object: DesiredObject, in container: ObservedContainer?) -> [Entry] {
        guard let confinement = object.container.confinement else { return [] }
        let own = object.position(of: "spec.template.securityProfile")
        func entry(_ control: Control, _ value: String, _ field: String? = nil) -> Entry {
            let finding = container?.confinement?.findings.first { $0.control == control }
            let position = object.profile.map { profile in
                profile.fields["spec.\(field ?? control.rawValue)"] ?? profile.origin
            }
            return Entry(
                control: control, value: value, position: position ?? (confinement.profile == nil ? nil : own),
                state: finding?.state, detail: finding?.detail ?? "")
        }
        var entries = [entry(.seccomp, confinement.seccomp.words), entry(.capabilities, confinement.capabilityWords)]
        if confinement.noNewPrivileges { entries.append(entry(.noNewPrivileges, "true")) }
        if confinement.readOnlyRootFilesystem { entries.append(entry(.readOnlyRootFilesystem, "true")) }
        if let user = object.container.user {
            var line = entry(.user, user)
            if object.container.template.user != nil { line.position = object.position(of: "spec.template.user") }
            entries.append(line)
        }
        if let runtime = confinement.runtime { entries.append(entry(.runtime, runtime)) }
        if let appArmor = confinement.appArmor {
            entries.append(entry(.appArmor, appArmor.name + (appArmor.isRequired ? ", required" : "")))
        }
        return entries
    }
}

extension SeccompFilter {
    /// `sandbox v1 within docker-default 0.2.3 (enforce), profile 0123456789abcdef`
    fileprivate var words: String { "\(name) (\(mode.rawValue)), profile \(digest)" }
}

extension Confinement {
    /// `drop ALL, add CAP_CHOWN`
    fileprivate var capabilityWords: String {
        let words = [("drop", droppedCapabilities), ("add", addedCapabilities)].filter { !$0.1.isEmpty }
        if words.isEmpty { return "Docker's default" }
        return words.map { "\($0.0) \($0.1.joined(separator: " "))" }.joined(separator: ", ")
    }
}

extension HostReport {
    /// What confines a container of ours, by its name or the beginning of its id; nil where there is none, or it is left
    /// to the engine.
    package func confinement(ofContainer name: String) -> ConfinementReport? {
        let containers = observed.containers.values
        let found = containers.first { $0.name == name } ?? containers.first { $0.id.hasPrefix(name) }
        guard let found, let object = desired?.objects[found.mark.object] else { return nil }
        return ConfinementReport(found, of: object)
    }
}
