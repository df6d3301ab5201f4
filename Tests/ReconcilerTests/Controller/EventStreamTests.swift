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
private struct DeafDriver: ForwardingDriver {
    let engine: FakeDriver
    let attempts: Attempts

    func changes(owner: String) async throws(DriverError) -> AsyncStream<ChangeHint> {
        attempts.count.withLock { $0 += 1 }
        throw DriverError(.terminal, .unauthorized, "no events here", at: "GET /events")
    }
}
