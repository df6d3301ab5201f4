package import Specs

/// What was put into the kernel's sets, until when, and for which names.
package struct GrantLedger: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// What a grant opens.
    package struct Place: Hashable, Sendable {
        package var address: IPAddress
        package var ports: [PortRange]
    }

    private struct Grant: Sendable {
        var until: Instant
        /// Names that lead there, with the end of their own grants.
        var names: [DomainName: Instant]
    }

    /// So many names of one address are remembered. If one is forgotten, its address may be closed while it is still
    /// allowed, until the name is next asked for; never the other way round.
    private static let mostNames = 64

    private var bridges: [String: [Place: Grant]] = [:]

    package init() {}

    /// Whether a place is open until a time at least.
    package func isOpen(_ place: Place, for bridge: String, until: Instant) -> Bool {
        guard let grant = bridges[bridge]?[place] else { return false }
        return grant.until >= until
    }

    package func count(of bridge: String) -> Int { bridges[bridge]?.count ?? 0 }

    package var count: Int { bridges.values.reduce(0) { $0 + $1.count } }

    /// Whether so many more places fit in; forgets what has expired if they do not.
    package mutating func hasRoom(for places: [Place], of bridge: String, most: Int, at now: Instant) -> Bool {
        func isRoom(_ open: [Place: Grant]) -> Bool {
            open.count + places.count <= most || open.count + places.count(where: { open[$0] == nil }) <= most
        }
        guard let open = bridges[bridge], !isRoom(open) else { return places.count <= most }
        bridges[bridge] = open.filter { $0.value.until > now }
        return isRoom(bridges[bridge] ?? [:])
    }

    /// Writes down what the kernel has.
    package mutating func record(_ place: Place, for bridge: String, name: DomainName, until: Instant) {
        var grant = bridges[bridge, default: [:]][place] ?? Grant(until: until, names: [:])
        grant.until = max(grant.until, until)
        if grant.names.count >= Self.mostNames, grant.names[name] == nil,
            let oldest = grant.names.min(by: { $0.value < $1.value })
        {
            grant.names[oldest.key] = nil
        }
        grant.names[name] = max(grant.names[name] ?? until, until)
        bridges[bridge, default: [:]][place] = grant
    }

    /// Forgets places for which no name is left that the bridge may still reach there.
    ///
    /// - Returns: what has to leave the kernel's sets.
    package mutating func revoke(
        of bridge: String, at now: Instant, unless isAllowed: (DomainName, Place) -> Bool
    ) -> [AddressGrant] {
        var revoked: [AddressGrant] = []
        for (place, grant) in bridges[bridge] ?? [:] {
            let names = grant.names.filter { isAllowed($0.key, place) }
            if let until = names.values.max() {
                bridges[bridge]?[place] = Grant(until: min(grant.until, until), names: names)
            } else {
                bridges[bridge]?[place] = nil
                if grant.until > now { revoked.append(place.grant(to: bridge, for: grant.until - now)) }
            }
        }
        return revoked
    }

    /// Forgets a bridge, whose sets are gone or empty.
    package mutating func forget(_ bridge: String) { bridges[bridge] = nil }

    package mutating func purge(at now: Instant) {
        for (bridge, open) in bridges {
            let left = open.filter { $0.value.until > now }
            bridges[bridge] = left.isEmpty ? nil : left
        }
    }

    /// Everything that is open for a bridge: what a firewall puts into sets that it makes anew.
    package func grants(of bridge: String, at now: Instant) -> [AddressGrant] {
        (bridges[bridge] ?? [:]).compactMap { place, grant in
            grant.until > now ? place.grant(to: bridge, for: grant.until - now) : nil
        }
    }
}

extension GrantLedger.Place {
    func grant(to bridge: String, for lifetime: Duration) -> AddressGrant {
        AddressGrant(bridge: bridge, address: address, ports: ports, lifetime: lifetime)
    }
}
