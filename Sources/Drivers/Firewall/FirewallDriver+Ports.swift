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

    func lead(_ intent: FirewallIntent) async throws(DriverError) {
        guard backend?.kind == .nftables else { return }
        if !intent.traffic.isEmpty { hasLedPorts = true }
        try await ledPorts.apply(intent.traffic, table: intent.table)
    }
}
