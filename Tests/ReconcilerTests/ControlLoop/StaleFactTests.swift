import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What comes in late, or from a run of the engine that is over, does not pass for news.
struct StaleFactTests {
    private let two = Declared.state(Declared.workload(replicas: 2))
    private let one = Declared.state(Declared.workload(replicas: 1), revision: "2222222")

    @Test("a look that began before the event stream was lost is no ground for anything")
    func lookFromBeforeTheLoss() throws {
        var rig = try LoopRig(one)
        // The first observation is under way, and the engine may have been started anew meanwhile.
        rig.tell(.streamLost)
        rig.observed(ObservedState(converged: two))
        #expect(rig.looks.isEmpty && rig.steps.isEmpty)
        #expect(!rig.loop.informer.isCurrent && !rig.loop.informer.observed.isComplete)
        #expect(rig.observations.count == 1, "another one began at once")
        rig.observed(ObservedState(converged: two))
        #expect(rig.loop.informer.isCurrent)
        #expect(rig.looks == [["id-web-1-1"]])
    }
}
