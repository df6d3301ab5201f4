package import Specs

/// One idempotent call to the host. Steps are values: the plan lists them, a driver carries them out.
package enum Step: Hashable, Sendable {
    case pullImage(reference: String)
    case createNetwork(NetworkIntent)
    /// Ours, and with no container left on it.
    case removeNetwork(name: String, id: String, owner: String)
    case createVolume(name: String, mark: OwnershipMark)
    /// A container of this name that carries the same mark counts as created.
    case createContainer(MemberIntent)
    case start(ContainerReference)
    /// Runs the health check's command once; `probed` of the result tells whether it succeeded.
    case probe(ContainerReference, HealthCheck)
    /// Sends all of these settings; nil fields are left as they are.
    case update(ContainerReference, LiveSettings)
    /// Freezes all of its processes.
    case pause(ContainerReference)
    case unpause(ContainerReference)
    case rename(ContainerReference, to: String)
    /// SIGTERM (or the image's stop signal), then SIGKILL after the timeout.
    case stop(ContainerReference, timeout: Duration)
    /// Removes a container that does not run, with its anonymous volumes; named volumes stay.
    case remove(ContainerReference)
    /// Puts these rules in force in one transaction, and takes away all others of ours.
    case applyFirewall(FirewallIntent)
}

/// A container that a step is about: ours, of this id.
package struct ContainerReference: Hashable, Sendable {
    package var id: String
    package var name: String
    package var member: MemberID
    package var owner: String

    package init(_ container: ObservedContainer) {
        id = container.id
        name = container.name
        member = MemberID(container.mark.object, container.slot)
        owner = container.mark.owner
    }
}

/// The network of one object, with a bridge name that policies can be keyed on.
package struct NetworkIntent: Hashable, Sendable {
    package var name: String
    package var mark: OwnershipMark
    /// At most 15 characters, the kernel's limit for an interface name.
    package var bridge: String
    /// CIDR notation; chosen by the planner from the configured range.
    package var subnet: String

    package init(name: String, mark: OwnershipMark, bridge: String, subnet: String) {
        self.name = name
        self.mark = mark
        self.bridge = bridge
        self.subnet = subnet
    }
}

/// A container to create: its name, its mark, and what it looks like.
package struct MemberIntent: Hashable, Sendable {
    /// `<object>-<slot>-<incarnation>`.
    package var name: String
    package var mark: OwnershipMark
    package var container: ContainerIntent
    /// The only resolver that it asks; nil leaves it to the engine.
    package var nameServer: IPAddress?

    package init(name: String, mark: OwnershipMark, container: ContainerIntent, nameServer: IPAddress? = nil) {
        self.name = name
        self.mark = mark
        self.container = container
        self.nameServer = nameServer
    }
}

/// What every container of an object looks like on this host.
package struct ContainerIntent: Hashable, Sendable {
    @Boxed package var template: ContainerTemplate
    package var publish: [PublishedPort]
    /// The object's own network.
    package var network: String
    /// nil leaves everything about it to the engine.
    package var confinement: Confinement?
    /// Names are resolved by nobody but the filter that listens on the bridge's own address.
    package var asksNameFilter = false
    /// Where on the host each member has its claim folder, see `ClaimFolder`; nil for those that nobody can claim.
    package var claimRoot: String?

    package init(template: ContainerTemplate, publish: [PublishedPort] = [], network: String) {
        self.template = template
        self.publish = publish
        self.network = network
    }
}

extension Step {
    /// The container that the step takes away or interrupts, if it does.
    package var takesAway: ContainerReference? {
        switch self {
        case .stop(let reference, _), .remove(let reference): reference
        default: nil
        }
    }

    /// Whether there is a container more or one less afterwards, or one that has ended.
    package var changesNumber: Bool { takesAway != nil || incarnation != nil }

    package var isPull: Bool {
        if case .pullImage = self { true } else { false }
    }

    /// The name of the network that is made or removed.
    package var network: String? {
        switch self {
        case .createNetwork(let intent): intent.name
        case .removeNetwork(let name, _, _): name
        default: nil
        }
    }

    /// Looks and changes nothing: no intent is written for it.
    package var isRead: Bool {
        if case .probe = self { true } else { false }
    }

    /// The incarnation that a create makes.
    package var incarnation: Int? {
        if case .createContainer(let intent) = self { intent.mark.member?.incarnation } else { nil }
    }

    /// The member that a create makes.
    var creation: MemberInstance? {
        guard case .createContainer(let intent) = self, let member = intent.mark.memberID, let incarnation else {
            return nil
        }
        return MemberInstance(member, incarnation)
    }

    /// A short name for logs.
    package var name: String {
        switch self {
        case .pullImage: "pull-image"
        case .createNetwork: "create-network"
        case .removeNetwork: "remove-network"
        case .createVolume: "create-volume"
        case .createContainer: "create-container"
        case .start: "start"
        case .probe: "probe"
        case .update: "update"
        case .pause: "pause"
        case .unpause: "unpause"
        case .rename: "rename"
        case .stop: "stop"
        case .remove: "remove"
        case .applyFirewall: "apply-firewall"
        }
    }

    /// The reason of the event when it is done: one word in CamelCase.
    package var eventReason: String {
        switch self {
        case .pullImage: "Pulled"
        case .createNetwork: "NetworkCreated"
        case .removeNetwork: "NetworkRemoved"
        case .createVolume: "VolumeCreated"
        case .createContainer: "Created"
        case .start: "Started"
        case .probe: "Probed"
        case .update: "Updated"
        case .pause: "PausedContainer"
        case .unpause: "Unpaused"
        case .rename: "Renamed"
        case .stop: "Stopped"
        case .remove: "Removed"
        case .applyFirewall: "PolicyApplied"
        }
    }

    /// What it is about: the name of a container, network or volume, or an image reference.
    package var subject: String {
        switch self {
        case .pullImage(let reference): reference
        case .createNetwork(let intent): intent.name
        case .removeNetwork(let name, _, _): name
        case .createVolume(let name, _): name
        case .createContainer(let intent): intent.name
        case .start(let reference), .probe(let reference, _), .update(let reference, _), .pause(let reference),
            .unpause(let reference), .rename(let reference, _), .stop(let reference, _), .remove(let reference):
            reference.name
        case .applyFirewall(let intent): "table \(intent.table)"
        }
    }
}
