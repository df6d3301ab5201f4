import Reconciler
import Specs

/// The effective policy of one object, for programs; fields are only ever added.
struct PolicyDocument: Encodable {
    /// One thing that holds, where it is written, and whether the kernel does it.
    struct Line: Encodable, Hashable {
        var what: String
        /// `FILE:LINE:COLUMN`; nil for what is written nowhere.
        var position: String?
        /// The object that it stands in where it is another one, or what says it where nothing is written.
        var source: String?
        /// nil where nothing is there to be enforced, or nothing runs that could show it.
        var enforcement: ControlState?
        /// What was seen.
        var detail: String?
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
    /// The containers that the states are of.
    var containers: [String]
    var message: String?
    var sections: [Section]
    /// Refused packets by reason.
    var refused: [String: UInt64]
    /// Every call; nil where the engine's own profile holds.
    var systemCalls: SystemCallsDocument?

    /// - Parameters:
    ///   - policy: of the object; nil where none selects it.
    ///   - containers: of the object, as they were seen.
    init(
        _ object: DesiredObject, _ policy: EffectivePolicy?, in desired: DesiredState, _ observed: ObservedState,
        _ containers: [ObservedContainer]
    ) {
        let (id, facts) = (object.id, observed.firewall)
        self.object = id.description
        self.containers = containers.map(\.name)
        revision = desired.revision.description
        policies = policy?.policies.map(\.description) ?? []
        bridge = desired.firewall.policy(of: id)?.bridge
        refused = [:]
        for refusal in facts.refusals where refusal.bridge == bridge && refusal.packets > 0 {
            refused[refusal.reason] = refusal.packets
        }
        let enforcement = Self.enforcement(of: id, desired, facts)
        message = policy == nil ? "no NetworkPolicy selects it" : "network rules " + Self.message(facts, enforcement)
        let confinement = Self.confinement(of: object, in: containers)
        sections = [Self.limits(of: object, in: containers, on: observed.engine), confinement]
        sections += Self.systemCalls(of: object, confinement.lines.first).map { [$0] } ?? []
        sections += policy.map { Self.sections($0, enforcement, facts) } ?? []
        systemCalls = Self.calls(of: object)
    }

    private static func enforcement(
        of object: ResourceID, _ desired: DesiredState, _ facts: FirewallFacts
    ) -> ControlState {
        guard case .by = facts.support, let policy = desired.firewall.policy(of: object) else { return .notSupported }
        return facts.isInForce(policy) ? .enforced : .drifted
    }

    private static func message(_ facts: FirewallFacts, _ enforcement: ControlState) -> String {
        switch (facts.support, enforcement) {
        case (.by(let backend), .enforced): "in force, by \(backend.rawValue)"
        case (.by, _): "NOT in force: \(facts.drift ?? "the rules are of another revision")"
        case (.missing(let why), _): "NOT in force: \(why)"
        case (.unknown, _): "nobody has looked at the packet filter"
        }
    }

    private static func sections(
        _ policy: EffectivePolicy, _ enforcement: ControlState, _ facts: FirewallFacts
    ) -> [Section] {
        func line(_ what: String, _ position: SourcePosition? = nil) -> Line {
            Line(
                what: what, position: position?.description, source: position == nil ? "always" : nil,
                enforcement: enforcement)
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
                    line("block sources that are not behind the bridge"),
                    Line(
                        what: "block addresses of its siblings", source: "always",
                        enforcement: facts.bindsMembers ? enforcement : .notSupported,
                        detail: facts.bindsMembers ? nil : "dropping NET_RAW keeps programs from choosing one"),
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
