import Reconciler
import Specs
import Testing

@Suite("Claims that are found again by their files")
struct ClaimRecoveryTests {
    private static let pool = ResourceID(.warmPool, "agents")

    private static func claim(_ number: UInt64, slot: Int = 0, phase: Claim.Phase = .binding) -> Claim {
        let instance = MemberInstance(MemberID(pool, slot), 1)
        return Claim(
            id: ClaimID(number: number), request: ClaimRequest(pool: pool, holder: "alice"), phase: phase,
            container: .init(instance: instance, id: "id-\(slot)", name: "agents-\(slot)-1"), source: .warm,
            ttl: .seconds(60), created: Instant(secondsSince1970: 0), expires: Instant(secondsSince1970: 60),
            notAfter: nil)
    }

    private static func bound(_ claim: Claim) -> Claim {
        var claim = claim
        claim.phase = .bound
        return claim
    }

    private static func instance(_ slot: Int) -> MemberInstance { MemberInstance(MemberID(pool, slot), 1) }

    @Test("with the journal lost, all that have a file are put back")
    func lostJournal() {
        let claims = [Self.claim(1), Self.claim(2, slot: 1, phase: .bound)]
        #expect(
            ClaimRecovery.changes(StoredState(), files: claims) == [
                .seen(Self.instance(0)), .transition(Self.instance(0), from: .ready, to: .claimed),
                .claim(Self.bound(claims[0])),
                .seen(Self.instance(1)), .transition(Self.instance(1), from: .ready, to: .claimed), .claim(claims[1]),
            ])
    }

    @Test("one that the journal knows as being bound is bound with its file, and left alone without")
    func binding() {
        var stored = StoredState()
        stored.claims = [Self.claim(1), Self.claim(2, slot: 1)]
        stored.phases = [Self.instance(0): .claimed, Self.instance(1): .claimed]
        #expect(ClaimRecovery.changes(stored, files: [Self.claim(1)]) == [.claim(Self.bound(Self.claim(1)))])
        #expect(ClaimRecovery.changes(stored, files: []).isEmpty)
    }

    @Test("one that is bound, or over, stays so", arguments: [Claim.Phase.bound, .releasing, .ended])
    func known(phase: Claim.Phase) {
        var stored = StoredState()
        stored.claims = [Self.claim(1, phase: phase)]
        #expect(ClaimRecovery.changes(stored, files: [Self.claim(1)]).isEmpty)
    }

    @Test("a member that was to be taken away, or is another's, is not given back to anybody")
    func taken() {
        var stored = StoredState()
        stored.phases = [Self.instance(0): .retiring, Self.instance(1): .claimed]
        stored.claims = [Self.claim(3, slot: 1, phase: .bound)]
        #expect(ClaimRecovery.changes(stored, files: [Self.claim(1), Self.claim(2, slot: 1)]).isEmpty)
    }

    @Test("one that was over when the journal was lost stays over, and its member goes")
    func over() {
        let file = Self.claim(1, phase: .ended)
        #expect(
            ClaimRecovery.changes(StoredState(), files: [file]) == [
                .seen(Self.instance(0)), .transition(Self.instance(0), from: .ready, to: .retiring), .claim(file),
            ])
    }

    @Test(
        "of two files of a claim the later one counts, whose container took over from the other",
        arguments: [false, true])
    func replaced(isReversed: Bool) {
        let first = Self.claim(1, phase: .bound)
        var second = Self.claim(1, slot: 1, phase: .recovering)
        second.predecessor = first.container
        var expected = Self.bound(second)
        (expected.predecessor, expected.recoveries) = (nil, 1)
        let files = isReversed ? [second, first] : [first, second]
        #expect(
            ClaimRecovery.changes(StoredState(), files: files) == [
                .seen(Self.instance(1)), .transition(Self.instance(1), from: .ready, to: .claimed), .claim(expected),
                .transition(Self.instance(0), from: .ready, to: .retiring),
            ])

        var stored = StoredState()
        stored.claims = [second]
        stored.phases = [Self.instance(0): .claimed, Self.instance(1): .claimed]
        #expect(
            ClaimRecovery.changes(stored, files: files) == [
                .claim(expected), .transition(Self.instance(0), from: .claimed, to: .retiring),
            ])
        #expect(ClaimRecovery.changes(stored, files: [first]).isEmpty)
    }

    @Test("the journal takes what is put back, and a second start changes nothing")
    func isStable() throws {
        var stored = StoredState()
        let changes = ClaimRecovery.changes(stored, files: [Self.claim(1)])
        stored.claims = changes.compactMap { if case .claim(let claim) = $0 { claim } else { nil } }
        stored.phases = [Self.instance(0): .claimed]
        #expect(ClaimRecovery.changes(stored, files: [Self.claim(1)]).isEmpty)
    }
}
