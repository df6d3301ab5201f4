import Specs

/// What must be done to the packet filter, and who has to wait for it.
struct FirewallPlan {
    /// nil where everything is in force.
    let action: Action?
    private let intent: FirewallIntent
    private let facts: FirewallFacts

    init(_ desired: DesiredState, _ observed: ObservedState, _ gates: Gates) {
        intent = desired.firewall
        facts = observed.firewall
        action = Self.action(intent, facts, observed, desired, gates)
    }

    private static func action(
        _ intent: FirewallIntent, _ facts: FirewallFacts, _ observed: ObservedState, _ desired: DesiredState,
        _ gates: Gates
    ) -> Action? {
        guard case .by = facts.support else { return nil }
        // What runs on other hosts needs no rules here, though they do no harm.
        let open = intent.bridges.filter { policy in
            guard !facts.isInForce(policy), let object = desired.objects[policy.object] else { return false }
            return gates.shares[object.hostPool] == .everything || observed.hasContainers(of: policy.object)
        }
        // What git no longer says anything of keeps its rules until its network is gone.
        let kept = facts.others.filter { observed.networks.hasBridge($0, undeclaredIn: desired) }
        let isStale = kept.count < facts.others.count || (intent.isEmpty && kept.isEmpty && facts.isPresent)
        guard !open.isEmpty || isStale else { return nil }
        var action = Action(
            .firewall, facts.isPresent ? .update : .create, .policyNotInForce(of: open.map(\.object)), at: nil,
            class: .safe, steps: [.applyFirewall(intent.keeping(kept))])
        if let pause = gates.pauses.first(where: { $0.object == nil }) {
            let hold = Hold(.paused, "this host is paused by \(pause.by): \(pause.reason)", until: .resumed(nil))
            action.verdict = .held(hold)
        }
        return action
    }

    /// Nothing of a restricted object is made or started before its rules are in force.
    func isAwaited(by object: ResourceID) -> Bool {
        guard let policy = intent.policy(of: object) else { return false }
        return !facts.isInForce(policy)
    }

    /// Why an object cannot be had on this host at all.
    func hold(on object: ResourceID) -> Hold? {
        guard let policy = intent.policy(of: object) else { return nil }
        switch facts.support {
        case .by:
            guard !policy.names.isEmpty, !facts.supportsNames else { return nil }
            return Hold(.policyNotSupported, "names cannot be allowed by this host's packet filter")
        case .unknown: return Hold(.policyNotSupported, "nobody has looked at this host's packet filter yet")
        case .missing(let why): return Hold(.policyNotSupported, "network policies cannot be enforced here: \(why)")
        }
    }
}

extension ObservedNetworks {
    /// Whether the bridge is one of ours, of an object that is gone from git.
    fileprivate func hasBridge(_ bridge: String, undeclaredIn desired: DesiredState) -> Bool {
        values.contains { network in
            guard network.bridge == bridge, let mark = network.mark, mark.owner == desired.host.owner else {
                return false
            }
            return desired.objects[mark.object] == nil
        }
    }
}
