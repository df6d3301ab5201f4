package import Reconciler
package import Specs

/// An engine in memory of which something is different: whatever a driver does not say itself is the engine's.
package protocol ForwardingDriver: Driver {
    var engine: FakeDriver { get }
}

extension ForwardingDriver {
    package func observe(_ interest: Interest) async throws(DriverError) -> ObservedState {
        try await engine.observe(interest)
    }

    package func observe(container id: String, owner: String) async throws(DriverError) -> ObservedContainer? {
        try await engine.observe(container: id, owner: owner)
    }

    package func preflight() async -> PreflightFacts? { await engine.preflight() }

    package func apply(_ step: Step) async throws(DriverError) -> StepResult { try await engine.apply(step) }

    package func bind(_ binding: ClaimBinding) async throws(DriverError) -> BindingOutcome {
        try await engine.bind(binding)
    }

    package func run(_ hook: WarmPool.Hook, in container: ContainerReference) async throws(DriverError) -> String? {
        try await engine.run(hook, in: container)
    }

    package func changes(owner: String) async throws(DriverError) -> AsyncStream<ChangeHint> {
        try await engine.changes(owner: owner)
    }
}
