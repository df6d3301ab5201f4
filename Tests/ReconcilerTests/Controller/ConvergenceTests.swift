import ReconcileTesting
import Reconciler
import Specs
import Testing

struct ConvergenceTests {
    private let three = Declared.state(Declared.workload(replicas: 3), warmPools: [Declared.warmPool(size: 2)])

    @Test("an empty host becomes what git says, and a second run changes nothing")
    func fromNothing() async throws {
        let rig = Rig(images: [])
        await rig.engine.publishByHand("web:1", id: "sha256:w")
        await rig.engine.publishByHand("agent:1", id: "sha256:a")
        let status = try await rig.settle(three)
        #expect(status.isConverged)
        #expect(await rig.runningNames == ["agents-0-1", "agents-1-1", "web-0-1", "web-1-1", "web-2-1"])
        #expect(status.objects.map(\.ready) == [2, 3])
        let writes = await rig.engine.counters.writes
        #expect(try await rig.settle(three).isConverged)
        #expect(await rig.engine.counters.writes == writes)
    }

    @Test("what a person did to a member is undone", arguments: HandEdit.all)
    func heals(_ edit: HandEdit) async throws {
        let rig = Rig(settings: Rig.withoutResync)
        var limits = Resources(cpus: CPUQuantity(nanoCPUs: 500_000_000), memory: ByteQuantity(bytes: 64 << 20))
        limits.oomScoreAdjustment = 500
        let desired = Declared.state(
            Declared.workload(replicas: 2, ContainerTemplate(image: "web:1", resources: limits)))
        try await rig.running(desired) {
            await rig.converge()
            let before = await rig.engine.counters.writes
            await edit.apply(rig.engine, try await rig.id(of: "web-0-1"))
            #expect(await eventually { await rig.engine.counters.writes > before }, "nobody noticed")
            await rig.converge()
            #expect(await rig.runningNames == ["web-0-\(edit.incarnation)", "web-1-1"])
        }
    }

    @Test("what no event tells is found by the next full look")
    func resync() async throws {
        let rig = Rig()
        try await rig.running(three) {
            await rig.converge()
            await rig.engine.removeNetworkByHand("reconcile-web")
            #expect(await eventually { await rig.engine.networks["reconcile-web"] != nil })
        }
    }

    @Test("scaled down members and what is no longer declared go, networks last")
    func takesAway() async throws {
        let rig = Rig()
        try await rig.settle(three)
        let smaller = Declared.state(Declared.workload(replicas: 1))
        let before = await rig.engine.steps.count
        #expect(try await rig.settle(smaller).isConverged)
        #expect(await rig.runningNames == ["web-0-1"])
        #expect(await rig.engine.containers.count == 1)
        #expect(await rig.engine.networks.keys.sorted() == ["reconcile-web"])
        let steps = await rig.engine.steps.dropFirst(before)
        #expect(Set(steps.map(\.name)) == ["stop", "remove", "remove-network"])
        let lastAgent = steps.lastIndex {
            if case .remove(let reference) = $0 { reference.member.object.kind == .warmPool } else { false }
        }
        let network = steps.firstIndex { $0.name == "remove-network" }
        #expect(try #require(lastAgent) < #require(network))
    }

    @Test("an object of another kind takes over a name in one run")
    func kindChange() async throws {
        let rig = Rig()
        try await rig.settle(Declared.state(Declared.workload()))
        let pool = Declared.state(warmPools: [Declared.warmPool("web", ContainerTemplate(image: "web:1"))])
        let status = try await rig.settle(pool)
        #expect(status.isConverged, "\(status.objects)")
        #expect(await rig.engine.networks.count == 1)
    }

    @Test("the incarnation goes on where it was, even when nothing is left of the last one")
    func incarnations() async throws {
        let rig = Rig()
        try await rig.settle(Declared.state(Declared.workload()))
        await rig.engine.removeByHand(try await rig.id(of: "web-0-1"))
        let restarted = Rig(engine: rig.engine, store: rig.store)
        #expect(try await restarted.settle(Declared.state(Declared.workload())).isConverged)
        #expect(await rig.runningNames == ["web-0-2"])
    }

    @Test("two owners on one engine leave each other alone")
    func owners() async throws {
        let rig = Rig()
        let theirs = OwnershipMark(
            owner: "staging", object: ResourceID(.workload, "web"),
            member: .init(slot: 0, incarnation: 1, recreateHash: "v1;image=0"))
        await rig.engine.addContainerByHand(name: "theirs", labels: theirs.labels)
        #expect(try await rig.settle(Declared.state(Declared.workload())).isConverged)
        #expect(await rig.runningNames == ["theirs", "web-0-1"])
    }
}

/// Something that a person does to the container `web-0-1`.
struct HandEdit: Sendable, CustomTestStringConvertible {
    let name: String
    /// Of the container that fills the slot afterwards.
    var incarnation = 1
    let apply: @Sendable (FakeDriver, String) async -> Void

    var testDescription: String { name }

    static let all: [HandEdit] = [
        HandEdit(name: "docker stop") { await $0.stopByHand($1) },
        HandEdit(name: "docker pause") { await $0.pauseByHand($1) },
        HandEdit(name: "docker rename") { await $0.renameByHand($1, to: "mine") },
        HandEdit(name: "docker rm -f", incarnation: 2) { await $0.removeByHand($1) },
        HandEdit(name: "docker update --cpus") {
            await $0.updateByHand($1, LiveSettings(nanoCPUs: 1_000_000_000, memory: 64 << 20, memorySwap: 128 << 20))
        },
        HandEdit(name: "a write to cpu.cfs_quota_us and cpuset.cpus, which the engine does not know of") {
            await $0.editKernelByHand($1) { live, _ in
                live.nanoCPUs = nil
                live.cpuset = "1"
            }
        },
        HandEdit(name: "a write to oom_score_adj, which no update puts right", incarnation: 2) {
            await $0.editKernelByHand($1) { _, kernel in kernel.oomScoreAdjustment = -900 }
        },
        HandEdit(name: "docker update --restart") {
            await $0.updateByHand(
                $1,
                LiveSettings(nanoCPUs: 500_000_000, memory: 64 << 20, memorySwap: 128 << 20, restartPolicy: "always"))
        },
        HandEdit(name: "docker update --pids-limit") {
            await $0.updateByHand(
                $1, LiveSettings(nanoCPUs: 500_000_000, memory: 64 << 20, memorySwap: 128 << 20, pids: 7))
        },
    ]
}
