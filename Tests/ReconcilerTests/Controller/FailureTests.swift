import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What goes wrong with steps, and what the controller makes of it.
struct FailureTests {
    /// Whose run takes every kind of step: a first start, hand edits, a rollout, and an end.
    private static func states() -> [DesiredState] {
        func state(_ image: String, replicas: Int) -> DesiredState {
            let template = ContainerTemplate(
                image: image, mounts: [Mount(.volume("data"), target: "/data")],
                healthCheck: HealthCheck(command: ["ok"]))
            return Declared.state(Declared.workload(replicas: replicas, template), revision: image)
        }
        return [
            state("web:1", replicas: 2), state("web:2", replicas: 2), state("web:2", replicas: 1), Declared.state(),
        ]
    }

    private static let stepNames = [
        "pull-image", "create-network", "create-volume", "create-container", "start", "probe", "update", "unpause",
        "rename", "stop", "remove", "remove-network",
    ]

    private static let faults: [StepFault] = [
        .loseReply, .loseRequest, .refuse(DriverError(.transient, .serverError, "busy", at: "test")),
        .refuse(DriverError(.conflict, .conflict, "moved", at: "test")),
    ]

    @Test("a fault of any step heals, and nothing is made twice", arguments: stepNames, faults)
    func heals(step name: String, fault: StepFault) async throws {
        let rig = Rig(images: [])
        for image in ["web:1", "web:2"] { await rig.engine.publishByHand(image, id: image) }
        await rig.engine.failNext(fault) { $0.name == name }
        for (index, desired) in Self.states().enumerated() {
            #expect(try await rig.settle(desired).isConverged)
            if index == 0 { try await edit(rig) }
        }
        #expect(await rig.engine.pendingFaults == 0, "no step of this name was taken")
        #expect(await rig.engine.containers.isEmpty)
        #expect(await rig.engine.networks.isEmpty)
        #expect(try rig.store.load().incarnations.values.allSatisfy { $0 == 2 }, "a container was made twice")
    }

    private func edit(_ rig: Rig) async throws {
        await rig.engine.pauseByHand(try await rig.id(of: "web-0-1"))
        await rig.engine.renameByHand(try await rig.id(of: "web-1-1"), to: "mine")
        await rig.engine.updateByHand(try await rig.id(of: "mine"), LiveSettings(pids: 7))
        #expect(try await rig.settle(Self.states()[0]).isConverged)
    }

    @Test("what the engine refuses for good stalls one member and delays no other")
    func terminal() async throws {
        let refusal = DriverError(.terminal, .badRequest, "bad mount", at: "POST /containers/create")
        let rig = Rig { engine in
            WillfulDriver(engine: engine) { step, _ throws(DriverError) in
                if case .createContainer(let intent) = step, intent.name == "web-1-1" { throw refusal }
                return nil
            }
        }
        let status = try await rig.settle(Declared.state(Declared.workload(replicas: 3)))
        #expect(await rig.runningNames == ["web-0-1", "web-2-1"])
        #expect(status.stall == "Refused")
        #expect(status.objects.first?.conditions.first?.message == "POST /containers/create: bad mount")
    }

    @Test("a transient error that never ends stalls a single run, and only that")
    func transientForEver() async throws {
        let busy = DriverError(.transient, .portTaken, "port 80 is already allocated", at: "start")
        let rig = Rig { engine in
            WillfulDriver(engine: engine) { step, _ throws(DriverError) in
                if case .start = step { throw busy }
                return nil
            }
        }
        let status = try await rig.settle(Declared.state(Declared.workload()))
        #expect(status.stall == "Refused")
    }

    @Test("a stalled member goes on with the next revision")
    func nextRevision() async throws {
        let rig = Rig(images: ["web:2"])
        #expect(try await rig.settle(Declared.state(Declared.workload())).stall == "Refused")
        let fixed = Declared.state(Declared.workload(ContainerTemplate(image: "web:2")))
        #expect(try await rig.settle(fixed).isConverged)
    }

    @Test("pulls that take for ever keep no other key from its work")
    func slowPulls() async throws {
        let rig = Rig(images: ["web:1"], settings: Rig.withoutResync) { engine in
            WillfulDriver(engine: engine) { step, _ throws(DriverError) in
                guard case .pullImage = step else { return nil }
                // Ends with its task.
                for await _ in AsyncStream<Never>.makeStream().stream {}
                throw DriverError(.transient, .pullFailed, "given up", at: "test")
            }
        }
        // More of them than there are workers.
        let slow = (0..<8).map { Declared.warmPool("a\($0)", ContainerTemplate(image: "slow:\($0)")) }
        try await rig.running(Declared.state(Declared.workload("web"), warmPools: slow)) {
            #expect(await eventually { await rig.runningNames == ["web-0-1"] })
        }
    }

    @Test("two containers whose names were swapped get them back")
    func swappedNames() async throws {
        let rig = Rig()
        let desired = Declared.state(Declared.workload(replicas: 2))
        try await rig.settle(desired)
        let ids = [try await rig.id(of: "web-0-1"), try await rig.id(of: "web-1-1")]
        await rig.engine.renameByHand(ids[0], to: "swap")
        await rig.engine.renameByHand(ids[1], to: "web-0-1")
        await rig.engine.renameByHand(ids[0], to: "web-1-1")
        #expect(try await rig.settle(desired).isConverged)
        #expect(try await [rig.id(of: "web-0-1"), rig.id(of: "web-1-1")] == ids)
    }

