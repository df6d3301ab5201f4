import ReconcileTesting
import Reconciler
import Specs
import Testing

/// A key whose last step may have happened waits for a full look, and for no longer than that.
struct DoubtTests {
    private let one = Declared.state(Declared.workload())

    /// Only the container is missing.
    private var withoutContainer: ObservedState {
        var state = ObservedState(converged: one)
        state.remove("web-0-1")
        return state
    }

    private var incomplete: ObservedState {
        var state = withoutContainer
        state.isComplete = false
        return state
    }

    private let noAnswer = DriverError(.unknown, .timedOut, "no answer", at: "POST /containers/create")

    @Test("a doubt that an incomplete look cannot settle waits for the next one like everything else")
    func pauses() throws {
        var rig = try LoopRig(one)
        rig.observed(withoutContainer)
        rig.ended(.failure(noAnswer))
        rig.wait(.seconds(1))
        // Another revision makes every key due at once, also the one in doubt.
        rig.tell(.desired(Declared.state(Declared.workload(), revision: "2222222")))
        rig.observed(incomplete)
        rig.observed(incomplete)
        rig.observed(incomplete)
        #expect(rig.observations.isEmpty, "no look follows at once on one that missed something")
        #expect(rig.steps.isEmpty)
        rig.wait(.seconds(2))
        #expect(rig.observations.count == 1)
        rig.observed(withoutContainer)
        #expect(rig.stepNames == ["create-container"])
    }
}
