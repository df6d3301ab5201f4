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
    case unpause(ContainerReference)
    case rename(ContainerReference, to: String)
    /// SIGTERM (or the image's stop signal), then SIGKILL after the timeout.
    case stop(ContainerReference, timeout: Duration)
    /// Removes a container that does not run, with its anonymous volumes; named volumes stay.
    case remove(ContainerReference)
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

    package init(name: String, mark: OwnershipMark, container: ContainerIntent) {
        self.name = name
        self.mark = mark
        self.container = container
    }
}

/// What every container of an object looks like on this host.
package struct ContainerIntent: Hashable, Sendable {
    package var template: ContainerTemplate
    package var publish: [PublishedPort]
    /// The object's own network.
    package var network: String

    package init(template: ContainerTemplate, publish: [PublishedPort] = [], network: String) {
        self.template = template
        self.publish = publish
        self.network = network
    }
}
