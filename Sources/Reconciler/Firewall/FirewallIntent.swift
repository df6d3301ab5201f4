import Crypto
package import Specs

/// Everything that the packet filter of this host must do for us: the policies of all bridges.
///
/// A pure function of what git says. A bridge without a policy is not in it, and none of our business.
package struct FirewallIntent: Hashable, Sendable {
    /// The name of our table or the prefix of our chains: a word that no user chose.
    package let table: String
    let owner: String
    /// In the order of their names.
    package let bridges: [BridgePolicy]
    /// Bridges of ours that git says nothing of any more, and that still have members: their rules stay as they are.
    package private(set) var kept: [String] = []
    /// Some object has ports that rules of ours are to lead to its members.
    package var leadsPorts = false
    /// Where they are to lead. No word of git's, but of what is here and ready, so nobody but a plan fills it in.
    package private(set) var traffic = TrafficMap()
    private let byObject: [ResourceID: Int]

    package init(owner: String, _ bridges: [BridgePolicy] = []) {
        self.owner = owner
        table = Self.tableName(owner: owner)
        let sorted = bridges.sorted { $0.bridge < $1.bridge }
        self.bridges = sorted
        byObject = Dictionary(sorted.indices.map { (sorted[$0].object, $0) }) { first, _ in first }
    }

    /// What selects one of the objects, each on the bridge that is its own.
    init(owner: String, objects: some Sequence<DesiredObject>, policies: [Resource<NetworkPolicy>]) {
        defer { leadsPorts = objects.contains { !$0.ledPorts.isEmpty } }
        guard !policies.isEmpty else {
            self.init(owner: owner)
            return
        }
        let bridge = { RecreateHash.bridgeName(owner: owner, object: $0) }
        var selected: [LabelSelector: [String]] = [:]
        self.init(
            owner: owner,
            objects.compactMap { object in
                EffectivePolicy(of: object.id, labels: object.labels, policies).map { policy in
                    BridgePolicy(policy, bridge: bridge(object.id)) { selector in
                        let known =
                            selected[selector]
                            ?? objects.filter { selector.selects($0.labels) }.map { bridge($0.id) }
                        selected[selector] = known
                        return known
                    }
                }
            })
    }

    /// No bridge has rules; ports may lead somewhere all the same.
    package var isEmpty: Bool { bridges.isEmpty && kept.isEmpty }

    /// Nothing is asked of the packet filter, neither rules of bridges nor ports.
    package var asksForNothing: Bool { isEmpty && !leadsPorts && traffic.isEmpty }

    /// Whether flows between bridges are let through, which engines do not do by themselves.
    package var opensBridges: Bool { bridges.contains(where: \.opensBridges) }

    package func keeping(_ bridges: [String]) -> FirewallIntent {
        var copy = self
        copy.kept = bridges.sorted()
        return copy
    }

    package func leading(_ traffic: TrafficMap) -> FirewallIntent {
        var copy = self
        copy.traffic = traffic
        return copy
    }

    /// nil where no policy selects the object.
    package func policy(of object: ResourceID) -> BridgePolicy? { byObject[object].map { bridges[$0] } }

    /// Owners share a host, and each has a table of its own.
    package static func tableName(owner: String) -> String {
        if owner == "default" { return "reconcile" }
        let digest = SHA256.hash(data: Array(owner.utf8)).prefix(4)
        return "reconcile_" + digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
