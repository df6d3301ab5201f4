import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What counts as known of the host, and what nothing destructive may rest on.
struct InformerTests {
    private let two = Declared.state(Declared.workload(replicas: 2))
    private let one = Declared.state(Declared.workload(replicas: 1), revision: "2222222")

    @Test("nothing is begun before the host was seen")
    func waitsForTheFirstLook() throws {
        var rig = try LoopRig(two)
        rig.wait(.seconds(60))
        #expect(rig.steps.isEmpty)
        #expect(rig.observations.count == 1)
    }

    @Test("what was known is inspected even when no list shows it any more")
    func asksForTheKnown() throws {
        var rig = try LoopRig(two)
        let state = ObservedState(converged: two)
        rig.observed(state)
        rig.wait(.seconds(40))
        #expect(rig.observations.map(\.known) == [Set(state.containers.keys)])
    }

    @Test("a resync comes after its interval, with up to a tenth more")
    func resync() throws {
        var rig = try LoopRig(two)
        rig.observed(ObservedState(converged: two))
        let deadline = try #require(rig.loop.nextDeadline)
        #expect((Duration.seconds(30)...Duration.seconds(33)).contains(deadline))
    }

    @Test("after a lost event stream nothing is begun before a full look")
    func lostStream() throws {
        var rig = try LoopRig(two)
        rig.observed(ObservedState(converged: two))
        rig.tell(.streamLost)
        rig.tell(.desired(one))
        rig.wait(.seconds(5))
        #expect(rig.steps.isEmpty && rig.looks.isEmpty)
        // This one began after the stream was lost.
        rig.observed(ObservedState(converged: two))
        rig.observed(ObservedState(converged: two))
        #expect(rig.looks.count == 1, "the surplus member is looked at before it goes")
    }

    @Test("what another run of the engine showed is not carried over")
    func anotherEngine() throws {
        var rig = try LoopRig(two)
        var first = ObservedState(converged: two)
        first.engine.start = "first"
        rig.observed(first)
        rig.wait(.seconds(40))
        var second = ObservedState(converged: two)
        second.engine.start = "second"
        second.remove("web-1-1")
        second.isComplete = false
        rig.observed(second)
        #expect(rig.loop.informer.observed.containers.count == 1)
        #expect(rig.steps.isEmpty, "it may be there all the same")
    }

    @Test("in one run of the engine, what an incomplete look left out may still be there")
    func incomplete() throws {
        var rig = try LoopRig(two)
        rig.observed(ObservedState(converged: two))
        rig.wait(.seconds(40))
        var second = ObservedState(converged: two)
        second.remove("web-1-1")
        second.isComplete = false
        rig.observed(second)
        #expect(rig.loop.informer.observed.containers.count == 2)
        // And it is read again soon.
        rig.wait(.seconds(1))
        #expect(rig.observations.count == 1)
    }

    @Test("an engine that is away is asked again after pauses that grow up to the resync interval")
    func away() throws {
        var rig = try LoopRig(two)
        var pauses: [Duration] = []
        for _ in 0..<12 {
            rig.observed(.failure(DriverError(.transient, .engineUnreachable, "away", at: "test")))
            let deadline = try #require(rig.loop.nextDeadline)
            pauses.append(deadline - rig.uptime)
            rig.wait(deadline - rig.uptime)
        }
        #expect(pauses[0] < .milliseconds(276))
        #expect(zip(pauses, pauses.dropFirst()).allSatisfy { $1 > $0 || $1 >= .seconds(30) })
        #expect(pauses.allSatisfy { $0 < .seconds(33) })
        #expect(!rig.loop.status().engine.reachable)
    }

    @Test("a look that is older than a step's answer does not undo it")
    func oldLook() throws {
        var rig = try LoopRig(one)
        var state = ObservedState(converged: one)
        state.change("web-0-1") { $0.status = .exited }
        rig.observed(state)
        #expect(rig.stepNames == ["start"])
        rig.tell(.hint(ChangeHint(containerID: "id-web-0-1", event: "die")))
        #expect(rig.looks.isEmpty, "a step of this member is under way")
        var running = try #require(state.containers["id-web-0-1"])
        running.status = .running
        rig.ended(.success(.container(id: running.id, running)))
        #expect(rig.looks == [["id-web-0-1"]], "and now it is over")
    }

    @Test("when very much happens at once, everything is looked at instead of each by itself")
    func manyHints() throws {
        let many = Declared.state(Declared.workload(replicas: 200))
        var rig = try LoopRig(many)
        let state = ObservedState(converged: many)
        rig.observed(state)
        for id in state.containers.keys.sorted() { rig.tell(.hint(ChangeHint(containerID: id, event: "die"))) }
        #expect(rig.looks.count < 50)
        #expect(rig.observations.count == 1)
    }

    @Test("a look at the firewall that could not tell takes back nothing")
    func chainsUnknown() throws {
        var rig = try LoopRig(one)
        var state = ObservedState(converged: one)
        state.preflight.firewallChains = .missing
        rig.observed(state)
        rig.wait(.seconds(40))
        state.preflight.firewallChains = .unknown
        rig.observed(state)
        #expect(rig.loop.informer.observed.preflight.firewallChains == .missing)
        rig.wait(.seconds(40))
        state.engine.start = "another run"
        rig.observed(state)
        #expect(rig.loop.informer.observed.preflight.firewallChains == .unknown)
    }
}
