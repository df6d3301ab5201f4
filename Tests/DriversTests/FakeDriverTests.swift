import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What the twin adds to the contract: faults and edits that a test asks for.
struct FakeDriverTests {
    private let owner = "me"
    private let object = ResourceID(.workload, "web")

    private var network: NetworkIntent {
        NetworkIntent(
            name: "reconcile-web", mark: OwnershipMark(owner: owner, object: object), bridge: "rc-1",
            subnet: "10.0.0.0/24")
    }

    private func intent(slot: Int = 0) -> MemberIntent {
        let member = OwnershipMark.Member(slot: slot, incarnation: 1, recreateHash: "v1;image=0")
        return MemberIntent(
            name: "web-\(slot)-1", mark: OwnershipMark(owner: owner, object: object, member: member),
            container: ContainerIntent(template: ContainerTemplate(image: "app:1"), network: network.name))
    }

    private func started(on driver: FakeDriver) async throws -> ObservedContainer {
        _ = try await driver.apply(.createNetwork(network))
        _ = try await driver.apply(.createContainer(intent()))
        let created = try #require(try await driver.observe(Interest(owner: owner)).containers.values.first)
        _ = try await driver.apply(.start(ContainerReference(created)))
        return try #require(try await driver.observe(container: created.id, owner: owner))
    }

    @Test("the same calls give the same world")
    func isDeterministic() async throws {
        let first = try await started(on: FakeDriver(images: ["app:1"]))
        let second = try await started(on: FakeDriver(images: ["app:1"]))
        #expect(first == second)
        #expect(first.id.count == 64)
    }

    @Test("a lost answer hides whether the step happened", arguments: [StepFault.loseReply, .loseRequest])
    func loses(fault: StepFault) async throws {
        let driver = FakeDriver(images: ["app:1"])
        await driver.failNext(fault) { if case .createContainer = $0 { true } else { false } }
        _ = try await driver.apply(.createNetwork(network))
        let error = await driverError { () async throws(DriverError) in
            try await driver.apply(.createContainer(intent()))
        }
        #expect(error?.disposition == .unknown)
        let state = try await driver.observe(Interest(owner: owner))
        #expect(state.containers.count == (fault == .loseReply ? 1 : 0))
        #expect(await driver.pendingFaults == 0)
    }

    @Test("a refusal is used up by the step that it fits")
    func refuses() async throws {
        let driver = FakeDriver(images: ["app:1"])
        let noSpace = DriverError(.transient, .noSpace, "no space left on device", at: "test")
        await driver.failNext(.refuse(noSpace)) { if case .createVolume = $0 { true } else { false } }
        let mark = OwnershipMark(owner: owner, object: object)
        _ = try await driver.apply(.createNetwork(network))
        let error = await driverError { () async throws(DriverError) in
            try await driver.apply(.createVolume(name: "data", mark: mark))
        }
        #expect(error == noSpace)
        #expect(
            try await driver.apply(.createVolume(name: "data", mark: mark))
                == .volume(ObservedVolume(name: "data", mark: mark)))
        #expect(await driver.counters.writes == 3)
    }

    @Test("an engine that crashes takes its containers along, and comes back without them running")
    func crashes() async throws {
        let driver = FakeDriver(images: ["app:1"])
        let container = try await started(on: driver)
        let changes = try await driver.changes(owner: owner)
        await driver.crashEngine()
        for await _ in changes { Issue.record("an engine that is gone gives no hints") }
        let error = await driverError { () async throws(DriverError) in try await driver.observe(Interest(owner: owner))
        }
        #expect(error?.disposition == .transient)
        await driver.startEngine()
        let after = try await driver.observe(container: container.id, owner: owner)
        #expect(after?.status == .exited)
        #expect(after?.exitCode == 255)
    }

    @Test("edits by hand are seen, and hinted at")
    func edits() async throws {
        let driver = FakeDriver(images: ["app:1"])
        let container = try await started(on: driver)
        let changes = try await driver.changes(owner: owner)
        await driver.pauseByHand(container.id)
        await driver.renameByHand(container.id, to: "other")
        await driver.updateByHand(container.id, LiveSettings(pids: 3, restartPolicy: "always"))
        let edited = try await driver.observe(container: container.id, owner: owner)
        #expect(edited?.status == .paused)
        #expect(edited?.name == "other")
        #expect(edited?.live == LiveSettings(pids: 3, restartPolicy: "always"))
        await driver.stopByHand(container.id)
        await driver.removeByHand(container.id)
        await driver.endListeners()
        var events: [String] = []
        for await hint in changes { events.append(hint.event) }
        #expect(events == ["pause", "rename", "update", "die", "destroy"])
        #expect(try await driver.observe(container: container.id, owner: owner) == nil)
    }

    @Test("memory in use refuses a smaller limit, and the whole update with it")
    func memoryInUse() async throws {
        let driver = FakeDriver(images: ["app:1"])
        let container = try await started(on: driver)
        await driver.setMemoryInUse(container.id, 64 << 20)
        let error = await driverError { () async throws(DriverError) in
            try await driver.apply(.update(ContainerReference(container), LiveSettings(memory: 32 << 20, pids: 5)))
        }
        #expect(error?.code == .memoryInUse)
        #expect(try await driver.observe(container: container.id, owner: owner)?.live == container.live)
    }

    @Test("foreign things are shown as foreign")
    func foreign() async throws {
        let driver = FakeDriver()
        let id = await driver.addContainerByHand(name: "theirs")
        await driver.addNetworkByHand(name: "theirs", bridge: "br-1", subnets: ["10.0.0.0/8"])
        let state = try await driver.observe(Interest(owner: owner))
        #expect(state.foreignNames == ["theirs": id])
        #expect(state.containers.isEmpty)
        #expect(state.networks["theirs"]?.mark == nil)
        let error = await driverError { () async throws(DriverError) in try await driver.apply(.createNetwork(network))
        }
        #expect(error?.disposition == .conflict)
    }

    @Test("an observation fails or is incomplete when a test says so")
    func observationFaults() async throws {
        let driver = FakeDriver()
        await driver.failNextObservation(.incomplete)
        #expect(try await driver.observe(Interest(owner: owner)).isComplete == false)
        #expect(try await driver.observe(Interest(owner: owner)).isComplete)
    }
}
