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

    @Test("what a person goes back to is tried at once, however often the other thing failed")
    func pinEndsBackoff() throws {
        var rig = try LoopRig(one)
        rig.observed(ObservedState(converged: one))
        let next = Declared.state(Declared.workload(replicas: 2), revision: "2222222")
        rig.tell(.desired(next))
        rig.observed(ObservedState(converged: one))
        for _ in 0..<12 {
            rig.ended(.failure(DriverError(.transient, .noSpace, "no space left on device", at: "test")))
            if rig.steps.isEmpty { rig.wait(rig.loop.nextDeadline.map { $0 - rig.uptime } ?? .zero) }
            rig.observed(ObservedState(converged: one))
        }
        while !rig.steps.isEmpty {
            rig.ended(.failure(DriverError(.transient, .noSpace, "no space left on device", at: "test")))
        }
        let pin = Pin(
            object: ResourceID(.workload, "web"), revision: one.revision, cause: .requested, reason: "back",
            rejected: try #require(next.objects.values.first).meaning, since: Instant(secondsSince1970: 0))
        rig.tell(.command(.pin(pin, by: "alice")))
        rig.tell(.command(.unpin(pin.object, by: "alice")))
        #expect(rig.stepNames == ["create-container"])
    }
}
