import Crypto
package import Specs

/// What the kernel must do with the packets of one bridge: an `EffectivePolicy` in numbers.
///
/// Nothing in it depends on what is on the host, so that rules are in force before the bridge exists. Every address was
/// parsed, and no text of a user's gets any further than this.
package struct BridgePolicy: Sendable {
    /// Names that may be resolved, and the ports on which what they resolve to may be reached.
    package struct NameRule: Hashable, Sendable {
        package var patterns: [DNSPattern]
        /// Empty is every port.
        package var ports: [PortRange]
    }

    /// Members of other objects on this host that flows lead to, or come from.
    package struct MemberFlow: Hashable, Sendable {
        /// The bridges that they are on, sorted; never the policy's own.
        package var bridges: [String]
        /// Empty is every port but the guarded ones.
        package var ports: [PortRange]
    }

    /// One direction: what is let through, and what becomes of the rest.
    package struct Allowance: Hashable, Sendable {
        package var defaultAction: NetworkPolicy.Default
        /// Reached on some ports only.
        package var flows: [PortFlow]
        /// Reached on every port but the guarded ones.
        package var anyPort: AddressSet
        package var members: [MemberFlow]
    }

    package let object: ResourceID
    /// The name of the interface, which may not exist yet.
    package let bridge: String
    package let isIsolated: Bool
    package let egress: Allowance
    package let ingress: Allowance
    package let names: [NameRule]
    package let rateLimit: NetworkPolicy.RateLimit?
    /// The most lines per second; nil writes none.
    package let logPerSecond: Int?
    /// Equal for equal policies, whatever object they are of and wherever they are written.
    package let digest: String

    /// - Parameter members: the bridges of the objects that a selector selects.
    package init(
        _ policy: EffectivePolicy, bridge: String, members: (LabelSelector) -> [String] = { _ in [] }
    ) {
        object = policy.object
        self.bridge = bridge
        isIsolated = policy.isIsolated.value
        // Siblings are a matter of `isolate`.
        let others = { (selector: LabelSelector) in Set(members(selector)).subtracting([bridge]).sorted() }
        egress = Self.allowance(
            policy.rules.filter { $0.direction == .egress }, policy.egress.value,
            guarding: GuardedPorts.all(of: policy.egress.value), others)
        ingress = Self.allowance(
            policy.rules.filter { $0.direction == .ingress }, policy.ingress.value, guarding: [], others)
        names = Self.nameRules(policy.rules)
        rateLimit = policy.rateLimit?.value
        logPerSecond = policy.log?.value.perSecond
        var hash = SHA256()
        for part in Self.parts(bridge, isIsolated, egress, ingress, names, rateLimit, logPerSecond) {
            hash.update(data: Array("\(part)\n".utf8))
        }
        digest = hash.finalize().prefix(10).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    private static func allowance(
        _ rules: [EffectivePolicy.Rule], _ defaultAction: NetworkPolicy.Default, guarding guarded: [PortRange],
        _ members: (LabelSelector) -> [String]
    ) -> Allowance {
        let reached = rules.map { (addresses: $0.addresses, ports: $0.ports) }.filter { !$0.addresses.isEmpty }
        return Allowance(
            defaultAction: defaultAction,
            flows: PortFlow.disjoint(reached.filter { !$0.ports.isEmpty }, guarding: guarded),
            anyPort: AddressSet.union(of: reached.filter(\.ports.isEmpty).map(\.addresses)),
            members: rules.compactMap { memberFlow($0, guarding: guarded, members) })
    }

    private static func memberFlow(
        _ rule: EffectivePolicy.Rule, guarding guarded: [PortRange], _ members: (LabelSelector) -> [String]
    ) -> MemberFlow? {
        guard let bridges = rule.peer.selector.map(members), !bridges.isEmpty else { return nil }
        let ports = PortFlow.disjoint([(.everything, rule.ports)], guarding: guarded).map(\.ports)
        // What names only guarded ports, and none of them by itself, opens nothing.
        return ports.isEmpty != rule.ports.isEmpty ? nil : MemberFlow(bridges: bridges, ports: ports)
    }

    /// Rules for the same ports become one, so that they share one set of addresses.
    private static func nameRules(_ rules: [EffectivePolicy.Rule]) -> [NameRule] {
        let naming = rules.filter { $0.direction == .egress && !$0.peer.dns.isEmpty }
        return Dictionary(grouping: naming) { $0.ports.sorted() }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
            .map { ports, rules in
                NameRule(patterns: Set(rules.flatMap(\.peer.dns)).sorted(), ports: ports)
            }
    }

    private static func parts(
        _ bridge: String, _ isIsolated: Bool, _ egress: Allowance, _ ingress: Allowance, _ names: [NameRule],
        _ rateLimit: NetworkPolicy.RateLimit?, _ log: Int?
    ) -> [String] {
        var parts = [bridge, "isolate \(isIsolated)"]
        for allowance in [egress, ingress] {
            parts.append("default \(allowance.defaultAction.rawValue)")
            parts += allowance.flows.map { "\($0.ports) \($0.addresses.texts.joined(separator: ","))" }
            parts.append("any " + allowance.anyPort.texts.joined(separator: ","))
            parts += allowance.members.map { "members \($0.bridges) \($0.ports)" }
        }
        parts += names.map { "names \($0.patterns) \($0.ports)" }
        let (packets, connections) = (rateLimit?.packetsPerSecond, rateLimit?.connectionsPerSecond)
        parts.append("rate \(packets ?? 0) \(rateLimit?.bytesPerSecond?.bytes ?? 0) \(connections ?? 0)")
        parts.append("log \(log ?? 0)")
        return parts
    }
}

extension BridgePolicy {
    /// Whether flows between bridges are let through, which engines do not do by themselves.
    package var opensBridges: Bool { !egress.members.isEmpty || !ingress.members.isEmpty }
}

extension BridgePolicy.Allowance {
    /// Whether a rule names the members on a bridge, on this port.
    func names(_ bridge: String, _ port: UInt16, _ transport: PortRange.Transport, guarding: [PortRange]) -> Bool {
        members.contains { flow in
            guard flow.bridges.contains(bridge) else { return false }
            if flow.ports.isEmpty { return !guarding.contains { $0.contains(port, transport) } }
            return flow.ports.contains { $0.contains(port, transport) }
        }
    }
}

extension BridgePolicy: Hashable {
    package static func == (a: Self, b: Self) -> Bool { a.object == b.object && a.digest == b.digest }

    package func hash(into hasher: inout Hasher) { hasher.combine(digest) }
}

extension EffectivePolicy.Rule {
    /// The addresses of the rule's `cidr` that it really reaches: never those that are always blocked.
    package var addresses: AddressSet {
        guard let cidr = peer.cidr else { return .nothing }
        let written = AddressSet([cidr]).subtracting(AddressSet(peer.except))
        // Who connects is not restricted by where we may go.
        if direction == .ingress { return written }
        let reached = written.subtracting(BlockedAddresses.always)
        return peer.allowPrivate ? reached : reached.subtracting(BlockedAddresses.private)
    }
}

/// `BlockedRanges` as sets.
package enum BlockedAddresses {
    /// No rule opens them.
    package static let always = AddressSet(
        BlockedRanges.all.filter { !$0.class.yieldsToAllowPrivate }.map(\.range))
    /// A rule with `allowPrivate: true` opens them.
    package static let `private` = AddressSet(
        BlockedRanges.all.filter(\.class.yieldsToAllowPrivate).map(\.range))
}

extension BridgePolicy {
    /// What one policy says by itself, wherever it may be written.
    package init(
        saying policy: NetworkPolicy, object: ResourceID, bridge: String,
        members: (LabelSelector) -> [String] = { _ in [] }
    ) {
        let resource = Resource(
            id: ResourceID(.networkPolicy, object.name), spec: policy,
            origin: SourcePosition(file: "", line: 1, column: 1))
        self.init(EffectivePolicy(of: object, selecting: [resource]), bridge: bridge, members: members)
    }
}
