import FoundationEssentials
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import Drivers

/// Members that become somebody's, on a real engine: what only a container can show.
@Suite("bindings on a real engine", .timeLimit(.minutes(3)))
struct BindingTests {
    /// Members of a pool that run, on the engine's own network.
    private struct Bench {
        let place: ClaimPlace
        let engine: EngineUnderTest
        let driver: DockerDriver<UnixSocketTransport>
        let name = "bind\(UInt32.random(in: 0x1000_0000 ... .max))"

        var owner: String { name }

        func intent(_ slot: Int) -> MemberIntent {
            let member = OwnershipMark.Member(slot: slot, incarnation: 1, recreateHash: "v1;image=0")
            let mark = OwnershipMark(owner: owner, object: ResourceID(.warmPool, name), member: member)
            let template = ContainerTemplate(image: engine.image, command: ["sleep", "300"], stopTimeout: .zero)
            var container = ContainerIntent(template: template, network: "bridge")
            container.claimRoot = place.root
            return MemberIntent(name: "\(name)-\(slot)-1", mark: mark, container: container)
        }

        func start(_ slot: Int) async throws -> ObservedContainer {
            guard case .container(_, let created?) = try await driver.apply(.createContainer(intent(slot))),
                case .container(_, let started?) = try await driver.apply(.start(ContainerReference(created)))
            else { throw BenchFailure() }
            return started
        }

        func binding(_ number: UInt64, _ member: ObservedContainer) -> ClaimBinding {
            ClaimBinding(
                claim: .sample(number, container: member.name, id: member.id), container: ContainerReference(member))
        }

        /// What a command in the container prints.
        func output(_ member: ObservedContainer, _ command: String) async throws -> String {
            let result = try await engine.client().exec(["sh", "-c", command], in: member.id, deadline: .seconds(10))
            return String(decoding: result.output, as: UTF8.self)
        }
    }

    private struct BenchFailure: Error {}

    private func with(_ count: Int, _ body: (Bench, [ObservedContainer]) async throws -> Void) async throws {
        let engine = try await EngineUnderTest.shared()
        let place = try ClaimPlace()
        let bench = Bench(place: place, engine: engine, driver: engine.driver(members: place.members))
        let outcome: Result<Void, any Error>
        do {
            var members: [ObservedContainer] = []
            for slot in 0..<count { members.append(try await bench.start(slot)) }
            try await body(bench, members)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        for container in try await bench.driver.observe(Interest(owner: bench.owner)).containers.values {
            let reference = ContainerReference(container)
            _ = try? await bench.driver.apply(.unpause(reference))
            _ = try? await bench.driver.apply(.stop(reference, timeout: .zero))
            _ = try? await bench.driver.apply(.remove(reference))
        }
        place.remove()
        try outcome.get()
    }

    @Test("a member finds what its claim brings, cannot change it, and sees nothing of others")
    func content() async throws {
        try await with(2) { bench, members in
            let before = try await bench.output(members[0], "ls -a /run/reconcile")
            #expect(before == ".\n..\n")
            var binding = bench.binding(1, members[0])
            binding.environment = ["TOKEN": "it's secret"]
            binding.files = [ClaimRequest.File(name: "key", bytes: Array("pem".utf8))]
            #expect(try await bench.driver.bind(binding) == .bound)

            let seen = try await bench.output(
                members[0], ". /run/reconcile/env; echo $TOKEN; cat /run/reconcile/files/key; ls /run/reconcile")
            #expect(seen == "it's secret\npemclaim.json\nenv\nenv.json\nfiles\n")
            let written = try await bench.output(
                members[0],
                """
                (echo x > /run/reconcile/claim.json; rm /run/reconcile/env; touch /run/reconcile/new) 2>/dev/null
                ls /run/reconcile
                """
            )
            #expect(written.hasSuffix("claim.json\nenv\nenv.json\nfiles\n"))
            #expect(try await bench.output(members[1], "ls /run/reconcile; ls /run") == "reconcile\n")
            #expect(
                try await bench.driver.observe(container: members[0].id, owner: bench.owner)?.hasClaimFolder == true)
        }
    }

    @Test("a plain binding asks the engine nothing")
    func withoutEngine() async throws {
        try await with(1) { bench, members in
            // A driver that has seen the member, and whose engine is gone.
            let proxied = try await EngineProxy.with(engine: bench.engine.socketPath) { proxy in
                let client = DockerClient(UnixSocketTransport(EngineAddress(socketPath: proxy.socketPath)))
                let driver = DockerDriver(
                    client, preflight: LocalPreflight(EngineAddress(socketPath: bench.engine.socketPath)),
                    members: bench.place.members)
                _ = try await driver.observe(container: members[0].id, owner: bench.owner)
                proxy.forget()
                #expect(try await driver.bind(bench.binding(1, members[0])) == .bound)
                return proxy.calls.count
            }
            #expect(proxied == 0)
        }
    }

