import Reconciler
import Specs
import Synchronization
import Testing

@testable import ReconcileTesting

/// The engine goes away, comes back, and is not told more than needed.
struct EngineTests {
    private let desired = Declared.state(Declared.workload(replicas: 2))

    @Test("without an engine a single run says so")
    func awayAtOnce() async throws {
        let rig = Rig()
        await rig.engine.stopEngine()
        await #expect(throws: DriverError.self) { try await rig.settle(desired) }
        let status = await rig.controller.status()
        #expect(!status.engine.reachable)
        #expect(status.engine.message?.contains("cannot be reached") == true)
    }

    @Test("an engine that is away for a while loses nothing", arguments: [true, false])
    func awayForAWhile(crashes: Bool) async throws {
        let rig = Rig()
        try await rig.running(desired) {
            await rig.converge()
            if crashes { await rig.engine.crashEngine() } else { await rig.engine.stopEngine() }
            #expect(await eventually { await rig.controller.status().engine.reachable == false })
            await rig.engine.startEngine()
            await rig.converge()
            #expect(await rig.runningNames == ["web-0-1", "web-1-1"])
        }
    }

    @Test("an engine that is away at the start is waited for")
    func awayAtStart() async throws {
        let rig = Rig()
        await rig.engine.stopEngine()
        try await rig.running(desired) {
            #expect(await eventually { await rig.controller.status().engine.message != nil })
            await rig.engine.startEngine()
            await rig.converge()
        }
    }

    @Test("an event wakes the controller long before the next full look")
    func hints() async throws {
        let rig = Rig(settings: Rig.withoutResync)
        try await rig.running(desired) {
            await rig.converge()
            #expect(await eventually { await !rig.engine.listeners.isEmpty })
            for _ in 0..<4 {
                await rig.engine.stopByHand(try await rig.id(of: "web-1-1"))
                #expect(await eventually { await rig.runningNames == ["web-0-1", "web-1-1"] })
            }
            // One at the start, and one when the event stream was open.
            #expect(await rig.engine.counters.observations <= 2)
        }
    }

    @Test("a change leads to a look that began after it, whatever look is under way")
    func looksAfterChange() async throws {
        let isHeldUp = Mutex(true)
        let rig = Rig(settings: Rig.withoutResync) { engine in
            var driver = WillfulDriver(engine: engine) { _, _ in nil }
            driver.handOver = { _ in _ = await eventually { !isHeldUp.withLock { $0 } } }
            return driver
        }
        let controller = rig.controller
        let first = Task {
            await controller.setDesired(desired); try await controller.run(.forever)
        }
        #expect(await eventually { await rig.engine.counters.observations == 1 })
        // Made after the first look, and without any event.
        await rig.engine.addContainerByHand(name: "web-0-1")
        let second = Task { await controller.setDesired(desired) }
        await Task.yield()
        isHeldUp.withLock { $0 = false }
        await second.value
        #expect(await rig.engine.counters.observations >= 2)
        #expect(await eventually { await controller.status().stall == "NameConflict" })
        first.cancel()
        try await first.value
    }

    @Test("a step's answer that is older than an event does not hide what the event told")
    func oldAnswer() async throws {
        let rig = Rig(settings: Rig.withoutResync) { engine in
            WillfulDriver(engine: engine) { step, engine throws(DriverError) in
                guard case .start(let reference) = step, await engine.steps.filter({ $0.name == "start" }).isEmpty
                else {
                    return nil
                }
                let answer = try await engine.apply(step)
                let before = await engine.counters.inspections
                await engine.stopByHand(reference.id)
                // Either the controller looks at once, or it keeps the event for when the step is over.
                _ = await eventually(within: .milliseconds(200)) { await engine.counters.inspections > before + 1 }
                return answer
            }
        }
        try await rig.running(Declared.state(Declared.workload())) {
            #expect(await eventually { await rig.steps(named: "start").count == 2 }, "nobody noticed")
            await rig.converge()
        }
    }

    @Test("a full observation that began before a step ended does not undo what the step brought back")
    func oldObservation() async throws {
        let isSeen = Mutex(false)
        let rig = Rig { engine in
            var driver = WillfulDriver(engine: engine) { step, engine throws(DriverError) in
                guard case .start = step else { return nil }
                _ = await eventually { isSeen.withLock { $0 } }
                return try await engine.apply(step)
            }
            driver.handOver = { state in
                guard state.containers.values.contains(where: { $0.status == .created }) else { return }
                isSeen.withLock { $0 = true }
                _ = await eventually { await engine.containers.values.contains { $0.status == .running } }
                // Long enough for the answer of the step to arrive first; if it does not, the test shows nothing.
                try? await Task.sleep(for: .milliseconds(50))
            }
            return driver
        }
        try await rig.running(Declared.state(Declared.workload())) {
            await rig.converge()
            let observations = await rig.engine.counters.observations
            #expect(await eventually { await rig.engine.counters.observations > observations + 2 })
            #expect(await rig.steps(named: "start").count == 1)
        }
    }

