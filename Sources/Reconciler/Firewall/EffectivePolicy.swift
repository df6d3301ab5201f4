package import Specs

/// What all NetworkPolicies that select an object say together, each rule with the place where it is written.
///
/// Allow rules unite; of what can have one value only, the first policy that says it counts, and validation has made
/// sure that the others say the same.
package struct EffectivePolicy: Sendable {
    package enum Direction: String, CaseIterable, Hashable, Sendable { case egress, ingress }

    /// One allow rule.
    package struct Rule: Sendable {
        package var policy: ResourceID
        package var position: SourcePosition
        package var direction: Direction
        package var peer: NetworkPolicy.Peer
        /// Empty is every port.
        package var ports: [PortRange]
    }

    /// A value that is not a list, and who says it; nobody where it was left out everywhere.
    package struct Word<Value: Sendable>: Sendable {
        package var value: Value
        package var policy: ResourceID?
        package var position: SourcePosition?
    }

    package let object: ResourceID
    /// The policies that select the object, in the order of their identities.
    package let policies: [ResourceID]
    package let isIsolated: Word<Bool>
    /// What becomes of flows that no rule lets through.
    package let egress: Word<NetworkPolicy.Default>
    package let ingress: Word<NetworkPolicy.Default>
    package let rules: [Rule]
    package let rateLimit: Word<NetworkPolicy.RateLimit>?
    package let log: Word<NetworkPolicy.Log>?

    /// nil where no policy selects the object: it is not restricted.
    package init?(of object: ResourceID, labels: [String: String], _ all: [Resource<NetworkPolicy>]) {
        let selecting = all.filter { $0.spec.selector.selects(labels) }.sorted { $0.id < $1.id }
        guard !selecting.isEmpty else { return nil }
        self.init(of: object, selecting: selecting)
    }

    /// - Parameter selecting: at least one, in the order of their identities.
    init(of object: ResourceID, selecting: [Resource<NetworkPolicy>]) {
        self.object = object
        policies = selecting.map(\.id)
        isIsolated = Self.word("isolate", selecting) { $0.isolate } ?? Word(value: true)
        // What says nothing of a direction leaves it open; what says anything of it closes it.
        egress =
            Self.word("egress.default", selecting) { $0.egress?.defaultAction }
            ?? Self.word("egress", selecting) { $0.egress.map { _ in .deny } } ?? Word(value: .allow)
        ingress =
            Self.word("ingress.default", selecting) { $0.ingress?.defaultAction }
            ?? Self.word("ingress", selecting) { $0.ingress.map { _ in .deny } } ?? Word(value: .allow)
        rules = selecting.flatMap { policy in
            Self.rules(.egress, "to", policy.spec.egress, of: policy)
                + Self.rules(.ingress, "from", policy.spec.ingress, of: policy)
        }
        rateLimit = Self.word("rateLimit", selecting) { $0.rateLimit }
        log = Self.word("log", selecting) { $0.log }
    }

    private static func word<Value: Sendable>(
        _ field: String, _ policies: [Resource<NetworkPolicy>], _ value: (NetworkPolicy) -> Value?
    ) -> Word<Value>? {
        for policy in policies {
            guard let value = value(policy.spec) else { continue }
            return Word(value: value, policy: policy.id, position: policy.position(of: "spec.\(field)"))
        }
        return nil
    }

    private static func rules(
        _ direction: Direction, _ peer: String, _ rules: NetworkPolicy.Rules?, of policy: Resource<NetworkPolicy>
    ) -> [Rule] {
        (rules?.allow ?? []).enumerated().map { index, rule in
            Rule(
                policy: policy.id, position: policy.position(of: "spec.\(direction.rawValue).allow.\(index).\(peer)"),
                direction: direction, peer: rule.peer, ports: rule.ports)
        }
    }
}

extension EffectivePolicy.Word where Value: Sendable {
    fileprivate init(value: Value) { self.init(value: value, policy: nil, position: nil) }
}
