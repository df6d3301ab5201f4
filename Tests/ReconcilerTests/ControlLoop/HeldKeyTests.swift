import ReconcileTesting
import Reconciler
import Specs
import Testing

/// When a gate holds a key, what opens the gate must also wake the key.
struct HeldKeyTests {
    private let one = Declared.state(Declared.workload())
    private let none = Declared.state(Declared.workload(replicas: 0), revision: "2222222")

    /// Three members of which two must stay available, and a new image for all of them.
    private func rollout() throws -> (old: DesiredState, new: DesiredState) {
        var workload = Declared.workload(replicas: 3, strategy: .recreate)
        workload.spec.disruptionBudget = .minAvailable(.count(2))
        let old = Declared.state(workload)
        workload.spec.source = TemplateSource(ContainerTemplate(image: "web:2"))
        return (old, Declared.state(workload, revision: "2222222"))
    }

    @Test("facts that have changed since the decision stop a step that could not be finished")
    func preflight() throws {
        let (old, new) = try rollout()
        var rig = try LoopRig(new)
        var state = ObservedState(converged: old)
        state.images["web:2"] = ObservedImage(id: "sha256:web:2")
        state.preflight.firewallChains = .present
        rig.observed(state)
        #expect(rig.looks.count == 1, "one member is about to be recreated")
        let ids = try #require(rig.looks.first)
        let slot = Dictionary(uniqueKeysWithValues: ids.map { ($0, state.containers[$0]) })
        rig.looked(slot, preflight: PreflightFacts(firewallChains: .missing))
        #expect(rig.steps.isEmpty)
        let held = try #require(rig.loop.currentPlan()?.held.first)
        guard case .held(let hold) = held.verdict else { return }
        #expect(hold.gate == .firewallDamaged)
    }

    @Test("without room in the budget a member stays, and goes as soon as another one is available")
    func wakes() throws {
        var workload = Declared.workload(replicas: 3)
        workload.spec.disruptionBudget = .minAvailable(.count(2))
        var state = ObservedState(converged: Declared.state(workload))
        workload.spec.replicas = 2
        var rig = try LoopRig(Declared.state(workload, revision: "2222222"))
        state.change("web-0-1") { $0.status = .exited }
        rig.observed(state)
        #expect(rig.stepNames == ["start"] && rig.looks.isEmpty, "two of three are left, and two must stay")
        var running = try #require(state.containers["id-web-0-1"])
        running.status = .running
        rig.ended(.success(.container(id: running.id, running)))
        #expect(rig.looks == [["id-web-2-1"]], "without waiting for a resync")
    }

    @Test("a pause holds everything, survives a restart, and what waited goes on when it is resumed")
    func pause() throws {
        var stored = StoredState()
        stored.pauses = [Pause(object: nil, reason: "audit", by: "alice", since: Instant(secondsSince1970: 0))]
        var rig = try LoopRig(none, stored: stored)
        rig.observed(ObservedState(converged: one))
        #expect(rig.looks.isEmpty && rig.steps.isEmpty)
        rig.tell(.command(.resume(nil, by: "alice")))
        #expect(rig.looks == [["id-web-0-1"]])
        #expect(rig.journal.commits.joined().contains(.resume(nil)))
    }
}
