package import Reconciler
package import Specs

extension ObservedState {
    /// A host on which everything is as this state wants it: images, networks, and every member running and ready.
    package init(converged desired: DesiredState) {
        self.init(engine: EngineFacts(version: "test", cpus: 4, memory: 8 << 30))
        for image in desired.images { images[image] = ObservedImage(id: "sha256:" + image) }
        firewall = FirewallFacts(
            support: .by(.nftables),
            inForce: Dictionary(uniqueKeysWithValues: desired.firewall.bridges.map { ($0.bridge, $0.digest) }),
            isPresent: !desired.firewall.isEmpty)
        for object in desired.objects.values {
            addNetwork(of: object.id, owner: desired.host.owner)
            for slot in 0..<object.slots { add(slot, of: object, owner: desired.host.owner) }
        }
    }

    /// Adds a container of a declared object as it is right after its creation, and ready unless said otherwise.
    ///
    /// - Returns: its id, which follows from its name.
    @discardableResult
    package mutating func add(
        _ slot: Int, of object: DesiredObject, incarnation: Int = 1, owner: String = "default",
        _ change: (inout ObservedContainer) -> Void = { _ in }
    ) -> String {
        let member = OwnershipMark.Member(slot: slot, incarnation: incarnation, recreateHash: object.recreateLabel)
        let name = "\(object.id.name)-\(slot)-\(incarnation)"
        let template = object.container.template
        var container = ObservedContainer(
            id: "id-" + name, name: name, mark: OwnershipMark(owner: owner, object: object.id, member: member),
            member: member, image: template.image, imageID: "sha256:" + template.image, status: .running,
            health: template.healthCheck == nil ? .none : .healthy, startedAt: "2024-01-01T00:00:00Z",
            live: LiveSettings(declared: template.resources))
        change(&container)
        container.mark.member = container.member
        record(container, id: container.id)
        return container.id
    }

    /// Adds the network of an object, as the planner would have it.
    package mutating func addNetwork(of id: ResourceID, owner: String = "default") {
        let name = DesiredObject.networkName(of: id)
        networks[name] = ObservedNetwork(
            id: "id-" + name, name: name, mark: OwnershipMark(owner: owner, object: id),
            bridge: RecreateHash.bridgeName(owner: owner, object: id), subnets: ["10.224.\(networks.count * 4).0/22"])
    }

    /// Changes the container of this name, which must be there.
    package mutating func change(_ name: String, _ change: (inout ObservedContainer) -> Void) {
        guard var container = containers.values.first(where: { $0.name == name }) else {
            preconditionFailure("no container '\(name)'")
        }
        change(&container)
        container.mark.member = container.member
        record(container, id: container.id)
    }

    /// Takes the container of this name away.
    package mutating func remove(_ name: String) {
        for container in containers.values where container.name == name { record(nil, id: container.id) }
    }
}
