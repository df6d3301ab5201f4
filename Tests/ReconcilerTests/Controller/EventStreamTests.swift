import ReconcileTesting
import Reconciler
import Specs
import Synchronization
import Testing

/// What a host without events costs.
struct EventStreamTests {
    @Test("an event stream that never opens asks for no look at the host")
    func neverOpens() async throws {
        let attempts = Attempts()
        let rig = Rig(settings: Rig.withoutResync) { DeafDriver(engine: $0, attempts: attempts) }
        try await rig.running(Declared.state(Declared.workload(replicas: 2))) {
            await rig.converge()
            let before = await rig.engine.counters.observations
            let tried = attempts.count.withLock { $0 }
            #expect(await eventually { attempts.count.withLock { $0 } >= tried + 2 })
            #expect(await rig.engine.counters.observations == before)
        }
    }
}

private final class Attempts: Sendable {
    let count = Mutex(0)
}

/// An engine behind a proxy that hands out no events.
private struct DeafDriver: Driver {
    let engine: FakeDriver
    let attempts: Attempts

    func observe(_ interest: Interest) async throws(DriverError) -> ObservedState { try await engine.observe(interest) }

    func observe(container id: String, owner: String) async throws(DriverError) -> ObservedContainer? {
        try await engine.observe(container: id, owner: owner)
    }

    func preflight() async -> PreflightFacts? { await engine.preflight() }

    func apply(_ step: Step) async throws(DriverError) -> StepResult { try await engine.apply(step) }

    func bind(_ binding: ClaimBinding) async throws(DriverError) -> BindingOutcome { try await engine.bind(binding) }

    func run(_ hook: WarmPool.Hook, in container: ContainerReference) async throws(DriverError) -> String? {
        try await engine.run(hook, in: container)
    }

    func changes(owner: String) async throws(DriverError) -> AsyncStream<ChangeHint> {
        attempts.count.withLock { $0 += 1 }
        throw DriverError(.terminal, .unauthorized, "no events here", at: "GET /events")
    }
}
