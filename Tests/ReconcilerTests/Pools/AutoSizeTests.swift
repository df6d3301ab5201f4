import ReconcileTesting
import Reconciler
import Specs
import Testing

/// `size: auto` before the claims of a pool are known, and where they are rare.
@Suite("pools that size themselves")
struct AutoSizeTests {
    private static func automatic(min: Int? = nil, coldStart: Bool = true) -> DesiredState {
        Rig.state {
            $0.size = .auto
            $0.min = min
            $0.claim.coldStart = coldStart
        }
    }

    /// A claim may be refused before the host was seen.
    private static func awaitSeen(_ rig: Rig) async {
        let isSeen = await eventually { await rig.controller.report().figures.observationAge != nil }
        #expect(isSeen)
    }

    @Test("a claim takes a member and not its place, after a start of the program as well")
    func keepsItsSize() async throws {
        let rig = Rig()
        try await rig.settle(Rig.state(size: 4))
        // The program begins anew with four that it finds.
        try await rig.running(Self.automatic()) {
            // It is refused for as long as the program has not begun.
            #expect(await eventually { (try? await rig.claim()) != nil })
            for _ in 0..<2 { _ = try await rig.claim(wait: .seconds(5)) }
            await rig.awaitReady(4)
            #expect(await rig.poolStatus.claimed == 3)
        }
    }

    @Test("a pool that was empty keeps one, once somebody has claimed from it")
    func begins() async throws {
        let rig = Rig()
        try await rig.running(Self.automatic()) {
            await Self.awaitSeen(rig)
            #expect(await rig.poolStatus.ready == 0)
            let first = try await rig.claim(wait: .seconds(5))
            await rig.awaitReady(1)
            let second = try await rig.claim()
            #expect(first.source == .cold && second.source == .warm)
        }
    }

    @Test(
        "where no claim has a member started, one is there",
        arguments: [WarmPool.Size.auto, .percentOfClaimed(Percentage(25))])
    func isNeverDead(size: WarmPool.Size) async throws {
        let rig = Rig()
        let state = Rig.state {
            $0.size = size
            $0.claim.coldStart = false
        }
        try await rig.running(state) {
            await rig.awaitReady(1)
            _ = try await rig.claim()
            await rig.awaitReady(1)
        }
    }

    @Test("a request that is refused at once counts as refused")
    func refused() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 0) { $0.claim.coldStart = false }) {
            await Self.awaitSeen(rig)
            await #expect(throws: ClaimRefusal.self) { _ = try await rig.claim() }
            let meter = await rig.controller.report().figures.pools[Rig.pool]
            #expect(meter?.refused == 1 && meter?.misses == 1, "\(String(describing: meter))")
        }
    }
}
