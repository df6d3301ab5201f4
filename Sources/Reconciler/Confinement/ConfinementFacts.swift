/// What the engine and the kernel show of what confines a running container.
package struct ConfinementFacts: Hashable, Sendable {
    /// Of the container's first process, as /proc shows it.
    package struct Process: Hashable, Sendable {
        /// It is the runtime's, which has not handed over to the program yet.
        package var isRuntime = false
        /// The kernel's number: 0 is none, 2 is a filter.
        package var seccompMode = 0
        package var noNewPrivileges = false
        package var boundingCapabilities: UInt64 = 0
        package var effectiveCapabilities: UInt64 = 0
        package var permittedCapabilities: UInt64 = 0
        /// Real, effective, saved and of the file system; in the container's own numbers.
        package var users: Set<UInt32> = []
        /// nil where it cannot be seen.
        package var isRootReadOnly: Bool?
        /// The profile of AppArmor that is enforced; nil for none.
        package var appArmor: String?

        package init() {}
    }

    /// What of the container's first process can be seen.
    package enum Sight: Hashable, Sendable {
        case process(Process)
        /// It has just gone.
        case gone
        /// The engine is on another machine, or the program may not look.
        case hidden
    }

    /// Of the seccomp profile that the engine holds for it; nil for none.
    package var seccomp: String?
    /// The runtime that the engine names.
    package var runtime: String?
    /// Whether the kernel has AppArmor; nil where that cannot be seen.
    package var kernelHasAppArmor: Bool?
    package var sight: Sight

    package init(
        seccomp: String? = nil, runtime: String? = nil, kernelHasAppArmor: Bool? = nil, _ sight: Sight = .hidden
    ) {
        self.seccomp = seccomp
        self.runtime = runtime
        self.kernelHasAppArmor = kernelHasAppArmor
        self.sight = sight
    }
}

extension ConfinementExpectation {
    /// Compares what was asked for with what shows.
    ///
    /// A program may confine itself further; only what is missing is drift.
    package func judged(by facts: ConfinementFacts) -> ObservedConfinement {
        var confinement = judgement(of: facts)
        confinement.profile = profile
        return confinement
    }

    private func judgement(of facts: ConfinementFacts) -> ObservedConfinement {
        var findings = [told(facts)] + runtimeFinding(facts)
        switch facts.sight {
        case .gone: return ObservedConfinement([], isStarting: true)
        case .hidden:
            findings[0] = worst(of: .seccomp, findings[0], .notSupported, "cannot be seen from here")
            findings += unseen.map { ControlFinding($0, .notSupported, "cannot be seen from here") }
            return ObservedConfinement(findings)
        case .process(let process):
            if process.isRuntime { return ObservedConfinement([], isStarting: true) }
            if let runtime, !Self.sharesKernel(runtime) {
                let words = "the kernel of '\(runtime)' is its own and is not looked into"
                findings[0] = worst(of: .seccomp, findings[0], .notSupported, words)
                return ObservedConfinement(findings + unseen.map { ControlFinding($0, .notSupported, words) })
            }
            if process.seccompMode != 2 {
                findings[0] = ControlFinding(.seccomp, .drifted, "Seccomp: \(process.seccompMode)")
            }
            return ObservedConfinement(findings + judged(process, facts))
        }
    }

    /// Runtimes whose containers are processes of the host's own kernel.
    package static func sharesKernel(_ runtime: String) -> Bool {
        let names = [
            "runc", "io.containerd.runc.v2", "io.containerd.runc.v1", "io.containerd.runtime.v1.linux", "crun",
        ]
        return names.contains(runtime) || runtime.hasSuffix("youki")
    }

    /// The engine's own word on what it was told, which names the very profile; the kernel only says that there is one.
    private func told(_ facts: ConfinementFacts) -> ControlFinding {
        facts.seccomp == seccomp
            ? ControlFinding(.seccomp, .enforced, "profile \(seccomp)")
            : ControlFinding(.seccomp, .drifted, "the engine holds profile \(facts.seccomp ?? "none")")
    }

    private func runtimeFinding(_ facts: ConfinementFacts) -> [ControlFinding] {
        guard let runtime else { return [] }
        let seen = facts.runtime ?? "none"
        return [ControlFinding(.runtime, seen == runtime ? .enforced : .drifted, "the engine says '\(seen)'")]
    }

    private func worst(
        of control: Control, _ finding: ControlFinding, _ state: ControlState, _ words: String
    ) -> ControlFinding {
        finding.state == .drifted ? finding : ControlFinding(control, state, words)
    }

    /// What only the kernel can tell.
    private var unseen: [Control] {
        var controls: [Control] = [.capabilities]
        if appArmor != nil { controls.append(.appArmor) }
        if noNewPrivileges { controls.append(.noNewPrivileges) }
        if readOnlyRootFilesystem { controls.append(.readOnlyRootFilesystem) }
        if user != nil { controls.append(.user) }
        return controls
    }

    private func judged(
        _ process: ConfinementFacts.Process, _ facts: ConfinementFacts
    ) -> [ControlFinding] {
        var findings: [ControlFinding] = []
        func add(_ control: Control, _ isAsAsked: Bool, _ words: String) {
            findings.append(ControlFinding(control, isAsAsked ? .enforced : .drifted, words))
        }
        if let capabilities {
            let has = process.boundingCapabilities | process.effectiveCapabilities | process.permittedCapabilities
            let extra = CapabilitySet.names(in: has & ~capabilities)
            let words = extra.isEmpty ? "CapBnd: \(String(process.boundingCapabilities, radix: 16))" : "has "
            add(.capabilities, extra.isEmpty, words + extra.joined(separator: ", "))
        }
        if noNewPrivileges {
            add(.noNewPrivileges, process.noNewPrivileges, "NoNewPrivs: \(process.noNewPrivileges ? 1 : 0)")
        }
        if readOnlyRootFilesystem {
            if let isReadOnly = process.isRootReadOnly {
                add(.readOnlyRootFilesystem, isReadOnly, "'/' is mounted \(isReadOnly ? "ro" : "rw")")
            } else {
                findings.append(
                    ControlFinding(.readOnlyRootFilesystem, .notSupported, "its mounts cannot be seen from here"))
            }
        }
        if let user {
            let seen = "Uid: " + process.users.sorted().map(String.init).joined(separator: " ")
            switch user {
            case .id(let id): add(.user, process.users == [id], seen)
            case .notRoot: add(.user, !process.users.contains(0), seen)
            }
        }
        if let appArmor {
            if facts.kernelHasAppArmor == true {
                add(.appArmor, process.appArmor == appArmor, process.appArmor ?? "unconfined")
            } else if isAppArmorOptional || facts.kernelHasAppArmor == nil {
                findings.append(ControlFinding(.appArmor, .notSupported, "the kernel has no AppArmor"))
            } else {
                add(.appArmor, false, "the kernel has no AppArmor")
            }
        }
        return findings
    }
}