    @Test("what is about to be taken away is looked at once more, and stays if it is good again")
    func looksBeforeTakingAway() async throws {
        let rig = Rig()
        let template = ContainerTemplate(image: "web:1", healthCheck: HealthCheck(command: ["ok"]))
        let desired = Declared.state(Declared.workload(template))
        try await rig.settle(desired)
        let id = try await rig.id(of: "web-0-1")
        await rig.engine.setHealth(id, .unhealthy)
        let before = await rig.engine.counters.inspections
        await rig.engine.setLatency { [engine = rig.engine] _ in
            if await engine.counters.inspections > before { await engine.setHealth(id, .healthy) }
        }
        #expect(try await rig.settle(desired).isConverged)
        #expect(await rig.engine.counters.inspections > before, "it was not planned at all")
        #expect(await rig.steps(named: "stop").isEmpty)
    }

    @Test("a broken event stream is opened again, and everything is looked at")
    func streamLost() async throws {
        let rig = Rig(settings: Rig.withoutResync)
        try await rig.running(desired) {
            await rig.converge()
            #expect(await eventually { await !rig.engine.listeners.isEmpty })
            await rig.engine.endListeners()
            await rig.engine.stopByHand(try await rig.id(of: "web-1-1"))
            #expect(await eventually { await rig.runningNames == ["web-0-1", "web-1-1"] })
        }
    }

    @Test("a container that could not be read is not made a second time")
    func unreadContainer() async throws {
        let rig = Rig()
        try await rig.running(desired) {
            await rig.converge()
            let before = await (rig.engine.counters, Set(rig.engine.containers.keys))
            for _ in 0..<5 { await rig.engine.failNextObservation(.incomplete) }
            #expect(await eventually { await rig.engine.counters.observations > before.0.observations + 8 })
            #expect(await rig.engine.counters.writes == before.0.writes)
            #expect(await Set(rig.engine.containers.keys) == before.1)
        }
    }

    @Test("a quiet host is only read")
    func quiet() async throws {
        let rig = Rig()
        try await rig.running(desired) {
            await rig.converge()
            let before = await rig.engine.counters
            #expect(await eventually { await rig.engine.counters.observations > before.observations + 3 })
            #expect(await rig.engine.counters.writes == before.writes)
        }
    }

    @Test("a step in flight is finished when the controller is told to stop, and none begins after it")
    func stopFinishesSteps() async throws {
        let rig = Rig(settings: Rig.withoutResync)
        let (reached, arrive) = AsyncStream.makeStream(of: Void.self)
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        await rig.engine.setLatency { step in
            guard case .createContainer = step else { return }
            arrive.yield()
            for await _ in gate { break }
        }
        await rig.controller.setDesired(Declared.state(Declared.workload()))
        let controller = rig.controller
        let run = Task { try await controller.run(.forever) }
        for await _ in reached { break }
        run.cancel()
        open.yield()
        try await run.value
        #expect(await rig.engine.containers.count == 1)
        #expect(try rig.store.load().incarnations.count == 1)
        #expect(await rig.steps(named: "start").isEmpty)
    }

    @Test("an observation that may have missed something takes nothing away")
    func incomplete() async throws {
        // A look of its own accord would use up one of the observations that are incomplete.
        let rig = Rig(settings: Rig.withoutResync)
        try await rig.settle(desired)
        for _ in 0..<Rig.quick.failuresBeforeStall { await rig.engine.failNextObservation(.incomplete) }
        let status = try await rig.settle(Declared.state(Declared.workload(replicas: 1)))
        #expect(await rig.runningNames == ["web-0-1", "web-1-1"])
        #expect(status.objects.first?.conditions.first?.reason == "IncompleteObservation")
        #expect(try await rig.settle(Declared.state(Declared.workload(replicas: 1))).isConverged)
        #expect(await rig.runningNames == ["web-0-1"])
    }

    @Test("a run in which everything is held ends, and has changed nothing")
    func held() async throws {
        let rig = Rig()
        let pool = Declared.pool(hosts: .init(matchLabels: [:]))
        let status = try await rig.settle(Declared.state(Declared.workload(), pools: [pool]))
        #expect(status.objects.first?.conditions.first?.reason == "NoCoordinator")
        #expect(await rig.engine.counters.writes == 0)
    }

    @Test("a state store that cannot be read is no reason to guess")
    func brokenStore() async throws {
        let rig = Rig()
        rig.store.fail(with: StateStoreError(.unavailable, "disk is gone"))
        await #expect(throws: DriverError.self) { try await rig.settle(desired) }
        #expect(await rig.engine.counters.writes == 0)
    }
}
