import Logging
import Specs

/// How the loop comes to know what the packet filter enforces.
extension ControlLoop {
    /// The filter was changed behind our back, or put right: what is not in force is repaired before all else.
    mutating func firewallChanged(_ facts: FirewallFacts) {
        guard isRunning, !isStopping, informer.lastObservation != nil else { return }
        let wasKnown = nextAction(of: .firewall) != nil
        informer.record(.firewall(facts))
        guard let action = nextAction(of: .firewall), action.verdict == .go else { return }
        add(.firewall, .policyRepair)
        if wasKnown { return }
        logger.warning(
            "network rules are not in force",
            metadata: ["event": "firewall.drift", "message": "\(facts.drift ?? action.reason.description)"])
        note(event(.warning, .firewall, "PolicyDrifted", facts.drift ?? action.reason.description))
    }

    /// Has ports lead to whoever has become ready, and no more to whoever is not.
    mutating func tendTraffic() {
        guard isTrafficDirty, isRunning, !isStopping, informer.isCurrent, let desired else { return }
        isTrafficDirty = false
        guard desired.firewall.leadsPorts || informer.observed.firewall.traffic?.isEmpty != true,
            limiter.failures(of: .firewall) == 0, nextAction(of: .firewall)?.verdict == .go
        else { return }
        add(.firewall, .policyRepair)
    }

    /// Rules are in force: whoever waited for them is asked again, also where more of them are needed by now.
    mutating func wakeAfterFirewall() {
        for (waiter, lane) in (waiters.removeValue(forKey: .firewall) ?? [:]).sorted(by: { $0.key < $1.key }) {
            add(waiter, lane)
        }
    }

    /// Measures how long rules were not in force that had been before; once for each look at the filter.
    mutating func meterFirewall() {
        guard informer.observed.firewall.sequence != firewallMeter.sequence, let desired else { return }
        firewallMeter.take(informer.observed.firewall, desired.firewall, at: now.uptime)
    }
}

/// How long the rules of bridges were away, from the moment in which that was noticed until they were in force again.
package struct FirewallMeter: Hashable, Sendable {
    /// Of the newest facts that were taken in.
    private(set) package var sequence: UInt64 = 0
    private(set) package var timeOpen = DurationHistogram()
    private var seen: [String: String] = [:]
    private var openSince: [String: Duration] = [:]

    /// Bridges whose rules had been in force and are not.
    package var open: Int { openSince.count }

    mutating func take(_ facts: FirewallFacts, _ intent: FirewallIntent, at now: Duration) {
        sequence = facts.sequence
        for policy in intent.bridges {
            if facts.isInForce(policy) {
                seen[policy.bridge] = policy.digest
                if let since = openSince.removeValue(forKey: policy.bridge) { timeOpen.observe(now - since) }
            } else if seen[policy.bridge] == policy.digest, openSince[policy.bridge] == nil {
                openSince[policy.bridge] = now
            }
        }
        let declared = Set(intent.bridges.map(\.bridge))
        openSince = openSince.filter { declared.contains($0.key) }
        seen = seen.filter { declared.contains($0.key) }
    }
}
