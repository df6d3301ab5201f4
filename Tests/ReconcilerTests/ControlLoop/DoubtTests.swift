import ReconcileTesting
import Reconciler
import Specs
import Testing

/// A key whose last step may have happened waits for a full look, and for no longer than that.
struct DoubtTests {
    private let one = Declared.state(Declared.workload())

    /// Only the container is missing.
    private var withoutContainer: ObservedState {
        var state = ObservedState(converged: one)
        state.remove("web-0-1")
        return state
    }

    private var incomplete: ObservedState {
        var state = withoutContainer
        state.isComplete = false
        return state
    }

    private let noAnswer = DriverError(.unknown, .timedOut, "no answer", at: "POST /containers/create")

    @Test("a doubt that an incomplete look cannot settle waits for the next one like everything else")
    func pauses() throws {
        var rig = try LoopRig(one)
        rig.observed(withoutContainer)
        rig.ended(.failure(noAnswer))
        rig.wait(.seconds(1))
        // Another revision makes every key due at once, also the one in doubt.
        rig.tell(.desired(Declared.state(Declared.workload(), revision: "2222222")))
        rig.observed(incomplete)
        rig.observed(incomplete)
        rig.observed(incomplete)
        #expect(rig.observations.isEmpty, "no look follows at once on one that missed something")
        #expect(rig.steps.isEmpty)
        rig.wait(.seconds(2))
        #expect(rig.observations.count == 1)
        rig.observed(withoutContainer)
        #expect(rig.stepNames == ["create-container"])
    }

    /// A create was under way when the program ended.
    private var interrupted: StoredState {
        var stored = StoredState()
        stored.openIntents = [
            Intent(
                id: 7, key: .member(MemberID(ResourceID(.workload, "web"), 0)), step: "create-container",
                subject: "web-0-1", incarnation: 1, revision: "1111111", observation: 3, engine: "",
                begun: Instant(secondsSince1970: 0))
        ]
        stored.lastIntent = 7
        return stored
    }

    @Test("what was begun before a crash is not begun again after a look that missed something")
    func afterACrash() throws {
        var rig = try LoopRig(one, stored: interrupted)
        rig.observed(incomplete)
        #expect(rig.steps.isEmpty)
        rig.wait(.seconds(1))
        rig.observed(withoutContainer)
        #expect(rig.stepNames == ["create-container"])
    }

    @Test("what was begun before a crash and is seen has happened, whatever else could not be read")
    func seenAfterACrash() throws {
        var rig = try LoopRig(one, stored: interrupted)
        var state = ObservedState(converged: one)
        state.change("web-0-1") { $0.status = .created }
        state.isComplete = false
        rig.observed(state)
        #expect(rig.stepNames == ["start"])
    }

    @Test("two objects of one name share a network, which is not made twice")
    func sharedNetwork() throws {
        var state = ObservedState(converged: one)
        state.remove("web-0-1")
        state.networks = [:]
        var rig = try LoopRig(one)
        rig.observed(state)
        #expect(rig.stepNames == ["create-network"])
        let pool = Declared.warmPool("web", ContainerTemplate(image: "web:1"))
        rig.tell(.desired(Declared.state(warmPools: [pool], revision: "2222222")))
        rig.observed(state)
        #expect(rig.loop.desired?.revision.id == "2222222")
        #expect(rig.stepNames == ["create-network"], "that of Workload/web is under way")
        rig.ended(.failure(noAnswer))
        #expect(rig.steps.isEmpty, "it may have happened")
        rig.observed(state)
        #expect(rig.stepNames == ["create-network"], "and now it is known that it has not")
    }
}
