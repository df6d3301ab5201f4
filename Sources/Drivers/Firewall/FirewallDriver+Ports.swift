import Reconciler
import Specs

/// Ports of this host that lead to members.
extension FirewallDriver {
    /// Takes in where ports lead. Hosts on which none does are asked once.
    func lookAtPorts(_ facts: inout FirewallFacts, _ intent: FirewallIntent) async {
        guard backend?.kind == .nftables else {
            facts.leadsPorts = false
            return
        }
        if intent.leadsPorts { facts.leadsPorts = await ledPorts.isSupported() }
        facts.traffic = await ledPorts.inForce(table: intent.table)
        if facts.traffic?.isEmpty == false { hasLedPorts = true }
        if facts.traffic == nil { facts.drift = facts.drift ?? "ports do not lead where they should" }
    }

    /// Returns when no connection that a port was led to this member by goes on, at the latest after
    /// `TrafficMap.grace`. Where nobody can say whether one does, it returns at once.
    func letConnectionsEnd(to member: IPAddress) async {
        let end = ContinuousClock.now + TrafficMap.grace
        let clock = ContinuousClock()
        while clock.now < end {
            var open: Int?
            let cost = clock.measure { open = try? connections?.open(answeredBy: member) }
            guard let open, open > 0 else { return }
            // Where there are many connections, to list them is no small thing.
            do { try await Task.sleep(for: max(.milliseconds(5), cost * 4)) } catch { return }
        }
    }

    func lead(_ intent: FirewallIntent) async throws(DriverError) {
        guard backend?.kind == .nftables else { return }
        if !intent.traffic.isEmpty { hasLedPorts = true }
        try await ledPorts.apply(intent.traffic, table: intent.table)
    }
}
