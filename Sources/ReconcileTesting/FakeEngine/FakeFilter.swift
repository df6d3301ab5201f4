package import Reconciler

/// A packet filter in memory: it keeps the digest of each bridge's policy, and nothing of what it says; of ports
/// it knows where they lead.
package struct FakeFilter: Hashable, Sendable {
    package var support = FirewallFacts.Support.by(.nftables)
    /// Digests by bridge.
    package var rules: [String: String] = [:]
    package var traffic = TrafficMap()
    private(set) var sequence: UInt64 = 0

    package init() {}

    /// Somebody flushed everything.
    package mutating func flush() {
        rules = [:]
        traffic = TrafficMap()
        sequence += 1
    }

    mutating func apply(_ intent: FirewallIntent) {
        let kept = rules.filter { intent.kept.contains($0.key) }
        rules = Dictionary(intent.bridges.map { ($0.bridge, $0.digest) }) { first, _ in first }
        rules.merge(kept) { new, _ in new }
        traffic = intent.traffic
        sequence += 1
    }

    /// What a look at it shows, compared with what is asked about.
    package func facts(for intent: FirewallIntent?) -> FirewallFacts {
        let asked = Dictionary(intent?.bridges.map { ($0.bridge, $0.digest) } ?? []) { first, _ in first }
        var facts = FirewallFacts(
            support: support, inForce: rules.filter { asked[$0.key] == $0.value },
            others: rules.keys.filter { asked[$0] == nil }.sorted(), isPresent: !rules.isEmpty, sequence: sequence)
        facts.traffic = traffic
        facts.leadsPorts = support == .by(.nftables)
        return facts
    }
}

extension FakeEngine {
    mutating func apply(_ intent: FirewallIntent) -> StepResult {
        filter.apply(intent)
        return .firewall(filter.facts(for: intent))
    }
}
