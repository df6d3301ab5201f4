package import Specs

/// What an observation must cover beyond what carries our mark.
package struct Interest: Hashable, Sendable {
    /// Only marks of this owner are ours.
    package var owner: String
    /// Image references to look up.
    package var images: Set<String>
    /// Containers to inspect even if no list shows them: a list is a hint, and what was known is gone only when its
    /// inspect says so.
    package var known: Set<String>
    /// Names to inspect even if no list shows them: what an earlier run of the program made, whose ids it took along.
    package var names: Set<String>
    /// The rules to compare the packet filter with; nil where nobody asks.
    package var firewall: FirewallIntent?

    package init(
        owner: String, images: Set<String> = [], known: Set<String> = [], names: Set<String> = [],
        firewall: FirewallIntent? = nil
    ) {
        self.firewall = firewall
        self.owner = owner
        self.images = images
        self.known = known
        self.names = names
    }
}

/// Reads the host. Has no write side, which is what a dry-run is given.
package protocol HostObserver: Sendable {
    /// One list, and one inspect of every container of ours.
    ///
    /// A container that disappears between the two is left out; one that cannot be read makes the result incomplete.
    func observe(_ interest: Interest) async throws(DriverError) -> ObservedState

    /// One container by inspect; nil when it is gone or carries no mark of this owner.
    func observe(container id: String, owner: String) async throws(DriverError) -> ObservedContainer?

    /// What decides whether a step that takes something away could be finished, as of now; nil where nothing tells.
    func preflight() async -> PreflightFacts?
}

/// Changes the host, one idempotent step at a time.
package protocol Driver: HostObserver {
    /// Carries out one step; carrying it out twice equals once.
    ///
    /// Returns what the host shows afterwards of the thing that the step touched.
    func apply(_ step: Step) async throws(DriverError) -> StepResult

    /// Makes a member its holder's, see `ClaimBinding`.
    ///
    /// - Throws: `DriverError` when nobody knows what came of it; the same call again finds its own work.
    func bind(_ binding: ClaimBinding) async throws(DriverError) -> BindingOutcome

    /// Runs a command in a container of ours, and ends it at its deadline.
    ///
    /// - Returns: why it failed, in a few words; nil when it ended with 0.
    func run(_ hook: WarmPool.Hook, in container: ContainerReference) async throws(DriverError) -> String?

    /// Writes down beside its member what has become of a claim since it was bound, such as a renewal. The journal is
    /// what counts: nobody waits for this, and without a member there is nothing to write.
    func rewrite(_ claim: Claim) async throws(DriverError)

    /// Hints that something may have changed; never trusted, only looked at. Ends when the connection is lost.
    func changes(owner: String) async throws(DriverError) -> AsyncStream<ChangeHint>

    /// What the packet filter enforces, whenever that has changed behind our back; ends when nobody watches any more.
    func firewallChanges() async -> AsyncStream<FirewallFacts>
}

extension Driver {
    /// Claims are written down nowhere else.
    package func rewrite(_ claim: Claim) async throws(DriverError) {}

    /// Nobody watches a packet filter.
    package func firewallChanges() async -> AsyncStream<FirewallFacts> { AsyncStream { $0.finish() } }
}

/// What the host shows of a thing after a step touched it.
package enum StepResult: Hashable, Sendable {
    /// The container by inspect; nil when it is gone.
    case container(id: String, ObservedContainer?)
    case network(name: String, ObservedNetwork?)
    case volume(ObservedVolume)
    case image(reference: String, ObservedImage)
    case firewall(FirewallFacts)
}

/// Something happened to this container of ours: look at it.
package struct ChangeHint: Hashable, Sendable {
    package var containerID: String
    /// The event's name in Docker's words, such as `die`.
    package var event: String

    package init(containerID: String, event: String) {
        self.containerID = containerID
        self.event = event
    }
}
