import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What a run goes back to that begins with another revision than the run before ended with.
struct RolloutRecallTests {
    private func accepted(_ image: String, _ id: String) -> AcceptedRevision {
        let text = Declared.workloadText(
            image: image, spec: "replicas: 2, strategy: {autoRollback: true, progressDeadline: 100s},",
            template: ", healthCheck: {command: [ok]}")
        return AcceptedRevision(
            revision: Revision(id: id, reference: "main"), files: [SpecFile(path: "a.yaml", bytes: Array(text.utf8))])
    }

    @Test("what was in force at the end of the run before is where a failing rollout goes back to")
    func wayBack() throws {
        var first = try LoopRig(WebRollout.one)
        first.observed(WebRollout.before)
        var stored = first.rolloutsToRemember
        stored.accepted = accepted("web:1", "1111111")
        stored.incarnations = [MemberID(WebRollout.web, 0): 1, MemberID(WebRollout.web, 1): 1]
        var rig = try LoopRig(nil, stored: stored, wall: first.wall)
        let next = WebRollout.state("web:2", "2222222")
        rig.tell(.desired(next))
        for _ in 0..<3 { rig.observed(WebRollout.before) }
        #expect(rig.stepNames == ["create-container"])
        let state = try WebRollout.begun(next)
        rig.ended(.success(.container(id: "id-web-0-2", state.containers["id-web-0-2"])))
        rig.wait(.seconds(101))
        #expect(rig.writtenPins.first?.revision?.id == "1111111")
    }
}
