import ReconcileTesting
import Reconciler
import Specs
import Testing

/// A run until settled ends, whatever the world does.
struct SingleRunTests {
    private let one = Declared.state(Declared.workload())

    /// Only the container is missing.
    private var withoutContainer: ObservedState {
        var state = ObservedState(converged: one)
        state.remove("web-0-1")
        return state
    }

    /// Lets time pass until it is settled, and answers every look with the same.
    private func settles(_ rig: inout LoopRig, seeing state: ObservedState) -> Bool {
        for _ in 0..<200 where !rig.loop.isSettled {
            rig.wait(.seconds(10))
            rig.observed(state)
        }
        return rig.loop.isSettled
    }

    @Test("it ends when nothing can be written down, and says of which key")
    func storeRefuses() throws {
        var rig = try LoopRig(one, mode: .untilSettled)
        rig.journal.refuse(with: StateStoreError(.unavailable, "disk full"))
        rig.observed(withoutContainer)
        #expect(!rig.loop.isSettled, "it is tried again")
        #expect(settles(&rig, seeing: withoutContainer))
        #expect(rig.steps.isEmpty)
        #expect(rig.loop.status().objects.flatMap(\.conditions).contains { $0.message.contains("disk full") })
    }

    @Test("it ends with a key in doubt when no look is ever complete")
    func neverComplete() throws {
        var rig = try LoopRig(one, mode: .untilSettled)
        rig.observed(withoutContainer)
        rig.ended(.failure(DriverError(.unknown, .timedOut, "no answer", at: "POST /containers/create")))
        var incomplete = withoutContainer
        incomplete.isComplete = false
        #expect(settles(&rig, seeing: incomplete))
        #expect(rig.steps.isEmpty)
    }
}
