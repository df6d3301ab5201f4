/// What the kernel enforces of a `FirewallIntent`, by its own listing.
package struct FirewallFacts: Hashable, Sendable {
    package enum Backend: String, Hashable, Codable, Sendable { case nftables, iptables }

    package enum Support: Hashable, Sendable {
        /// Nobody has looked yet.
        case unknown
        case by(Backend)
        /// Why rules cannot be had on this host.
        case missing(String)
    }

    package var support: Support
    /// Whether names can be allowed: that needs sets that forget by themselves.
    package var supportsNames: Bool
    /// Digests of the policies whose rules are in force, by bridge.
    package var inForce: [String: String]
    /// Bridges with rules of ours that the intent does not name, sorted.
    package var others: [String]
    /// Something of ours is in the filter.
    package var isPresent: Bool
    /// What is not as it should be, for people; nil where nothing is known to be wrong.
    package var drift: String?
    /// Whether each member is bound to the addresses that are its own; false where the kernel cannot do that.
    package var bindsMembers = false
    /// Whether ports of this host can be led to members; means nothing where no object asks for it.
    package var leadsPorts = true
    /// Where the ports of this host lead, by the kernel's own listing; nil where what it has is not known, or not as we
    /// would have made it.
    package var traffic: TrafficMap? = TrafficMap()
    /// What was refused so far; empty where nobody counted.
    package var refusals: [PolicyRefusals] = []
    /// Counts up with each look of one driver: the higher one is the newer one.
    package var sequence: UInt64

    package init(
        support: Support = .unknown, supportsNames: Bool = true, inForce: [String: String] = [:],
        others: [String] = [], isPresent: Bool = false, drift: String? = nil, sequence: UInt64 = 0
    ) {
        self.support = support
        self.supportsNames = supportsNames
        self.inForce = inForce
        self.others = others
        self.isPresent = isPresent
        self.drift = drift
        self.sequence = sequence
    }

    package func isInForce(_ policy: BridgePolicy) -> Bool { inForce[policy.bridge] == policy.digest }
}

/// Packets that the rules of one bridge refused for one reason.
package struct PolicyRefusals: Hashable, Sendable {
    package var bridge: String
    /// `egress`, `host`, `spoof` and so on.
    package var reason: String
    package var packets: UInt64
    package var bytes: UInt64

    package init(bridge: String, reason: String, packets: UInt64, bytes: UInt64) {
        self.bridge = bridge
        self.reason = reason
        self.packets = packets
        self.bytes = bytes
    }
}
