import FoundationEssentials
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import Drivers

/// What only a real engine can show, beyond the contract.
@Suite(.timeLimit(.minutes(5)))
struct EngineTests {
    private let owner = "engine-tests-\(UInt32.random(in: 0 ... .max))"

    private func intent(_ name: String, slot: Int = 0, image: String) -> MemberIntent {
        let member = OwnershipMark.Member(slot: slot, incarnation: 1, recreateHash: "v1;image=0")
        let mark = OwnershipMark(owner: owner, object: ResourceID(.workload, name), member: member)
        let template = ContainerTemplate(image: image, command: ["sleep", "300"], stopTimeout: .zero)
        // The engine's own network: nothing to make and to remove.
        return MemberIntent(
            name: "\(owner)-\(slot)", mark: mark, container: ContainerIntent(template: template, network: "bridge"))
    }

    /// Creates containers, and removes them whatever the body does.
    private func withContainers(
        _ count: Int = 1, started: Bool = true,
        _ body: (EngineUnderTest, [ObservedContainer]) async throws -> Void
    ) async throws {
        let engine = try await EngineUnderTest.shared()
        let driver = engine.driver()
        var containers: [ObservedContainer] = []
        let outcome: Result<Void, any Error>
        do {
            for slot in 0..<count {
                let step = Step.createContainer(intent("engine", slot: slot, image: engine.image))
                guard case .container(_, let created?) = try await driver.apply(step) else { continue }
                containers.append(created)
                if started { _ = try await driver.apply(.start(ContainerReference(created))) }
            }
            try await body(engine, containers)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        for container in containers {
            // Paused or gone, depending on the test: what counts is that nothing stays.
            _ = try? await driver.apply(.unpause(ContainerReference(container)))
            _ = try? await driver.apply(.stop(ContainerReference(container), timeout: .zero))
            _ = try? await driver.apply(.remove(ContainerReference(container)))
        }
        try outcome.get()
    }

    @Test("a command's output and exit code come back")
    func execs() async throws {
        try await withContainers { engine, containers in
            let id = try #require(containers.first?.id)
            let result = try await engine.client().exec(
                ["sh", "-c", "echo out; echo err >&2; exit 3"], in: id, deadline: .seconds(10))
            #expect(result.exitCode == 3)
            #expect(Set(String(decoding: result.output, as: UTF8.self).split(separator: "\n")) == ["out", "err"])
        }
    }

    @Test("a command that outlives its deadline has no exit code")
    func execDeadline() async throws {
        try await withContainers { engine, containers in
            let id = try #require(containers.first?.id)
            let result = try await engine.client().exec(["sleep", "60"], in: id, deadline: .milliseconds(300))
            #expect(result.exitCode == nil)
        }
    }

    @Test("a probe that hangs is not joined by another one")
    func hangingProbe() async throws {
        try await withContainers { engine, containers in
            let driver = engine.driver()
            let reference = ContainerReference(try #require(containers.first))
            let check = HealthCheck(command: ["sleep", "271"], timeout: .milliseconds(200))
            for _ in 0..<3 {
                guard case .container(_, let probed?) = try await driver.apply(.probe(reference, check)) else {
                    Issue.record("the container is gone")
                    return
                }
                #expect(!probed.probed)
            }
            struct Top: Decodable {
                var processes: [[String]]
                enum CodingKeys: String, CodingKey { case processes = "Processes" }
            }
            let top: Top = try await engine.client().get("/containers/\(reference.id)/top")
            #expect(top.processes.count { $0.last?.contains("sleep 271") == true } == 1, "\(top)")
        }
    }

    @Test("a paused container is observed as paused, is not probed, and is unpaused")
    func pauses() async throws {
        try await withContainers { engine, containers in
            let driver = engine.driver()
            let reference = ContainerReference(try #require(containers.first))
            _ = try await engine.client().send(.post, "/containers/\(reference.id)/pause")
            #expect(try await driver.observe(container: reference.id, owner: owner)?.status == .paused)
            let error = await driverError { () async throws(DriverError) in
                try await driver.apply(.probe(reference, HealthCheck(command: ["true"])))
            }
            #expect(error?.disposition == .conflict)
            guard case .container(_, let unpaused?) = try await driver.apply(.unpause(reference)) else {
                Issue.record("the container is gone")
                return
            }
            #expect(unpaused.status == .running)
        }
    }

    @Test("an observer over a read-only transport sees what the driver sees")
    func observesReadOnly() async throws {
        try await withContainers(3) { engine, containers in
            let transport = ReadOnlyTransport(UnixSocketTransport(EngineAddress(socketPath: engine.socketPath)))
            let observer = DockerObserver(DockerClient(transport), kernel: KernelReader())
            let interest = Interest(owner: owner, images: [engine.image])
            let seen = try await observer.observe(interest)
            let expected = try await engine.driver().observe(interest)
            #expect(seen.isComplete)
            // What is in use is another amount at each look.
            func settled(_ state: ObservedState) -> [String: ObservedContainer] {
                state.containers.mapValues { container in
                    var container = container
                    container.kernel?.memoryInUse = 0
                    return container
                }
            }
            #expect(settled(seen) == settled(expected))
            #expect(seen.containers.count == containers.count)
            #expect(APIVersion(seen.engine.apiVersion).map { $0 >= .oldest } == true)
            #expect(seen.engine.cpus > 0 && seen.engine.memory > 0)
        }
    }

    @Test("engine facts are asked for once")
    func facts() async throws {
        let client = try await EngineUnderTest.shared().client()
        let first = try await client.engineFacts()
        #expect(client.session.facts == first)
        #expect(first.version.isEmpty == false)
    }

    @Test("changes end when the listener is cancelled")
    func cancelsChanges() async throws {
        let driver = try await EngineUnderTest.shared().driver()
        let changes = try await driver.changes(owner: owner)
        let listener = Task { for await _ in changes {} }
        listener.cancel()
        await listener.value
    }

    @Test("fifty containers are observed in a moment")
    func observesMany() async throws {
        try await withContainers(50, started: false) { engine, containers in
            let driver = engine.driver()
            let interest = Interest(owner: owner, images: [engine.image])
            _ = try await driver.observe(interest)
            var best = Duration.seconds(60)
            for _ in 0..<20 {
                let start = ContinuousClock.now
                let state = try await driver.observe(interest)
                best = min(best, ContinuousClock.now - start)
                #expect(state.containers.count == containers.count)
            }
            // Builds without optimisation, and busy machines, get ten times what an optimised build needs.
            #expect(best < .milliseconds(250))
        }
    }

    @Test("each run of an engine has a start of its own, and keeps it")
    func start() async throws {
        try await PrivateEngine.with { engine in
            let observe = { () async throws -> String in
                let driver = EngineUnderTest(socketPath: engine.socketPath).driver()
                return try await driver.observe(Interest(owner: owner)).engine.start
            }
            let first = try await observe()
            #expect(!first.isEmpty)
            #expect(try await observe() == first)
            try await engine.restart()
            #expect(try await observe() != first)
        }
    }

    @Test("what was known and is not listed is inspected before it counts as gone")
    func known() async throws {
        try await withContainers(started: false) { engine, containers in
            let driver = engine.driver()
            let known = Set(containers.map(\.id) + [String(repeating: "0", count: 64)])
            // No list shows the containers of another owner as ours, nor one that never was.
            let state = try await driver.observe(Interest(owner: owner, known: known))
            #expect(Set(state.containers.keys) == Set(containers.map(\.id)))
            #expect(state.isComplete)
        }
    }

    @Test("a name that no list shows as ours is inspected as well, and the beginning of an id is no name")
    func names() async throws {
        try await withContainers(started: false) { engine, containers in
            let names = Set(containers.map(\.name) + ["no-such-name-0-1"] + containers.map { String($0.id.prefix(12)) })
            let state = try await engine.driver().observe(Interest(owner: owner, names: names))
            #expect(Set(state.containers.keys) == Set(containers.map(\.id)))
            #expect(state.isComplete)
        }
    }
}
