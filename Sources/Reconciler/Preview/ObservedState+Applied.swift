package import Specs

extension ObservedState {
    /// A host on which a revision is in force and everything is as it says: what a newer one is compared with where there is
    /// no host to look at.
    ///
    /// - Parameter isForEveryPool: whatever is declared is there; otherwise only what its HostPool gives to the host.
    package init(applied desired: DesiredState, isForEveryPool: Bool, at now: Instant) {
        self.init()
        firewall = FirewallFacts(
            support: .by(.nftables),
            inForce: Dictionary(desired.firewall.bridges.map { ($0.bridge, $0.digest) }) { first, _ in first },
            isPresent: !desired.firewall.isEmpty)
        for image in desired.images { images[image] = ObservedImage(id: "sha256:" + image) }
        var input = PreviewInput(desired, on: self, at: now)
        input.isForEveryPool = isForEveryPool
        let planned = input.planned(desired)
        let context = PlanContext(planned.desired, self, planned.gates, Now(wall: now))
        for object in planned.desired.objects.values.sorted(by: { $0.id < $1.id }) {
            let view = context.view(object.id)
            guard view.hold == nil else { continue }
            apply(object, subnet: context.subnets[object.id], owner: desired.host.owner)
            let slots = view.roster?.newSlots ?? Array(0..<min(object.slots, object.slotsWithinCapacity))
            for slot in slots { apply(slot, of: object, owner: desired.host.owner) }
        }
    }

    private mutating func apply(_ object: DesiredObject, subnet: IPv4Subnet?, owner: String) {
        let mark = OwnershipMark(owner: owner, object: object.id)
        let name = object.container.network
        networks[name] = ObservedNetwork(
            id: name, name: name, mark: mark, bridge: RecreateHash.bridgeName(owner: owner, object: object.id),
            subnets: [subnet?.description].compactMap(\.self))
        for mount in object.container.template.mounts {
            guard case .volume(let name) = mount.source else { continue }
            volumes[name] = ObservedVolume(name: name, mark: mark)
        }
    }

    /// A member right after it became ready.
    private mutating func apply(_ slot: Int, of object: DesiredObject, owner: String) {
        let member = OwnershipMark.Member(slot: slot, incarnation: 1, recreateHash: object.recreateLabel)
        let name = ObjectView.name(of: object.id, slot: slot, incarnation: 1)
        let template = object.container.template
        let isFrozen = object.pool?.idle.mode == .pause
        record(
            ObservedContainer(
                id: name, name: name, mark: OwnershipMark(owner: owner, object: object.id, member: member),
                member: member, image: template.image, imageID: "sha256:" + template.image,
                status: isFrozen ? .paused : .running, health: template.healthCheck == nil ? .none : .healthy,
                live: LiveSettings(applied: template.resources)),
            id: name)
    }
}

extension LiveSettings {
    /// What is observed of a container that was made with these.
    fileprivate init(applied resources: Resources) {
        self.init(
            nanoCPUs: resources.cpus?.nanoCPUs, memory: resources.memory?.bytes,
            memorySwap: resources.effectiveMemorySwap, pids: resources.pids,
            memoryReservation: resources.memoryReservation?.bytes, cpuShares: resources.effectiveCPUShares,
            cpuset: resources.cpuset, blockIOWeight: resources.blockIO?.weight)
    }
}
