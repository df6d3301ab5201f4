import Specs

/// Which subnet the network of each object gets that has none yet.
///
/// Handed out to all of them in the order of their identities, so that no two plan the same one, and whichever network
/// is made first, the others keep what they were given.
struct NewSubnets {
    private let subnets: [ResourceID: IPv4Subnet]

    /// - Parameter gates: an object that is held, or for other hosts, gets no network and thus no subnet.
    init(desired: DesiredState, observed: ObservedState, gates: Gates) {
        let new = desired.objects.values.filter {
            observed.networks[$0.container.network] == nil && gates.shares[$0.hostPool] == .everything
        }
        var subnets: [ResourceID: IPv4Subnet] = [:]
        var taken = observed.networks.values.flatMap(\.subnets).compactMap { IPv4Subnet($0) }
        for id in new.map(\.id).sorted() {
            let bridge = RecreateHash.bridgeName(owner: desired.host.owner, object: id)
            let place = UInt64(bridge.dropFirst(3), radix: 16) ?? 0
            guard let subnet = desired.host.networkRange.freeSubnet(preferring: place, taken: taken) else { break }
            subnets[id] = subnet
            taken.append(subnet)
        }
        self.subnets = subnets
    }

    /// nil when the object has a network, or when the range is used up.
    subscript(_ id: ResourceID) -> IPv4Subnet? { subnets[id] }
}
