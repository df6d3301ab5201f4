import Reconciler

/// One way to put a `FirewallIntent` into the kernel, and to see what of it is there.
///
/// Calls come one at a time.
protocol FirewallBackend: Sendable {
    var kind: FirewallFacts.Backend { get }
    var supportsNames: Bool { get }

    /// Puts rules in force in as few transactions as the backend has; whoever is interrupted leaves what was there.
    ///
    /// - Parameter known: what is in the kernel, where that is known for sure; nil asks for a new start.
    func apply(_ intent: FirewallIntent, over known: FirewallIntent?) async throws(DriverError)

    /// Compares the kernel with what the intent asks for.
    func compare(_ intent: FirewallIntent) async throws(DriverError) -> FirewallComparison

    /// Packets that were refused, by bridge and reason.
    func refusals(in table: String) async throws(DriverError) -> [PolicyRefusals]
}

/// What a look at the kernel found.
struct FirewallComparison: Hashable, Sendable {
    var inForce: [String: String] = [:]
    var others: [String] = []
    var isPresent = false
    var drift: String?
}