    @Test("a name of somebody else stalls until it is free again")
    func nameConflict() async throws {
        let rig = Rig()
        let foreign = await rig.engine.addContainerByHand(name: "web-0-1")
        try await rig.running(Declared.state(Declared.workload())) {
            #expect(await eventually { await rig.controller.status().stall == "NameConflict" })
            #expect(await rig.runningNames == ["web-0-1"])
            await rig.engine.removeByHand(foreign)
            await rig.converge()
        }
    }

    @Test("an update that the engine ignores is tried once and then reported", arguments: ["update", "rename"])
    func ignoredRepair(name: String) async throws {
        let rig = Rig { engine in
            WillfulDriver(engine: engine) { step, engine throws(DriverError) in
                guard step.name == name else { return nil }
                let id = step.container ?? ""
                return .container(id: id, try await engine.observe(container: id, owner: "default"))
            }
        }
        let desired = Declared.state(Declared.workload())
        try await rig.settle(desired)
        let id = try await rig.id(of: "web-0-1")
        await rig.engine.updateByHand(id, LiveSettings(pids: name == "update" ? 7 : nil))
        if name == "rename" { await rig.engine.renameByHand(id, to: "mine") }
        #expect(try await rig.settle(desired).stall == "NotConverged")
    }

    @Test(
        "a container that never comes out as asked for is not made again and again",
        arguments: [RolloutStrategy.Kind.rolling, .recreate])
    func drifting(strategy: RolloutStrategy.Kind) async throws {
        let rig = Rig { engine in
            WillfulDriver(engine: engine) { step, engine throws(DriverError) in
                guard case .createContainer = step else { return nil }
                guard case .container(let id, _) = try await engine.apply(step) else { return nil }
                await engine.updateByHand(id, LiveSettings(nanoCPUs: 1_000_000_000))
                return .container(id: id, try await engine.observe(container: id, owner: "default"))
            }
        }
        try await rig.running(Declared.state(Declared.workload(strategy: strategy))) {
            #expect(await eventually { await rig.controller.status().stall == "NotConverged" })
            let made = await rig.steps(named: "create-container").count
            #expect(made <= 2, "\(made)")
            let observations = await rig.engine.counters.observations
            #expect(await eventually { await rig.engine.counters.observations > observations + 3 })
            #expect(await rig.steps(named: "create-container").count == made)
        }
    }

    @Test("a member that keeps stopping is started later and later")
    func crashLoop() async throws {
        let rig = Rig(settings: Rig.withoutResync)
        await rig.engine.setLatency { [engine = rig.engine] step in
            if step == nil { for id in await engine.containers.keys { await engine.stopByHand(id, exitCode: 1) } }
        }
        try await rig.running(Declared.state(Declared.workload())) {
            let begin = ContinuousClock.now
            await crash(rig, untilStarts: 3)
            // The first restart is immediate, the second comes a second after the first.
            #expect(ContinuousClock.now - begin > .milliseconds(900))
        }
    }

    @Test("a daemon says that a member keeps stopping, and goes on starting it")
    func crashLoopOfDaemon() async throws {
        var settings = Rig.withoutResync
        settings.failuresBeforeStall = 2
        let rig = Rig(settings: settings)
        await rig.engine.setLatency { [engine = rig.engine] step in
            if step == nil { for id in await engine.containers.keys { await engine.stopByHand(id, exitCode: 1) } }
        }
        try await rig.running(Declared.state(Declared.workload())) {
            await crash(rig, untilStarts: 2)
            let reasons = await rig.controller.status().objects.flatMap(\.conditions).map {
                "\($0.type.rawValue) \($0.reason)"
            }
            #expect(reasons == ["Ready CrashLoop", "Reconciling CrashLoop"])
            await crash(rig, untilStarts: 3)
        }
    }

    /// Makes the container end whenever it runs, until it was started so often.
    private func crash(_ rig: Rig, untilStarts count: Int) async {
        let enough = await eventually {
            for id in await rig.engine.containers.keys { await rig.engine.stopByHand(id, exitCode: 1) }
            return await rig.steps(named: "start").count >= count
        }
        #expect(enough)
    }

    @Test("in a single run a member that keeps stopping ends as a crash loop")
    func crashLoopOnce() async throws {
        var settings = Rig.withoutResync
        settings.failuresBeforeStall = 2
        let rig = Rig(settings: settings)
        await rig.engine.setLatency { [engine = rig.engine] step in
            guard case .probe(let reference, _) = step else { return }
            await engine.stopByHand(reference.id, exitCode: 1)
        }
        let template = ContainerTemplate(image: "web:1", healthCheck: HealthCheck(command: ["ok"]))
        let status = try await rig.settle(Declared.state(Declared.workload(template)))
        #expect(status.stall == "CrashLoop")
        #expect(await rig.steps(named: "start").count == 2)
    }
}

extension Step {
    /// The container that the step is about.
    fileprivate var container: String? {
        switch self {
        case .update(let reference, _), .rename(let reference, _): reference.id
        default: nil
        }
    }
}
