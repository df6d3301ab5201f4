package import Specs

/// Ports that a rule opens only by naming them: a rule for all ports, or for a range around them, does not.
///
/// Mail is how most abuse of a host is noticed by others, and a resolver elsewhere would lead around the DNS filter.
package enum GuardedPorts {
    package static let smtp = [PortRange(25...25, .tcp)]

    /// DNS, and DNS over TLS and over QUIC.
    package static let names = [
        PortRange(53...53, .tcp), PortRange(53...53, .udp), PortRange(853...853, .tcp), PortRange(853...853, .udp),
    ]

    /// Where names are closed as well: where nothing but what is allowed gets out.
    package static func all(of defaultAction: NetworkPolicy.Default) -> [PortRange] {
        defaultAction == .deny ? smtp + names : smtp
    }
}

/// Addresses that may be reached on some ports; of several flows, no two have a port in common.
package struct PortFlow: Hashable, Sendable {
    package var ports: PortRange
    package var addresses: AddressSet
}

extension PortFlow {
    /// Cuts rules into flows that share no port, so that no element of a set overlaps another.
    ///
    /// - Parameter guarded: single ports that only a rule for exactly that port opens.
    package static func disjoint(
        _ rules: [(addresses: AddressSet, ports: [PortRange])], guarding guarded: [PortRange]
    ) -> [PortFlow] {
        PortRange.Transport.allCases.flatMap { transport in
            disjoint(
                rules.flatMap { rule in rule.ports.filter { $0.transport == transport }.map { (rule.addresses, $0) } },
                transport, guarded.filter { $0.transport == transport }.map(\.ports.lowerBound))
        }
    }

    private static func disjoint(
        _ rules: [(addresses: AddressSet, range: PortRange)], _ transport: PortRange.Transport, _ guarded: [UInt16]
    ) -> [PortFlow] {
        var starts = Set(rules.map { UInt32($0.range.ports.lowerBound) })
        starts.formUnion(rules.map { UInt32($0.range.ports.upperBound) + 1 })
        for port in guarded { starts.formUnion([UInt32(port), UInt32(port) + 1]) }
        let edges = starts.sorted()
        var flows: [PortFlow] = []
        for (low, next) in zip(edges, edges.dropFirst()) {
            guard let first = UInt16(exactly: low), let last = UInt16(exactly: next - 1) else { continue }
            let isGuarded = first == last && guarded.contains(first)
            let opening = rules.filter { rule in
                isGuarded ? rule.range.ports == first...last : rule.range.ports.contains(first)
            }
            guard !opening.isEmpty else { continue }
            let addresses = opening.count == 1 ? opening[0].addresses : AddressSet.union(of: opening.map(\.addresses))
            if let before = flows.last, before.ports.ports.upperBound == first - 1, before.addresses == addresses {
                flows[flows.count - 1].ports = PortRange(before.ports.ports.lowerBound...last, transport)
            } else if !addresses.isEmpty {
                flows.append(PortFlow(ports: PortRange(first...last, transport), addresses: addresses))
            }
        }
        return flows
    }
}
