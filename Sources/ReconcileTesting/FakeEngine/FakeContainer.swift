package import Reconciler
package import Specs

/// A container of the in-memory engine, ours or foreign.
package struct FakeContainer: Hashable, Sendable {
    package var id: String
    package var name: String
    /// Docker cannot change them after creation either.
    package let labels: [String: String]
    /// The mark that the labels spell; nil without one. Read once, because every look asks for it.
    package let mark: OwnershipMark?
    /// The reference that it was created with.
    package var image: String
    package var imageID: String
    package var network: String
    package var publish: [PublishedPort]
    package var hasHealthCheck: Bool
    package var status: ObservedContainer.Status = .created
    package var exitCode = 0
    package var health: ObservedContainer.Health = .none
    package var startedAt = ""
    package var endedAt = ""
    package var live: LiveSettings
    /// What the kernel says of it while it runs. An update of the limit to less than is used is refused, as under
    /// version 1 of control groups.
    package var kernel = KernelFacts()
    /// Whether it was made with a claim folder, and whose it is: what its claim file says.
    package var hasClaimFolder = false
    package var claim: ClaimID?
    /// On its network, while it runs.
    package var address = ""
    /// Controls that are not in force although they were asked for.
    package var missingControls: Set<Control> = []

    init(
        id: String, name: String, labels: [String: String], image: String, imageID: String, network: String,
        publish: [PublishedPort], hasHealthCheck: Bool, live: LiveSettings
    ) {
        self.id = id
        self.name = name
        self.labels = labels
        mark = OwnershipMark(labels: labels)
        self.image = image
        self.imageID = imageID
        self.network = network
        self.publish = publish
        self.hasHealthCheck = hasHealthCheck
        self.live = live
    }

    /// Holds its network and ports, and cannot be removed.
    package var isActive: Bool { status == .running || status == .paused }

    /// What an inspect shows; nil without the whole mark of this owner.
    package func observed(by owner: String) -> ObservedContainer? {
        guard let mark, mark.owner == owner, let member = mark.member else { return nil }
        return ObservedContainer(
            id: id, name: name, mark: mark, member: member, image: image, imageID: imageID, status: status,
            exitCode: exitCode, health: health, startedAt: startedAt, endedAt: isActive ? "" : endedAt,
            address: isActive ? address : nil, hasClaimFolder: mark.object.kind == .warmPool ? hasClaimFolder : nil,
            live: live, kernel: isActive ? kernel : nil, confinement: confinement)
    }

    /// As the kernel would show it while it runs.
    private var confinement: ObservedConfinement? {
        guard status == .running, let text = labels[ConfinementExpectation.label],
            let expectation = ConfinementExpectation(text: text)
        else { return nil }
        return expectation.judged(by: ConfinementFacts(asAsked: expectation, missing: missingControls))
    }

    /// It has ended, as at a kill or with its engine.
    mutating func die(code: Int, at time: String) {
        endedAt = time
        status = .exited
        exitCode = code
    }
}

extension ConfinementFacts {
    /// What an engine and a kernel show that have done what was asked, but for these controls.
    package init(asAsked expectation: ConfinementExpectation, missing: Set<Control> = []) {
        var process = Process()
        process.seccompMode = missing.contains(.seccomp) ? 0 : 2
        process.noNewPrivileges = !missing.contains(.noNewPrivileges)
        process.boundingCapabilities = missing.contains(.capabilities) ? .max : expectation.capabilities ?? .max
        process.isRootReadOnly = !missing.contains(.readOnlyRootFilesystem)
        process.users = [0]
        switch expectation.user {
        case .id(let id)? where !missing.contains(.user): process.users = [id]
        case .notRoot? where !missing.contains(.user): process.users = [1000]
        default: break
        }
        process.appArmor = missing.contains(.appArmor) ? nil : expectation.appArmor
        self.init(
            seccomp: expectation.seccomp, runtime: missing.contains(.runtime) ? "other" : expectation.runtime ?? "runc",
            kernelHasAppArmor: true, .process(process))
    }
}

/// A network of the in-memory engine, ours or foreign.
package struct FakeNetwork: Hashable, Sendable {
    package var id: String
    package var name: String
    package let labels: [String: String]
    /// The mark that the labels spell; nil without one.
    package let mark: OwnershipMark?
    package var bridge: String?
    package var subnets: [String]

    init(id: String, name: String, labels: [String: String], bridge: String?, subnets: [String]) {
        self.id = id
        self.name = name
        self.labels = labels
        mark = OwnershipMark(labels: labels)
        self.bridge = bridge
        self.subnets = subnets
    }

    package func observed(by owner: String) -> ObservedNetwork {
        ObservedNetwork(
            id: id, name: name, mark: mark?.owner == owner ? mark : nil, bridge: bridge, subnets: subnets)
    }
}
