import ReconcileTesting
import Specs
import Testing

@testable import Reconciler

/// Pools whose number an autoscaler decides: claimed and unclaimed together, with every claim.
struct PoolScalingTests {
    private static func state(
        min: Int = 2, max: Int = 6, poolMin: Int? = nil, _ metrics: Autoscaler.Metric...
    ) -> DesiredState {
        var state = Rig.state {
            $0.size = nil
            $0.min = poolMin
        }
        var spec = Autoscaler(target: Rig.pool, min: min, max: max, metrics: metrics)
        spec.behavior.scaleDown.stabilizationWindowSeconds = 0
        state.autoscalers = [
            Resource(
                id: ResourceID(.autoscaler, "agents"), spec: spec,
                origin: SourcePosition(file: "pool.yaml", line: 1, column: 1))
        ]
        return state
    }

    private static func exhausted(times: Int = 2, step: Int = 2) -> Autoscaler.Metric {
        var metric = Autoscaler.Metric(type: .poolExhausted)
        (metric.times, metric.step) = (times, step)
        return metric
    }

    @Test("a pool without a size is filled to the number of its autoscaler, and claims count towards it")
    func fills() async throws {
        let rig = Rig()
        try await rig.running(Self.state(Self.exhausted())) {
            await rig.awaitReady(2)
            _ = try await rig.claim()
            // One claimed and one unclaimed are the two that there should be.
            let isCounted = await eventually {
                let status = await rig.poolStatus
                return status.claimed == 1 && status.size == 1
            }
            let status = await rig.poolStatus
            #expect(isCounted, "\(status)")
        }
    }

    @Test("misses in a row make the pool larger at once, and nobody waits for the interval")
    func misses() async throws {
        let rig = Rig()
        try await rig.running(Self.state(min: 1, Self.exhausted())) {
            await rig.awaitReady(1)
            for number in 0..<4 { _ = try await rig.claim("holder-\(number)") }
            let report = await rig.controller.report()
            let scaler = try #require(report.autoscalers.first)
            #expect(try #require(scaler.size) >= 3, "\(scaler)")
            #expect(try #require(scaler.size) <= 6)
        }
    }

    @Test("utilization above the threshold makes it larger with the claim that crosses it")
    func utilization() async throws {
        let metric = Scaled.threshold(above: 70, below: 30, step: 2)
        let rig = Rig()
        try await rig.running(Self.state(min: 4, max: 8, metric)) {
            await rig.awaitReady(4)
            for number in 0..<3 { _ = try await rig.claim("holder-\(number)") }
            // Those who claim are answered first.
            let isLarger = await eventually { await rig.controller.report().autoscalers.first?.size == 6 }
            let scalers = await rig.controller.report().autoscalers
            #expect(isLarger, "\(scalers)")
            await rig.awaitReady(3)
        }
    }

    @Test("what is claimed is not taken away when fewer are asked for")
    func claimedStay() async throws {
        let metric = Scaled.threshold(above: 90, below: 80, step: 4)
        let rig = Rig()
        try await rig.running(Self.state(min: 1, max: 4, metric)) {
            await rig.awaitReady(1)
            let claims = try await [rig.claim("ada"), rig.claim("bob")]
            let names = Set(claims.compactMap { $0.container?.name })
            // The first claim made it four, of which the second is too few.
            #expect(
                try await eventually {
                    try rig.store.events(limit: 100).contains {
                        $0.reason == "SuccessfulRescale" && $0.message.hasPrefix("from 4 to 1")
                    }
                })
            for _ in 0..<3 { _ = await rig.controller.takeTurn() }
            let present = Set(await rig.controller.report().observed.containers.values.map(\.name))
            #expect(names.isSubset(of: present))
        }
    }

    struct Size: Sendable {
        var live: Int
        var claimed: Int
        var min: Int?
        var most = 10
        var unclaimed: Int
    }

    @Test(
        "unclaimed members are what is left of the number, within the pool's own bounds and the autoscaler's",
        arguments: [
            Size(live: 6, claimed: 2, unclaimed: 4), Size(live: 6, claimed: 6, unclaimed: 0),
            Size(live: 6, claimed: 8, unclaimed: 0), Size(live: 6, claimed: 6, min: 2, unclaimed: 2),
            Size(live: 10, claimed: 10, min: 2, unclaimed: 0), Size(live: 10, claimed: 12, min: 2, unclaimed: 0),
        ])
    func unclaimed(_ size: Size) {
        var pool = WarmPool(hostPool: "local", size: 1, template: ContainerTemplate(image: "agent:1"))
        (pool.size, pool.min) = (nil, size.min)
        let live = LiveSize(
            autoscaler: "agents", size: size.live, bounds: ScalingBounds(min: 1, max: size.most))
        #expect(pool.unclaimedSize(claimed: size.claimed, of: live) == size.unclaimed)
    }

    @Test("claims a second are counted over a minute, and not before 15 seconds")
    func arrivals() {
        var rate = ArrivalRate()
        for second in 0..<10 { rate.arrived(at: .seconds(second)) }
        #expect(rate.perSecond(at: .seconds(10)) == nil)
        #expect(rate.perSecond(at: .seconds(20)) == 0.5)
        #expect(rate.perSecond(at: .seconds(60)) == 9.0 / 60, "what came in second 0 is a minute ago")
        #expect(rate.perSecond(at: .seconds(1_000)) == 0)
    }
}
