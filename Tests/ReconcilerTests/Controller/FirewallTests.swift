import ReconcileTesting
import Reconciler
import Specs
import Testing

/// The controller and a packet filter in memory.
struct FirewallTests {
    private let desired = Declared.state(Declared.workload(replicas: 2), policies: [Declared.policy()])

    @Test("rules are applied once, before anything else is made")
    func firstStart() async throws {
        let rig = Rig()
        #expect(try await rig.settle(desired).isConverged)
        let names = await rig.engine.steps.map(\.name).filter { $0 != "pull-image" }
        #expect(names.first == "apply-firewall")
        #expect(names.count { $0 == "apply-firewall" } == 1)
    }

    @Test("rules that somebody flushed come back at once, and the time in between is measured")
    func drift() async throws {
        let rig = Rig(settings: Rig.withoutResync)
        try await rig.running(desired) {
            await rig.converge()
            await rig.engine.flushFilterByHand()
            #expect(await eventually { await !rig.engine.filter.rules.isEmpty })
            await rig.converge()
            let meter = await rig.controller.report().figures.firewall
            #expect(meter.timeOpen.count == 1 && meter.open == 0)
        }
    }

    @Test("what no event tells is found by the next full look")
    func resync() async throws {
        let rig = Rig()
        try await rig.running(desired) {
            await rig.converge()
            await rig.engine.dropRulesSilently()
            #expect(await eventually { await !rig.engine.filter.rules.isEmpty })
        }
    }

    @Test("a policy that is taken back takes its rules along, and members get the engine's resolver again")
    func withdrawn() async throws {
        let rig = Rig()
        #expect(try await rig.settle(desired).isConverged)
        let open = Declared.state(Declared.workload(replicas: 2), revision: "2222222")
        #expect(try await rig.settle(open).isConverged)
        #expect(await rig.engine.filter.rules.isEmpty)
        #expect(await rig.runningNames == ["web-0-2", "web-1-2"])
    }

    @Test("an object that is taken out of git keeps its rules until its network is gone")
    func undeclared() async throws {
        let rig = Rig()
        #expect(try await rig.settle(desired).isConverged)
        #expect(try await rig.settle(Declared.state(revision: "2222222")).isConverged)
        let names = await rig.engine.steps.map(\.name)
        let removal = try #require(names.lastIndex(of: "remove-network"))
        let clearing = try #require(names.lastIndex(of: "apply-firewall"))
        #expect(removal < clearing)
        #expect(await rig.engine.filter.rules.isEmpty)
    }

    @Test("where rules cannot be had nothing is started")
    func unsupported() async throws {
        let rig = Rig()
        await rig.engine.setFilterSupport(.missing("no nft"))
        let status = try await rig.settle(desired)
        #expect(!status.isConverged)
        #expect(await rig.runningNames == [])
    }
}
