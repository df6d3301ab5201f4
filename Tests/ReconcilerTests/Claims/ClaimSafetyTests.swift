import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What the simulator found, each as small as it gets.
@Suite("claims that must not be given away")
struct ClaimSafetyTests {
    private static let instance = MemberInstance(MemberID(Rig.pool, 0), 1)

    /// A member that somebody has, as a run before left it.
    private static func stored(_ phase: Claim.Phase) -> StoredState {
        var stored = StoredState()
        let request = ClaimRequest(pool: Rig.pool, holder: "ada", idempotencyKey: "k")
        stored.claims = [
            Claim(
                id: ClaimID(number: 1), request: request, phase: phase,
                container: .init(instance: instance, id: "id-agents-0-1", name: "agents-0-1"), source: .warm,
                ttl: .seconds(600), created: Instant(secondsSince1970: 0),
                expires: Instant(secondsSince1970: 600), notAfter: nil)
        ]
        stored.phases = [instance: .claimed]
        return stored
    }

    private static var state: DesiredState { Rig.state(size: 1) }

    @Test("a claimed member that the first looks after a start miss is nobody else's afterwards", arguments: [1, 2, 3])
    func missedAtStart(looks: Int) throws {
        var rig = try LoopRig(nil, stored: Self.stored(.bound))
        let whole = ObservedState(converged: Self.state)
        var behind = whole
        behind.remove("agents-0-1")
        // Before a revision is in force nothing is said of a loss.
        for _ in 0..<looks {
            rig.observed(behind)
            rig.wait(.seconds(40))
        }
        rig.tell(.desired(Self.state))
        rig.observed(whole)
        rig.observed(whole)
        rig.tell(.claim(9, ClaimRequest(pool: Rig.pool, holder: "eve"), by: "test"))
        let isBound = rig.pending.contains { if case .bind = $0 { true } else { false } }
        #expect(!isBound, "eve gets what ada has")
        #expect(!rig.journal.commits.joined().contains(.forget(Self.instance)))
    }

    @Test("a claim whose cancelling could not be written down yet is no answer to the same key")
    func beingCancelled() throws {
        var rig = try LoopRig(
            Self.state, stored: Self.stored(.binding), refusing: StateStoreError(.unavailable, "full"))
        rig.observed(ObservedState(converged: Self.state))
        rig.observed(ObservedState(converged: Self.state))
        rig.tell(.claim(9, ClaimRequest(pool: Rig.pool, holder: "ada", idempotencyKey: "k"), by: "test"))
        let answers = rig.pending.compactMap { effect in
            if case .answer(9, let result) = effect { result } else { Result<Claim, ClaimRefusal>?.none }
        }
        #expect(answers.allSatisfy { (try? $0.get()) == nil }, "\(answers)")
    }
}
