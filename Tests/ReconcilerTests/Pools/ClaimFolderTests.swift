import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Members whose claim folder is not what we would write to any more.
@Suite("claim folders that are gone")
struct ClaimFolderTests {
    @Test("an unclaimed member whose folder is gone is replaced, and the pool is full again", arguments: [0, 1])
    func unclaimed(surge: Int) async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 3) { $0.refill.surge = surge }) {
            await rig.awaitReady(3)
            let victim = try #require(await rig.engine.containers.values.map(\.id).min())
            await rig.engine.byHand { $0.removeClaimFolderByHand(victim) }
            #expect(await eventually { await rig.engine.containers[victim] == nil })
            await rig.awaitReady(3)
            let steps = await rig.controller.status()
            #expect(steps.isConverged)
        }
    }

    @Test("with all folders gone, a new member with one comes before the others go")
    func allGone() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 3)) {
            await rig.awaitReady(3)
            let before = await Set(rig.engine.containers.keys)
            await rig.engine.byHand { engine in for id in before { engine.removeClaimFolderByHand(id) } }
            #expect(await eventually { await before.isDisjoint(with: rig.engine.containers.keys) })
            await rig.awaitReady(3)
        }
    }

    @Test("a claimed member whose folder is gone stays with its holder, and the plan says what becomes of it")
    func claimed() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 1)) {
            await rig.awaitReady(1)
            let claim = try await rig.claim()
            await rig.awaitReady(1)
            let id = try #require(claim.container?.id)
            await rig.engine.byHand { $0.removeClaimFolderByHand(id) }
            let isShown = await eventually {
                await rig.controller.currentPlan()?.actions.contains { action in
                    action.reason == .noClaimFolder && action.isHeld && action.steps.isEmpty
                } ?? false
            }
            #expect(isShown)
            #expect(await rig.engine.containers[id]?.status == .running)
            _ = try await rig.controller.release(claim.id, by: "test")
            #expect(await eventually { await rig.engine.containers[id] == nil })
        }
    }

    @Test("where nobody gets a folder, members are not made again and again")
    func neverAny() async throws {
        let state = Rig.state(size: 2)
        var engine = FakeEngine(images: ["agent:1"])
        var rig = try LoopRig(state)
        var creations = 0
        for _ in 0..<200 {
            if let interest = rig.observations.first {
                rig.observed(.success(try engine.observe(interest)))
            } else if let step = rig.steps.first {
                let result = try engine.apply(step)
                if case .createContainer = step, case .container(let id, _) = result {
                    creations += 1
                    engine.removeClaimFolderByHand(id)
                    rig.ended(.success(.container(id: id, engine.containers[id]?.observed(by: Declared.host.owner))))
                } else {
                    rig.ended(.success(result))
                }
            } else if let ids = rig.looks.first {
                rig.looked(
                    Dictionary(
                        uniqueKeysWithValues: ids.map { ($0, engine.containers[$0]?.observed(by: Declared.host.owner)) }
                    ),
                    preflight: engine.preflight)
            } else {
                rig.wait(.seconds(1))
            }
        }
        #expect(creations == 3, "the size, and one beside them")
    }
}
