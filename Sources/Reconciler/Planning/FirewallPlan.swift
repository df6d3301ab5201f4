import Specs

/// What must be done to the packet filter, and who has to wait for it.
struct FirewallPlan {
    let context: PlanContext

    private var intent: FirewallIntent { context.desired.firewall }
    private var facts: FirewallFacts { context.observed.firewall }
    var traffic: TrafficPlan { TrafficPlan(context: context) }

    /// nil where everything is in force. Where ports are led to members, this decides about each of these.
    func action() -> Action? {
        guard case .by = facts.support else { return nil }
        let (desired, observed, gates) = (context.desired, context.observed, context.gates)
        // What runs on other hosts needs no rules here, though they do no harm.
        let open = intent.bridges.filter { policy in
            guard !facts.isInForce(policy), let object = desired.objects[policy.object] else { return false }
            return gates.shares[object.hostPool] == .everything || observed.hasContainers(of: policy.object)
        }
        // What git no longer says anything of keeps its rules until its network is gone.
        let kept = facts.others.filter { observed.networks.hasBridge($0, undeclaredIn: desired) }
        let isStale = kept.count < facts.others.count || (intent.isEmpty && kept.isEmpty && facts.isPresent)
        let map = traffic.wanted
        guard !open.isEmpty || isStale || map != nil else { return nil }
        let isOnlyTraffic = open.isEmpty && !isStale
        let reason: Reason =
            if let map, isOnlyTraffic { .portsLeadElsewhere(of: traffic.objects(changedBy: map)) } else {
                .policyNotInForce(of: open.map(\.object))
            }
        let isUpdate = isOnlyTraffic ? facts.traffic?.isEmpty == false : facts.isPresent
        var action = Action(
            .firewall, isUpdate ? .update : .create, reason, at: nil, class: .safe,
            steps: [.applyFirewall(intent.keeping(kept).leading(map ?? traffic.standing))])
        if let pause = gates.pauses.first(where: { $0.object == nil }) {
            let hold = Hold(.paused, "this host is paused by \(pause.by): \(pause.reason)", until: .resumed(nil))
            action.verdict = .held(hold)
        }
        return action
    }

    /// Nothing of a restricted object is made or started before its rules are in force.
    func isAwaited(by object: ResourceID) -> Bool {
        if traffic.leadsNowhere(of: object) { return true }
        guard let policy = intent.policy(of: object) else { return false }
        return !facts.isInForce(policy)
    }

    /// Why an object cannot be had on this host at all.
    func hold(on object: DesiredObject) -> Hold? {
        Hold([policyHold(on: object.id), traffic.hold(on: object)].compactMap(\.self))
    }

    private func policyHold(on object: ResourceID) -> Hold? {
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
