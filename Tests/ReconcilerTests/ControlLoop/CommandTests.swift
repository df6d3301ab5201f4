import ReconcileTesting
import Reconciler
import Specs
import Testing

/// A person's word is written down before it has an effect.
struct CommandTests {
    private let one = Declared.state(Declared.workload())
    private let pause = Pause(object: nil, reason: "disk swap", by: "alice", since: Instant(secondsSince1970: 0))

    /// Only the container is missing.
    private var withoutContainer: ObservedState {
        var state = ObservedState(converged: one)
        state.remove("web-0-1")
        return state
    }

    @Test("a pause is stored and holds at once")
    func pauses() throws {
        var rig = try LoopRig(one)
        rig.tell(.command(.pause(pause)))
        #expect(rig.journal.commits.joined().contains(.pause(pause)))
        rig.observed(withoutContainer)
        #expect(rig.steps.isEmpty)
        rig.tell(.command(.resume(nil, by: "alice")))
        #expect(rig.stepNames == ["create-container"])
    }

    @Test("a command that cannot be written down has no effect, then or later")
    func refused() throws {
        var stored = StoredState()
        stored.pauses = [pause]
        var rig = try LoopRig(one, stored: stored)
        rig.observed(withoutContainer)
        rig.journal.refuse(with: StateStoreError(.unavailable, "disk full"))
        rig.tell(.command(.resume(nil, by: "alice")))
        rig.journal.refuse(with: nil)
        rig.wait(.seconds(40))
        rig.observed(withoutContainer)
        #expect(rig.steps.isEmpty)
        #expect(!rig.journal.commits.joined().contains(.resume(nil)))
    }
}
