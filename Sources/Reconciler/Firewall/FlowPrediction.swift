package import Specs

/// What becomes of the first packet of a flow, and why, as the rules have it.
package struct FlowPrediction: Hashable, Sendable {
    package enum Reason: String, Hashable, Codable, Sendable {
        /// A rule names the address and the port.
        case allowed
        /// Nothing says otherwise.
        case open
        /// The default of the direction.
        case notAllowed
        /// One of the ranges that nothing opens.
        case alwaysBlocked
        /// A private range, and no rule with `allowPrivate`.
        case privateRange
        /// A port that only a rule for exactly that port opens.
        case guardedPort
        case host, sibling
        /// A member of another object, which the engine keeps apart unless a rule with a `selector` names it.
        case otherObject
        /// What the other object's own policy says of whom it may be reached by.
        case ingress
        /// No policy selects the object.
        case notRestricted
    }

    package var isAllowed: Bool
    package var reason: Reason

    package init(_ isAllowed: Bool, _ reason: Reason) {
        self.isAllowed = isAllowed
        self.reason = reason
    }
}

/// The other end of a flow that a member begins.
package struct FlowTarget: Hashable, Sendable {
    /// Where an address is, as far as this host is concerned.
    package enum Place: Hashable, Sendable {
        case elsewhere, host, sibling
        /// Behind another bridge of ours.
        case member(bridge: String)
    }

    package var address: IPAddress
    package var port: UInt16
    package var transport: PortRange.Transport
    package var place: Place

    package init(_ address: IPAddress, port: UInt16, _ transport: PortRange.Transport, place: Place = .elsewhere) {
        self.address = address
        self.port = port
        self.transport = transport
        self.place = place
    }
}

extension BridgePolicy {
    /// In the order in which the kernel asks. What a name resolves to is known only when it has been resolved.
    package func prediction(for target: FlowTarget) -> FlowPrediction {
        switch target.place {
        case .host:
            let isFilter = !names.isEmpty && target.port == 53
            return FlowPrediction(!isIsolated || isFilter, isFilter ? .allowed : .host)
        case .sibling: return FlowPrediction(!isIsolated, .sibling)
        case .member(let bridge):
            if egress.names(bridge, target.port, target.transport, guarding: GuardedPorts.all(of: egress.defaultAction))
            {
                return FlowPrediction(true, .allowed)
            }
        case .elsewhere: break
        }
        if BlockedAddresses.always.contains(target.address) { return FlowPrediction(false, .alwaysBlocked) }
        let isNamed = egress.flows.contains {
            $0.ports.contains(target.port, target.transport) && $0.addresses.contains(target.address)
        }
        if isNamed { return FlowPrediction(true, .allowed) }
        let guarded = GuardedPorts.all(of: egress.defaultAction)
        if guarded.contains(where: { $0.contains(target.port, target.transport) }) {
            return FlowPrediction(false, .guardedPort)
        }
        if egress.anyPort.contains(target.address) { return FlowPrediction(true, .allowed) }
        if BlockedAddresses.private.contains(target.address) { return FlowPrediction(false, .privateRange) }
        return egress.defaultAction == .allow ? FlowPrediction(true, .open) : FlowPrediction(false, .notAllowed)
    }
}

extension FirewallIntent {
    /// What becomes of a flow that a member of an object begins: both ends have their say.
    package func prediction(from object: ResourceID, for target: FlowTarget) -> FlowPrediction {
        let policy = policy(of: object)
        let leaving = policy?.prediction(for: target) ?? FlowPrediction(true, .notRestricted)
        guard leaving.isAllowed, case .member(let bridge) = target.place else { return leaving }
        let entering = bridges.first { $0.bridge == bridge }?.ingress
        let own = RecreateHash.bridgeName(owner: owner, object: object)
        let isNamed = entering?.names(own, target.port, target.transport, guarding: []) ?? false
        if entering?.defaultAction == .deny && !isNamed { return FlowPrediction(false, .ingress) }
        if isNamed || (policy != nil && leaving.reason == .allowed) { return FlowPrediction(true, .allowed) }
        return FlowPrediction(false, .otherObject)
    }
}
