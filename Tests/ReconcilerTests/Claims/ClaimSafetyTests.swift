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
        rig.wait(.zero)
        rig.wait(.zero)
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
        #expect(answers.count == 1)
        #expect(answers.allSatisfy { (try? $0.get()) == nil }, "\(answers)")
    }

    // MARK: Claims that lost their container

    /// A claim whose container is gone, and who gets another.
    private static var recovering: StoredState {
        var stored = stored(.recovering)
        stored.claims[0].predecessor = .init(
            instance: MemberInstance(MemberID(Rig.pool, 7), 1), id: "id-gone", name: "agents-7-1")
        stored.claims[0].container = nil
        stored.claims[0].ttl = .seconds(20)
        stored.claims[0].expires = Instant(secondsSince1970: 20)
        stored.phases = [:]
        return stored
    }

    private static var replacing: DesiredState { Rig.state(size: 1) { $0.claim.onLost = .replace } }

    private static func isBind(_ effect: Effect) -> Bool { if case .bind = effect { true } else { false } }

    @Test("a claim that lost its container gets another although that could not be written down at first")
    func recoveringOnBadDisk() throws {
        var rig = try LoopRig(Self.replacing, stored: Self.recovering)
        rig.journal.refuse(with: StateStoreError(.unavailable, "disk full"))
        rig.observed(ObservedState(converged: Self.replacing))
        #expect(!rig.pending.contains(where: Self.isBind))
        rig.journal.refuse(with: nil)
        rig.wait(.seconds(10))
        _ = rig.lookAgain()
        rig.observed(ObservedState(converged: Self.replacing))
        #expect(rig.pending.contains(where: Self.isBind))
    }

    @Test("an engine that is away for a while does not end a claim that gets another container")
    func engineAwayWhileRecovering() throws {
        var rig = try LoopRig(Self.replacing, stored: Self.recovering)
        rig.observed(ObservedState(converged: Self.replacing))
        for _ in 0..<7 {
            let bind = rig.take(where: Self.isBind)
            let ticket = try #require(bind)
            rig.tell(.bound(ticket, .failure(DriverError(.unknown, .engineUnreachable, "away", at: "a binding"))))
            rig.wait(.zero)
            rig.wait(.milliseconds(3_200))
        }
        #expect(rig.loop.knownClaims.first?.isOpen == false, "its time is over, by what it was renewed for")
        #expect(rig.loop.knownClaims.first?.ending == .expired)
    }

    @Test("whoever renews a claim that gets another container keeps it")
    func renewedWhileRecovering() throws {
        let desired = Rig.state(size: 0) { ($0.claim.onLost, $0.claim.coldStart) = (.replace, false) }
        var rig = try LoopRig(desired, stored: Self.recovering)
        rig.observed(ObservedState(converged: desired))
        rig.wait(.seconds(15))
        let now = Now(uptime: rig.uptime, wall: rig.wall)
        let (_, effects) = try rig.loop.renew(ClaimID(number: 1), for: nil, by: "ada", now: now)
        rig.add(effects)
        rig.wait(.seconds(10))
        #expect(rig.loop.knownClaims.first?.isOpen == true)
        rig.wait(.seconds(11))
        #expect(rig.loop.knownClaims.first?.isOpen == false)
    }

    @Test("whoever asks again while a claim gets another container hears when that is over")
    func answeredAtTheEnd() throws {
        var rig = try LoopRig(Self.replacing, stored: Self.recovering)
        rig.observed(ObservedState(converged: Self.replacing))
        let bind = rig.take(where: Self.isBind)
        let ticket = try #require(bind)
        rig.tell(.claim(9, ClaimRequest(pool: Rig.pool, holder: "ada", idempotencyKey: "k"), by: "test"))
        rig.wait(.zero)
        rig.tell(.bound(ticket, .success(.lost("it stopped"))))
        rig.wait(.zero)
        let now = Now(uptime: rig.uptime, wall: rig.wall)
        let (_, effects) = try rig.loop.release(ClaimID(number: 1), by: "ada", now: now)
        rig.add(effects)
        rig.wait(.zero)
        let isAnswered = rig.pending.contains { if case .answer(9, .failure) = $0 { true } else { false } }
        #expect(isAnswered)
    }

    // MARK: Keys and conflicts

    @Test("a key that was answered keeps its claim, whatever failed under it before", arguments: [1, 3])
    func keyAfterFailure(failed: UInt64) throws {
        var stored = Self.stored(.bound)
        stored.claims[0].id = ClaimID(number: 2)
        var other = stored.claims[0]
        other.id = ClaimID(number: failed)
        (other.phase, other.ending, other.container) = (.ended, .failed, nil)
        stored.claims.append(other)
        var rig = try LoopRig(Self.state, stored: stored)
        rig.observed(ObservedState(converged: Self.state))
        rig.tell(.claim(9, ClaimRequest(pool: Rig.pool, holder: "ada", idempotencyKey: "k"), by: "test"))
        let answers = rig.pending.compactMap { effect in
            if case .answer(9, let result) = effect { try? result.get().id } else { ClaimID?.none }
        }
        #expect(answers == [ClaimID(number: 2)])
    }

    @Test("where only the store knows that a member is somebody's, the next one is given")
    func conflictingMember() throws {
        let desired = Rig.state(size: 2) { $0.claim.coldStart = false }
        var rig = try LoopRig(desired)
        rig.observed(ObservedState(converged: desired))
        rig.journal.refuse(with: StateStoreError(.conflict, "it is claimed"), times: 1)
        rig.tell(.claim(9, ClaimRequest(pool: Rig.pool, holder: "eve"), by: "test"))
        rig.wait(.zero)
        rig.wait(.zero)
        #expect(rig.pending.contains(where: Self.isBind))
    }
}
