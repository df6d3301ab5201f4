import Reconciler
import Specs

/// The effective policy of one object, for programs; fields are only ever added.
struct PolicyDocument: Encodable {
    /// One thing that holds, where it is written, and whether the kernel does it.
    struct Line: Encodable, Hashable {
        var what: String
        /// `FILE:LINE:COLUMN`; nil for what always holds.
        var position: String?
        var enforcement: Enforcement
    }

    enum Enforcement: String, Encodable, Hashable {
        case enforced = "Enforced"
        case drifted = "Drifted"
        case notSupported = "NotSupported"
    }

    /// What belongs together: `egress`, `limits`, `syscalls`.
    struct Section: Encodable, Hashable {
        var name: String
        var lines: [Line]
    }

    var object: String
    var revision: String
    var bridge: String?
    var policies: [String]
    var message: String?
    var sections: [Section]
    /// Refused packets by reason.
    var refused: [String: UInt64]

    init(_ object: ResourceID, _ policy: EffectivePolicy?, in desired: DesiredState, _ facts: FirewallFacts) {
        self.object = object.description
        revision = desired.revision.description
        policies = policy?.policies.map(\.description) ?? []
        bridge = desired.firewall.policy(of: object)?.bridge
        refused = [:]
        for refusal in facts.refusals where refusal.bridge == bridge && refusal.packets > 0 {
            refused[refusal.reason] = refusal.packets
        }
        let enforcement = Self.enforcement(of: object, desired, facts)
        message = policy == nil ? "no NetworkPolicy selects it" : Self.message(facts, enforcement)
        sections = policy.map { Self.sections($0, enforcement, names: facts.supportsNames) } ?? []
    }

    private static func enforcement(
        of object: ResourceID, _ desired: DesiredState, _ facts: FirewallFacts
    ) -> Enforcement {
        guard case .by = facts.support, let policy = desired.firewall.policy(of: object) else { return .notSupported }
        return facts.isInForce(policy) ? .enforced : .drifted
    }

    private static func message(_ facts: FirewallFacts, _ enforcement: Enforcement) -> String {
        switch (facts.support, enforcement) {
        case (.by(let backend), .enforced): "in force, by \(backend.rawValue)"
        case (.by, _): "NOT in force: \(facts.drift ?? "the rules are of another revision")"
        case (.missing(let why), _): "NOT in force: \(why)"
        case (.unknown, _): "nobody has looked at the packet filter"
        }
    }

    private static func sections(
        _ policy: EffectivePolicy, _ enforcement: Enforcement, names: Bool
    ) -> [Section] {
        func line(_ what: String, _ position: SourcePosition? = nil) -> Line {
            Line(what: what, position: position?.description, enforcement: enforcement)
        }
        func rules(_ direction: EffectivePolicy.Direction) -> [Line] {
            policy.rules.filter { $0.direction == direction }.map { rule in
                line("allow \(rule.peer.words) \(rule.portWords)", rule.position)
            }
        }
        let egress = policy.egress
        var out = [line("default \(egress.value.rawValue)", egress.position)] + rules(.egress)
        out.append(line("block metadata, link-local and what is no host"))
        out.append(line("block private ranges that no rule with allowPrivate names"))
        let guarded = GuardedPorts.all(of: egress.value).map(\.description).joined(separator: ", ")
        out.append(line("block \(guarded) but to a rule that names the port itself"))
        let ingress = policy.ingress
        let isolated = policy.isIsolated
        var sections = [
            Section(name: "egress", lines: out),
            Section(
                name: "ingress", lines: [line("default \(ingress.value.rawValue)", ingress.position)] + rules(.ingress)),
            Section(
                name: "isolation",
                lines: [
                    line("siblings and host \(isolated.value ? "blocked" : "reachable")", isolated.position),
                    line("block sources that are not its own"),
                ]),
        ]
        if let limit = policy.rateLimit {
            sections.append(Section(name: "rate", lines: limit.value.words.map { line($0, limit.position) }))
        }
        if let log = policy.log {
            sections.append(
                Section(name: "log", lines: [line("\(log.value.perSecond) refused packets per second", log.position)]))
        }
        return sections
    }
}

extension NetworkPolicy.Peer {
    /// `10.20.0.0/16 but 10.20.9.0/24 (private)`, `pypi.org, *.example.com`.
    var words: String {
        if !dns.isEmpty { return dns.map(\.description).joined(separator: ", ") }
        guard let cidr else { return "members of other objects" }
        let holes = except.isEmpty ? "" : " but " + except.map(\.description).joined(separator: ", ")
        return "\(cidr)\(holes)\(allowPrivate ? " (private)" : "")"
    }
}

extension EffectivePolicy.Rule {
    /// `443/tcp, 53/udp`, `every port`.
    var portWords: String { ports.isEmpty ? "every port" : ports.map(\.description).joined(separator: ", ") }
}

extension NetworkPolicy.RateLimit {
    fileprivate var words: [String] {
        [
            packetsPerSecond.map { "\($0) packets per second and member" },
            bytesPerSecond.map { "\($0.rounded) per second and member" },
            connectionsPerSecond.map { "\($0) new connections per second and member" },
        ].compactMap(\.self)
    }
}
