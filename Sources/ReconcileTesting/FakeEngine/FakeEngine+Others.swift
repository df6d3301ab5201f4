import Reconciler

extension FakeEngine {
    mutating func pull(_ reference: String) throws(DriverError) -> StepResult {
        let place = "POST /images/create"
        guard let image = registry[reference] else {
            throw DriverError(.terminal, .imageNotFound, "manifest for '\(reference)' not found", at: place)
        }
        if images[reference] != image {
            try requireSpace(place)
            images[reference] = image
            note(.image(reference: reference))
        }
        return .image(reference: reference, image)
    }

    mutating func createNetwork(_ intent: NetworkIntent) throws(DriverError) -> StepResult {
        let place = "POST /networks/create"
        if let other = networks[intent.name] {
            guard other.mark == intent.mark else {
                let message = "the name '\(intent.name)' is taken by network '\(other.id)'"
                throw DriverError(.conflict, .nameConflict, message, at: place)
            }
            return .network(name: intent.name, other.observed(by: intent.mark.owner))
        }
        guard let subnet = IPv4Subnet(intent.subnet) else {
            throw DriverError(.terminal, .badRequest, "invalid subnet '\(intent.subnet)'", at: place)
        }
        for other in networks.values.sorted(by: { $0.name < $1.name }) {
            if other.bridge == intent.bridge {
                let message = "conflicts with network '\(other.id)': networks have same bridge name"
                throw DriverError(.conflict, .conflict, message, at: place)
            }
            if other.subnets.compactMap({ IPv4Subnet($0) }).contains(where: subnet.overlaps) {
                throw DriverError(.conflict, .conflict, "pool overlaps with other one on this address space", at: place)
            }
        }
        let network = FakeNetwork(
            id: nextID(), name: intent.name, labels: intent.mark.labels, bridge: intent.bridge, subnets: [intent.subnet]
        )
        networks[intent.name] = network
        note(.network(name: intent.name))
        return .network(name: intent.name, network.observed(by: intent.mark.owner))
    }

    mutating func removeNetwork(name: String, id: String, owner: String) throws(DriverError) -> StepResult {
        let place = "DELETE /networks/\(id)"
        guard let network = networks.values.first(where: { $0.id == id }) else { return .network(name: name, nil) }
        guard network.mark?.owner == owner else {
            throw DriverError(.conflict, .conflict, "network '\(name)' carries no mark of owner '\(owner)'", at: place)
        }
        if containers.values.contains(where: { $0.isActive && $0.network == network.name }) {
            throw DriverError(.conflict, .conflict, "network '\(name)' has active endpoints", at: place)
        }
        networks[network.name] = nil
        note(.network(name: network.name))
        return .network(name: name, nil)
    }

    mutating func createVolume(name: String, mark: OwnershipMark) -> StepResult {
        if volumes[name] == nil {
            volumes[name] = mark.labels
            note(.volume(name: name))
        }
        return .volume(observedVolume(name, owner: mark.owner))
    }

    func observedVolume(_ name: String, owner: String) -> ObservedVolume {
        let mark = OwnershipMark(labels: volumes[name] ?? [:])
        return ObservedVolume(name: name, mark: mark?.owner == owner ? mark : nil)
    }
}
