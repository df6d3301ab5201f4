import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Members that nobody waits for are begun a moment after a claim, since a start keeps a processor busy.
struct RefillCalmTests {
    private static func rig(size: Int) throws -> LoopRig {
        let desired = Rig.state(size: size)
        var rig = try LoopRig(desired)
        rig.observed(ObservedState(converged: desired))
        #expect(rig.steps.isEmpty)
        return rig
    }

    private static func claim(_ claimant: Ticket, _ rig: inout LoopRig) {
        rig.tell(.claim(claimant, ClaimRequest(pool: Rig.pool, holder: "h\(claimant)"), by: "test"))
        for _ in 0..<2 { rig.tell(.time) }
    }

    private func creations(_ rig: LoopRig) -> Int { rig.stepNames.count { $0 == "create-container" } }

    @Test("the successor of a claimed member is begun a moment later")
    func isPutOff() throws {
        var rig = try Self.rig(size: 3)
        Self.claim(1, &rig)
        rig.wait(.milliseconds(14))
        #expect(rig.stepNames.isEmpty)
        rig.wait(.milliseconds(2))
        #expect(creations(rig) == 1)
    }

    @Test("claims that go on do not keep the pool from being filled")
    func isBounded() throws {
        var rig = try Self.rig(size: 20)
        for claimant in 1...8 as ClosedRange<Ticket> {
            #expect(rig.stepNames.isEmpty)
            Self.claim(claimant, &rig)
            rig.wait(.milliseconds(10))
        }
        #expect(creations(rig) > 0, "after 75 ms")
    }

    @Test("whoever finds the pool empty waits for no calm")
    func isSkipped() throws {
        var rig = try Self.rig(size: 1)
        Self.claim(1, &rig)
        #expect(rig.stepNames.isEmpty)
        Self.claim(2, &rig)
        #expect(creations(rig) > 0)
    }
}
