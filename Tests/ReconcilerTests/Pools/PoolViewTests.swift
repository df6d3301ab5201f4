import ReconcileTesting
import Specs
import Testing

@testable import Reconciler

struct PoolViewTests {
    @Test("whoever has looked at a pool keeps nothing of what was looked at")
    func isForgotten() {
        weak var context: PlanContext?
        do {
            let desired = Rig.state(size: 3)
            let now = PlanContext(
                desired, ObservedState(converged: desired), Gates(shares: ["local": .everything]), Now())
            let view = now.view(Rig.pool)
            #expect(view.roster?.status(of: view).ready == 3)
            context = now
        }
        #expect(context == nil)
    }
}
