import ReconcileTesting
import Reconciler
import Specs
import Testing

/// When claims are served, and when the rest of the loop's work is done beside them.
@Suite("claims come first, and not for long")
struct ClaimTurnTests {
    private static let size = 20

    private static func rig() throws -> LoopRig {
        let state = Rig.state(size: size)
        var rig = try LoopRig(state)
        rig.observed(ObservedState(converged: state))
        #expect(rig.steps.isEmpty)
        return rig
    }

    private static func ask(_ claimant: Ticket, _ rig: inout LoopRig) {
        rig.tell(.claim(claimant, ClaimRequest(pool: Rig.pool, holder: "holder-\(claimant)"), by: "test"))
    }

    private static func bound(_ rig: LoopRig) -> Int {
        rig.pending.count { if case .bind = $0 { true } else { false } }
    }

    @Test("a member is handed out at once, and all else is thought about ten milliseconds later")
    func first() throws {
        var rig = try Self.rig()
        Self.ask(1, &rig)
        rig.wait(.zero)
        #expect(Self.bound(rig) == 1 && rig.steps.isEmpty, "\(rig.pending)")
        #expect(rig.loop.nextDeadline == rig.uptime + .milliseconds(10))
        rig.wait(.milliseconds(10))
        rig.wait(.milliseconds(15))
        #expect(!rig.steps.isEmpty, "nothing replaces what was claimed")
    }

    @Test("claims that come without a pause are each served at once, and do not keep successors from being begun")
    func incessant() throws {
        var rig = try Self.rig()
        for claimant in 1...Ticket(Self.size) {
            Self.ask(claimant, &rig)
            rig.wait(.zero)
            #expect(Self.bound(rig) == Int(claimant))
            rig.wait(.milliseconds(5))
        }
        #expect(!rig.steps.isEmpty, "nothing replaces what was claimed")
    }

    @Test("a turn that is due is not put off by the next claim of a crowd")
    func crowd() throws {
        var rig = try Self.rig()
        let due = rig.uptime
        Self.ask(1, &rig)
        rig.uptime += .milliseconds(1)
        Self.ask(2, &rig)
        #expect(rig.loop.nextDeadline == due)
        rig.wait(.zero)
        #expect(Self.bound(rig) == 2)
    }

    @Test("whoever is not served has a member begun at once")
    func miss() throws {
        var rig = try Self.rig()
        for claimant in 1...Ticket(Self.size + 1) { Self.ask(claimant, &rig) }
        rig.wait(.zero)
        #expect(Self.bound(rig) == Self.size && rig.loop.nextDeadline == rig.uptime)
        rig.wait(.zero)
        #expect(!rig.steps.isEmpty, "nothing is begun for the one that waits")
    }
}
