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

    @Test("what was lost and is gone leaves no more room than what is there")
    func lostAndGone() throws {
        let desired = Rig.state(size: 3)
        var gates = Gates(shares: ["local": .everything])
        var demand = PoolDemand(size: 3)
        demand.lost = ["gone-before-the-next-look"]
        gates.pools[Rig.pool] = demand
        let full = PlanContext(desired, ObservedState(converged: desired), gates, Now()).view(Rig.pool)
        #expect(full.roster?.total == 3)
        let empty = PlanContext(desired, ObservedState(), gates, Now()).view(Rig.pool)
        #expect(try #require(empty.roster).total == 0)
    }
}
