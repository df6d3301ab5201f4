import ReconcileTesting
import Reconciler
import Specs
import Synchronization
import Testing

struct RolloutTests {
    private static func state(
        _ image: String, replicas: Int = 3, strategy: RolloutStrategy.Kind = .rolling,
        pull: ContainerTemplate.PullPolicy = .ifNotPresent
    ) -> DesiredState {
        let check = HealthCheck(command: ["ok"])
        let template = ContainerTemplate(image: image, healthCheck: check, pullPolicy: pull)
        return Declared.state(
            Declared.workload(replicas: replicas, strategy: strategy, template), revision: image)
    }

    @Test("each new member is ready before the old one stops, one slot at a time")
    func rolling() async throws {
        let rig = Rig()
        try await rig.settle(Self.state("web:1"))
        let before = await rig.engine.steps.count
        #expect(try await rig.settle(Self.state("web:2")).isConverged)
        let steps = await rig.engine.steps.dropFirst(before).map(\.name)
        let oneSlot = ["create-container", "start", "probe", "stop", "remove"]
        #expect(steps == oneSlot + oneSlot + oneSlot)
        #expect(await rig.runningNames == ["web-0-2", "web-1-2", "web-2-2"])
    }

    @Test("with strategy recreate the old one goes first")
    func recreate() async throws {
        let rig = Rig()
        try await rig.settle(Self.state("web:1", replicas: 1, strategy: .recreate))
        let before = await rig.engine.steps.count
        #expect(try await rig.settle(Self.state("web:2", replicas: 1, strategy: .recreate)).isConverged)
        let steps = await rig.engine.steps.dropFirst(before).map(\.name)
        #expect(steps == ["stop", "remove", "create-container", "start", "probe"])
    }

    @Test("an image that does not become ready never takes the old members with it")
    func brokenImage() async throws {
        let rig = Rig()
        try await rig.settle(Self.state("web:1"))
        let isMended = Mutex(false)
        await rig.engine.setProbeOutcome { reference, _ in !reference.name.hasSuffix("-2") || isMended.withLock { $0 } }
        try await rig.running(Self.state("web:2")) {
            #expect(await eventually { await rig.steps(named: "probe").count > 20 })
            #expect(await rig.runningNames == ["web-0-1", "web-0-2", "web-1-1", "web-2-1"])
            let condition = await rig.controller.status().objects.first?.conditions.first
            #expect(condition?.reason == "Progressing")
            isMended.withLock { $0 = true }
            await rig.converge()
            #expect(await rig.runningNames == ["web-0-2", "web-1-2", "web-2-2"])
        }
    }

    @Test("a revert in the middle of a rollout keeps what still fits and removes the rest")
    func revert() async throws {
        let rig = Rig()
        try await rig.settle(Self.state("web:1"))
        await rig.engine.setProbeOutcome { reference, _ in !reference.name.hasSuffix("-2") }
        try await rig.running(Self.state("web:2")) {
            #expect(await eventually { await rig.steps(named: "probe").count > 5 })
            await rig.controller.setDesired(Self.state("web:1"))
            await rig.converge()
            #expect(await rig.runningNames == ["web-0-1", "web-1-1", "web-2-1"])
            #expect(await rig.engine.containers.count == 3)
        }
    }

    @Test("a fixed image behind the same tag replaces a member that never became ready")
    func fixedTag() async throws {
        var settings = Rig.quick
        settings.imageRefreshInterval = .milliseconds(20)
        let rig = Rig(settings: settings)
        await rig.engine.setProbeOutcome { reference, _ in reference.name != "web-0-1" }
        try await rig.running(Self.state("web:1", replicas: 1, pull: .always)) {
            #expect(await eventually { await rig.steps(named: "probe").count > 5 })
            await rig.engine.publishByHand("web:1", id: "sha256:fixed")
            await rig.converge()
            #expect(await rig.runningNames == ["web-0-2"])
        }
    }

    @Test("what our probe found ready is not probed again by a controller that starts later")
    func remembersProbes() async throws {
        let rig = Rig()
        try await rig.settle(Self.state("web:1"))
        let probes = await rig.steps(named: "probe").count
        #expect(probes == 3)
        let restarted = Rig(engine: rig.engine, store: rig.store)
        #expect(try await restarted.settle(Self.state("web:1")).isConverged)
        #expect(await restarted.steps(named: "probe").count == probes)
    }

    @Test("probes of containers that are gone are forgotten")
    func forgetsProbes() async throws {
        let rig = Rig()
        try await rig.settle(Self.state("web:1"))
        try await rig.settle(Self.state("web:1", replicas: 0))
        let restarted = Rig(engine: rig.engine, store: rig.store)
        try await restarted.settle(Self.state("web:1", replicas: 0))
        #expect(try rig.store.load().probedStarts.isEmpty)
    }
}