    @Test("a container that has died is lost, whatever was seen of it before")
    func dead() async throws {
        try await with(2) { bench, members in
            try await bench.engine.client().stopContainer(members[0].id, timeout: .zero)
            guard case .lost(let why) = try await bench.driver.bind(bench.binding(1, members[0])) else {
                Issue.record("a dead container was had")
                return
            }
            #expect(why.contains("does not run"))
            #expect(try bench.place.members.claims().isEmpty)
        }
    }

    @Test("a member before which there is another folder by now is not handed out")
    func otherFolder() async throws {
        try await with(1) { bench, members in
            try FileManager.default.removeItem(atPath: bench.place.folder(members[0].name))
            let missing = try await bench.driver.observe(container: members[0].id, owner: bench.owner)
            #expect(missing?.hasClaimFolder == false)
            try bench.place.members.revive(members[0].name)
            let other = try await bench.driver.observe(container: members[0].id, owner: bench.owner)
            #expect(other?.hasClaimFolder == false)
            guard case .lost = try await bench.driver.bind(bench.binding(1, members[0])) else {
                Issue.record("a member that cannot see its claim was had")
                return
            }
        }
    }

    @Test("a hook that does not end is ended at its deadline")
    func hookTimeout() async throws {
        try await with(1) { bench, members in
            var binding = bench.binding(1, members[0])
            var hook = WarmPool.Hook()
            hook.command = ["sleep", "173"]
            hook.timeout = .milliseconds(300)
            binding.hook = hook
            guard case .hookFailed(let why) = try await bench.driver.bind(binding) else {
                Issue.record("a hook that hangs is bound")
                return
            }
            #expect(why == "'sleep' did not end within 300ms")
            hook.command = ["/no/such/program"]
            let words = try await bench.driver.run(hook, in: ContainerReference(members[0]))
            #expect(words?.contains("/no/such/program") == true)
            // Out of our sight, it goes with its container.
            guard MemberSight.isInSight(members[0], bench.driver) else { return }
            let isGone = try await eventually {
                try await bench.output(members[0], "ps | grep -c '[s]leep 173'") == "0\n"
            }
            #expect(isGone)
        }
    }

    @Test("the hook sees what the claim has brought, and another member takes it over")
    func heir() async throws {
        try await with(2) { bench, members in
            var hook = WarmPool.Hook()
            hook.command = [
                "sh", "-c", "test -s /run/reconcile/claim.json && test \"$(cat /run/reconcile/files/key)\" = pem",
            ]
            var binding = bench.binding(1, members[0])
            binding.files = [ClaimRequest.File(name: "key", bytes: Array("pem".utf8))]
            binding.claim.files = ["key"]
            binding.hook = hook
            #expect(try await bench.driver.bind(binding) == .bound)
            try await bench.engine.client().stopContainer(members[0].id, timeout: .zero)

            var other = bench.binding(1, members[1])
            other.claim.files = ["key"]
            other.heir = members[0].name
            other.hook = hook
            #expect(try await bench.driver.bind(other) == .bound)
            #expect(try bench.place.members.claims().map(\.id) == [binding.claim.id, binding.claim.id])
        }
    }

    @Test("with the container go its folders, and what was removed by hand is swept")
    func removal() async throws {
        try await with(2) { bench, members in
            #expect(try await bench.driver.bind(bench.binding(1, members[0])) == .bound)
            let reference = ContainerReference(members[0])
            _ = try await bench.driver.apply(.stop(reference, timeout: .zero))
            _ = try await bench.driver.apply(.remove(reference))
            #expect(try bench.place.members.all() == [members[1].name])
            #expect(!FileManager.default.fileExists(atPath: bench.place.folder(members[0].name)))

            try await bench.engine.client().stopContainer(members[1].id, timeout: .zero)
            try await bench.engine.client().removeContainer(members[1].id)
            #expect(try bench.place.members.sweep(keeping: [], idle: .zero) == [members[1].name])
        }
    }

    @Test("what an earlier container of the name has left is not shown to the next")
    func leftovers() async throws {
        try await with(1) { bench, members in
            var binding = bench.binding(1, members[0])
            binding.environment = ["TOKEN": "secret"]
            #expect(try await bench.driver.bind(binding) == .bound)
            try await bench.engine.client().stopContainer(members[0].id, timeout: .zero)
            try await bench.engine.client().removeContainer(members[0].id)
            let next = try await bench.start(0)
            #expect(try await bench.output(next, "ls /run/reconcile").isEmpty)
            #expect(try await bench.driver.bind(bench.binding(2, next)) == .bound)
        }
    }
}

extension MemberSight {
    /// Whether the engine's processes have the numbers here that the engine gives them.
    fileprivate static func isInSight(_ member: ObservedContainer, _ driver: DockerDriver<UnixSocketTransport>) -> Bool
    {
        guard let pid = driver.observer.processes[member.id] else { return false }
        return (try? KernelFile.read("/proc/\(pid)/cgroup").contains(member.id)) == true
    }
}
