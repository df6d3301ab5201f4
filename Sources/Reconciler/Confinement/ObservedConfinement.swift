/// What confines containers, one by one; the names are those of a SecurityProfile's fields.
package enum Control: String, CaseIterable, Hashable, Codable, Sendable {
    case appArmor, capabilities, noNewPrivileges, readOnlyRootFilesystem, runtime, seccomp, user
}

/// How far a control is what was asked for.
package enum ControlState: String, CaseIterable, Hashable, Codable, Sendable {
    case enforced = "Enforced"
    /// The kernel or the runtime has no such thing, or it cannot be seen from here.
    case notSupported = "NotSupported"
    /// It can be seen, and is not as it was asked for.
    case drifted = "Drifted"
}

/// One control of one running container, as the kernel shows it.
package struct ControlFinding: Hashable, Codable, Sendable {
    package var control: Control
    package var state: ControlState
    /// What was seen, in a few words.
    package var detail: String

    package init(_ control: Control, _ state: ControlState, _ detail: String) {
        self.control = control
        self.state = state
        self.detail = detail
    }
}

/// How a running container is confined, against what it was asked for when it was made.
package struct ObservedConfinement: Hashable, Codable, Sendable {
    /// In the order of the controls; only what was asked for.
    package var findings: [ControlFinding]
    /// The program itself does not run yet, and what shows is the runtime's.
    package var isStarting: Bool
    /// The name of the SecurityProfile that it was made by.
    package var profile: String?

    package init(_ findings: [ControlFinding], isStarting: Bool = false) {
        self.findings = findings.sorted { $0.control.rawValue < $1.control.rawValue }
        self.isStarting = isStarting
    }

    /// Of a container that does not say what it must be confined by: nothing was asked for, unless its hash says otherwise.
    ///
    /// Whoever makes a container with our mark by hand, and leaves the word on its confinement out, gains nothing by it.
    package init?(unreadable label: String?, recreateHash: String?) {
        guard let recreateHash, recreateHash.contains(";" + Confinement.fieldPrefix) else { return nil }
        self.init([
            label == nil
                ? ControlFinding(.seccomp, .drifted, "it carries no word on what confines it")
                : ControlFinding(.seccomp, .notSupported, "what it must be confined by is a newer version's to read")
        ])
    }

    /// Nothing is otherwise than it was asked for; a member counts as ready only then.
    package var holds: Bool { !isStarting && drifted.isEmpty }

    package var drifted: [ControlFinding] { isStarting ? [] : findings.filter { $0.state == .drifted } }

    package var notSupported: [ControlFinding] { findings.filter { $0.state == .notSupported } }
}
