import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What comes in late, or from a run of the engine that is over, does not pass for news.
struct StaleFactTests {
    private let two = Declared.state(Declared.workload(replicas: 2))
    private let one = Declared.state(Declared.workload(replicas: 1), revision: "2222222")

    @Test("a look that began before the event stream was lost is no ground for anything")
    func lookFromBeforeTheLoss() throws {
        var rig = try LoopRig(one)
        // The first observation is under way, and the engine may have been started anew meanwhile.
        rig.tell(.streamLost)
        rig.observed(ObservedState(converged: two))
        #expect(rig.looks.isEmpty && rig.steps.isEmpty)
        #expect(!rig.loop.informer.isCurrent && !rig.loop.informer.observed.isComplete)
        #expect(rig.observations.count == 1, "another one began at once")
        rig.observed(ObservedState(converged: two))
        #expect(rig.loop.informer.isCurrent)
        #expect(rig.looks == [["id-web-1-1"]])
    }

    @Test("a look from before a removal does not bring the container back")
    func lookFromBeforeARemoval() throws {
        var rig = try LoopRig(one)
        var state = ObservedState(converged: two)
        state.change("web-1-1") { $0.status = .exited }
        rig.observed(state)
        #expect(rig.looks == [["id-web-1-1"]], "before it is removed")
        // Something happens to it while it is confirmed, and this answer is a slow one.
        rig.tell(.hint(ChangeHint(containerID: "id-web-1-1", event: "rename")))
        let looks = rig.pending.filter { if case .look = $0 { true } else { false } }
        #expect(looks.count == 2)
        rig.looked(["id-web-1-1": state.containers["id-web-1-1"]])
        #expect(rig.stepNames == ["remove"])
        rig.ended(.success(.container(id: "id-web-1-1", nil)))
        rig.looked(["id-web-1-1": state.containers["id-web-1-1"]])
        #expect(rig.loop.informer.observed.containers["id-web-1-1"] == nil)
        #expect(rig.stepNames.isEmpty)
        #expect(rig.looks == [["id-web-1-1"]], "it is looked at again")
    }

    @Test("a look that began before a full one, and ends during it, does not undo it")
    func slowLook() throws {
        var rig = try LoopRig(one)
        let running = ObservedState(converged: one)
        rig.observed(running)
        rig.tell(.hint(ChangeHint(containerID: "id-web-0-1", event: "rename")))
        rig.tell(.streamOpened)
        rig.looked(["id-web-0-1": running.containers["id-web-0-1"]])
        var stopped = running
        stopped.change("web-0-1") { $0.status = .exited }
        rig.observed(stopped)
        #expect(rig.stepNames == ["start"])
    }

    @Test("an image that no object names any more is forgotten")
    func forgetsImages() throws {
        var rig = try LoopRig(Declared.state(Declared.workload(ContainerTemplate(image: "web:1"))))
        for version in 2...9 {
            let next = Declared.state(
                Declared.workload(ContainerTemplate(image: "web:\(version)")), revision: "revision-\(version)")
            var state = ObservedState(converged: next)
            state.images["web:\(version)"] = ObservedImage(id: "sha256:\(version)")
            rig.tell(.desired(next))
            rig.observed(state)
            rig.observed(state)
        }
        #expect(rig.loop.informer.observed.images.count <= 2)
    }
}
