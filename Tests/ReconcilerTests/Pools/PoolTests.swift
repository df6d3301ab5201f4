import ReconcileTesting
import Reconciler
import Specs
import Testing

@Suite("pools")
struct PoolTests {
    @Test("a pool keeps as many ready members as it says, and follows git up and down", arguments: [1, 3, 8])
    func size(count: Int) async throws {
        let rig = Rig()
        try await rig.settle(Rig.state(size: count))
        #expect(await rig.poolStatus.ready == count)
        try await rig.settle(Rig.state(size: count + 2, revision: "2222222"))
        #expect(await rig.poolStatus.ready == count + 2)
        try await rig.settle(Rig.state(size: 1, revision: "3333333"))
        #expect(await rig.poolStatus.ready == 1)
        #expect(await rig.engine.containers.count == 1)
    }

    @Test("members that are taken away are the newest, and those that are not ready first")
    func shrinks() async throws {
        let rig = Rig()
        try await rig.settle(Rig.state(size: 4))
        try await rig.settle(Rig.state(size: 2, revision: "2222222"))
        #expect(await rig.runningNames == ["agents-0-1", "agents-1-1"])
    }

    @Test("a share of the claimed members is kept, between min and max")
    func percentage() async throws {
        let rig = Rig()
        let state = Rig.state {
            $0.size = .percentOfClaimed(Percentage(50))
            $0.min = 2
            $0.max = 3
        }
        try await rig.running(state) {
            await rig.awaitReady(2)
            for _ in 0..<6 { _ = try await rig.claim(wait: .seconds(5)) }
            await rig.awaitReady(3)
        }
    }

    @Test("claimed and unclaimed members together are never more than maxMembers")
    func mostMembers() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 3) { $0.maxMembers = 4 }) {
            await rig.awaitReady(3)
            for _ in 0..<3 { _ = try await rig.claim() }
            await rig.awaitReady(1)
            #expect(await rig.engine.containers.count == 4)
            #expect(await rig.poolStatus.claimed == 3)
        }
    }

    @Test("a changed template replaces unclaimed members, and as many as before stay ready")
    func rollout() async throws {
        let rig = Rig(images: ["agent:1", "agent:2"])
        try await rig.running(Rig.state(size: 3)) {
            await rig.awaitReady(3)
            let claim = try await rig.claim()
            await rig.awaitReady(3)
            await rig.controller.setDesired(Rig.state(size: 3, image: "agent:2", revision: "2222222"))
            var least = 3
            let isDone = await eventually {
                let status = await rig.poolStatus
                least = min(least, status.ready)
                return status.updatedReady == 3 && status.ready == 3 && status.retiring == 0
            }
            #expect(isDone)
            let steps = await rig.engine.steps.map { "\($0.name) \($0.subject)" }
            #expect(least == 3, "\(steps)")
            let containers = await rig.engine.containers.values
            #expect(containers.count == 4)
            // What somebody has stays as it is, and is shown as stale.
            #expect(containers.first { $0.name == claim.container?.name }?.image == "agent:1")
            #expect(await rig.poolStatus.stale == 1)
        }
    }

    @Test("a template whose members do not become ready is put back, with the old members still there")
    func quarantine() async throws {
        let rig = Rig(images: ["agent:1", "agent:2"])
        await rig.engine.setProbeOutcome { container, _ in container.name.hasSuffix("-1") }
        func state(_ image: String, _ revision: String) -> DesiredState {
            Rig.state(size: 2, image: image, revision: revision) {
                $0.rollout.progressDeadline = .milliseconds(200)
                $0.source.template.healthCheck = HealthCheck(command: ["true"])
            }
        }
        try await rig.running(state("agent:1", "1111111")) {
            await rig.awaitReady(2)
            // Members of slot 2 come up; what takes their place later does not.
            await rig.engine.setProbeOutcome { _, _ in false }
            await rig.controller.setDesired(state("agent:2", "2222222"))
            let isPinned = await eventually {
                await rig.controller.status().objects.contains { object in
                    object.conditions.contains { $0.type == .pinned && $0.reason == Pin.Cause.quarantined.rawValue }
                }
            }
            #expect(isPinned)
            let isBack = await eventually { await rig.poolStatus.ready == 2 }
            let steps = await rig.engine.steps.map { "\($0.name) \($0.subject)" }
            let status = await rig.poolStatus
            #expect(isBack, "\(status) \(steps)")
            let images = await rig.engine.containers.values.filter { $0.status == .running }.map(\.image)
            #expect(images.filter { $0 == "agent:1" }.count == 2)
        }
    }

    @Test("members that never become ready are not made again and again, and the pool says why it does not go on")
    func notProgressing() async throws {
        let rig = Rig()
        await rig.engine.setProbeOutcome { _, _ in false }
        let state = Rig.state(size: 2) {
            $0.rollout.progressDeadline = .milliseconds(100)
            $0.source.template.healthCheck = HealthCheck(command: ["true"])
        }
        try await rig.running(state) {
            let isTold = await eventually {
                await rig.controller.status().objects.contains { object in
                    object.conditions.contains { $0.reason == Stall.Code.warmPoolNotProgressing.rawValue }
                }
            }
            #expect(isTold)
            #expect(await rig.steps(named: "create-container").count == 2)
        }
    }

    @Test("no more members are begun side by side than the pool says")
    func inFlight() async throws {
        let rig = Rig()
        await rig.engine.setProbeOutcome { _, _ in false }
        let state = Rig.state(size: 6) {
            $0.refill.maxInFlight = 2
            $0.source.template.healthCheck = HealthCheck(command: ["true"])
        }
        try await rig.running(state) {
            #expect(await eventually { await rig.steps(named: "create-container").count == 2 })
            try await Task.sleep(for: .milliseconds(100))
            #expect(await rig.steps(named: "create-container").count == 2)
            await rig.engine.setProbeOutcome { _, _ in true }
            await rig.awaitReady(6)
        }
    }

    @Test("no more members are begun in a minute than the pool says")
    func rate() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 6) { $0.refill.perMinute = 4 }) {
            await rig.awaitReady(4)
            try await Task.sleep(for: .milliseconds(100))
            #expect(await rig.steps(named: "create-container").count == 4)
        }
    }

    @Test("members wait frozen where the pool says so, and a claim thaws one")
    func frozen() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 2) { $0.idle.mode = .pause }) {
            let areFrozen = await eventually {
                await rig.engine.containers.values.count { $0.status == .paused } == 2
            }
            #expect(areFrozen)
            #expect(await rig.poolStatus.ready == 2)
            let claim = try await rig.claim()
            let status = await rig.engine.containers.values.first { $0.name == claim.container?.name }?.status
            #expect(status == .running)
            // It is not frozen again, nor thought to be frozen by somebody else.
            await rig.awaitReady(2)
            let later = await rig.engine.containers.values.first { $0.name == claim.container?.name }?.status
            #expect(later == .running)
        }
    }

    @Test("limits that somebody changes on a frozen member are put right, and it stays frozen")
    func frozenLimits() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 1) { $0.idle.mode = .pause }) {
            let isFrozen = await eventually {
                await rig.engine.containers.values.contains { $0.status == .paused }
            }
            #expect(isFrozen)
            let member = try #require(await rig.engine.containers.values.first)
            await rig.engine.byHand { $0.updateByHand(member.id, LiveSettings(pids: 7)) }
            let isRight = await eventually { await rig.steps(named: "update").count == 1 }
            #expect(isRight)
            #expect(await rig.engine.containers[member.id]?.live == member.live)
            #expect(await rig.engine.containers[member.id]?.status == .paused)
        }
    }
}
