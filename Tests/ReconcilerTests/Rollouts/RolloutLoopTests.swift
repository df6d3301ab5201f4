import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Rollouts in the control loop: what is remembered, what fails, and the way back.
struct RolloutLoopTests {
    private let one = WebRollout.one
    private let before = WebRollout.before

    @Test("what is there and as git says is a complete rollout, once")
    func complete() throws {
        var rig = try LoopRig(one)
        rig.observed(before)
        let rollout = try rig.rollout
        #expect(rollout.phase == .complete && rollout.history.map(\.outcome) == [.complete])
        let written = rig.journal.commits.joined().count { if case .rollout = $0 { true } else { false } }
        rig.wait(.seconds(34))
        rig.observed(before)
        #expect(rig.observations.isEmpty)
        #expect(rig.journal.commits.joined().count { if case .rollout = $0 { true } else { false } } == written)
    }

    @Test("without progress for its deadline a rollout goes back to the last good revision, once")
    func rollsBack() throws {
        var rig = try WebRollout.stuck(WebRollout.state("web:2", "2222222"))
        rig.wait(.seconds(99))
        #expect(try rig.rollout.phase == .progressing && rig.writtenPins.isEmpty)
        rig.wait(.seconds(2))
        let pin = try #require(rig.writtenPins.first)
        #expect(pin.revision?.id == "1111111" && pin.cause == .quarantined)
        #expect(pin.reason.hasPrefix("no progress for 1m40s: web/0: 'web-0-2' is not ready"))
        let rollout = try rig.rollout
        #expect(rollout.cause == .rollback && rollout.history.map(\.outcome) == [.complete, .rolledBack])
        #expect(rig.loop.desired?.objects[WebRollout.web]?.container.template.image == "web:1")
        #expect(rig.writtenPins.count == 1)
    }

    @Test("what was brought back is never rolled back again")
    func loopGuard() throws {
        var rig = try WebRollout.stuck(WebRollout.state("web:2", "2222222"))
        rig.wait(.seconds(101))
        #expect(rig.writtenPins.count == 1)
        var broken = before
        for name in ["web-0-1", "web-1-1"] { broken.change(name) { $0.health = .starting } }
        rig.observed(broken)
        rig.wait(.seconds(300))
        rig.observed(broken)
        rig.wait(.seconds(300))
        #expect(rig.writtenPins.count == 1)
        #expect(try rig.rollout.phase == .failed)
    }

    @Test("a commit that touches the object releases it, and it may fail and go back again")
    func nextCommit() throws {
        var rig = try WebRollout.stuck(WebRollout.state("web:2", "2222222"))
        rig.wait(.seconds(101))
        rig.observed(before)
        #expect(try rig.rollout.phase == .complete)
        rig.tell(.desired(WebRollout.state("web:2", "3333333", replicas: 3)))
        rig.observed(before)
        #expect(rig.loop.desired?.objects[WebRollout.web]?.pin == nil)
        let rollout = try rig.rollout
        #expect(rollout.phase == .progressing && rollout.cause == .commit && rollout.lastGood?.id == "1111111")
    }

    @Test("without autoRollback it stays as it is, replaces nothing more, and says why")
    func fails() throws {
        var rig = try WebRollout.stuck(WebRollout.state("web:2", "2222222", rollsBack: false))
        rig.wait(.seconds(101))
        #expect(rig.writtenPins.isEmpty)
        let status = rig.loop.status()
        let conditions = try #require(status.objects.first).conditions
        #expect(conditions.map(\.reason) == ["ProgressDeadlineExceeded", "ProgressDeadlineExceeded"])
        let held = try #require(rig.loop.currentPlan()).held
        #expect(held.map(\.slot) == [1])
    }

    @Test("what is not written down is not done: the rollback waits for the store")
    func storeRefuses() throws {
        var rig = try WebRollout.stuck(WebRollout.state("web:2", "2222222"))
        rig.journal.refuse(with: StateStoreError(.unavailable, "disk full"))
        rig.wait(.seconds(101))
        #expect(rig.loop.desired?.objects[WebRollout.web]?.container.template.image == "web:2")
        rig.journal.refuse(with: nil)
        rig.wait(.seconds(11))
        #expect(rig.writtenPins.count == 1)
        #expect(rig.loop.desired?.objects[WebRollout.web]?.container.template.image == "web:1")
    }

    @Test("the old one goes when the new one has been ready for minHealthyTime without interruption")
    func minHealthyTime() throws {
        var next = WebRollout.state("web:2", "2222222")
        next.objects[WebRollout.web]?.strategy.minHealthyTime = .seconds(20)
        var rig = try WebRollout.stuck(next)
        var ready = before
        let object = try #require(next.objects[WebRollout.web])
        let id = ready.add(0, of: object, incarnation: 2)
        rig.wait(.seconds(3))
        #expect(rig.stepNames == ["probe"])
        rig.ended(.success(.container(id: id, ready.containers[id])))
        rig.wait(.seconds(19))
        #expect(rig.looks.isEmpty && rig.steps.isEmpty)
        rig.wait(.seconds(2))
        #expect(rig.looks == [["id-web-0-1", id]], "it is looked at once more before the old one goes")
    }

    @Test("a rollout that had failed goes on when its new member comes up after all")
    func comesUpLate() throws {
        let next = WebRollout.state("web:2", "2222222", rollsBack: false)
        var rig = try WebRollout.stuck(next)
        rig.wait(.seconds(101))
        #expect(try rig.rollout.phase == .failed)
        var ready = before
        let object = try #require(next.objects[WebRollout.web])
        ready.add(0, of: object, incarnation: 2)
        rig.observed(ready)
        #expect(try rig.rollout.phase == .progressing)
        #expect(try #require(rig.loop.currentPlan()).held.isEmpty)
    }

    @Test("the next run goes on with what is written down")
    func restart() throws {
        let next = WebRollout.state("web:2", "2222222")
        let rig = try WebRollout.stuck(next)
        let stored = rig.rolloutsToRemember
        #expect(stored.rollouts[WebRollout.web]?.lastGood?.id == "1111111")
        var again = try LoopRig(next, stored: stored)
        again.observed(try WebRollout.begun(next))
        let rollout = try again.rollout
        #expect(rollout.phase == .progressing && rollout.lastGood?.id == "1111111")
    }

    // MARK: Commands

    private func refusal(_ rig: inout LoopRig, _ verb: RolloutRequest.Verb) -> CommandRefusal? {
        do throws(CommandRefusal) {
            _ = try rig.ask(.rollout(RolloutRequest(verb, of: WebRollout.web)))
            return nil
        } catch {
            return error
        }
    }

    @Test("an undo goes back to the last good revision with another template")
    func undo() throws {
        var rig = try LoopRig(one)
        rig.observed(before)
        #expect(refusal(&rig, .undo(to: nil))?.code == .notFound)
        let two = WebRollout.state("web:2", "2222222")
        var after = ObservedState(converged: two)
        after.images["web:1"] = ObservedImage(id: "sha256:web:1")
        rig.tell(.desired(two))
        rig.observed(after)
        #expect(try rig.rollout.phase == .complete)
        #expect(refusal(&rig, .abort)?.code == .conflict, "nothing is under way")
        let message = try rig.ask(.rollout(RolloutRequest(.undo(to: nil), of: WebRollout.web)))
        #expect(message.hasPrefix("Workload/web goes back to 1111111: it does not follow 2222222"))
        let pin = try #require(rig.writtenPins.first)
        #expect(pin.cause == .requested && pin.reason == "rollout undo by alice")
        #expect(try rig.rollout.cause == .undo)
        #expect(refusal(&rig, .undo(to: "1111111"))?.code == .conflict, "it is there already")
    }

    @Test("an abort goes back in the middle")
    func abort() throws {
        var rig = try WebRollout.stuck(WebRollout.state("web:2", "2222222"))
        _ = try rig.ask(.rollout(RolloutRequest(.abort, of: WebRollout.web, reason: "errors")))
        #expect(rig.writtenPins.map(\.reason) == ["errors"])
        #expect(try rig.rollout.history.map(\.outcome) == [.complete, .undone])
    }

    @Test("a restart replaces what is there, one after the other, and is remembered until it is done")
    func restartCommand() throws {
        var rig = try LoopRig(one)
        rig.observed(before)
        #expect(rig.steps.isEmpty)
        let message = try rig.ask(.rollout(RolloutRequest(.restart, of: WebRollout.web)))
        #expect(message.hasPrefix("the 2 members of Workload/web are replaced"))
        #expect(rig.stepNames == ["create-container"])
        #expect(try rig.rollout.cause == .restart)
        var done = before
        done.remove("web-0-1")
        done.remove("web-1-1")
        let object = try #require(one.objects[WebRollout.web])
        for slot in 0..<2 { done.add(slot, of: object, incarnation: 2) }
        rig.wait(.seconds(34))
        rig.observed(done)
        #expect(try rig.rollout.phase == .complete)
        #expect(try #require(rig.loop.currentPlan()).actions.isEmpty)
    }

    @Test("there is nothing to promote, and the answer says so")
    func promote() throws {
        var rig = try LoopRig(one)
        rig.observed(before)
        let error = try #require(refusal(&rig, .promote()))
        #expect(error.code == .conflict && error.message.hasPrefix("nothing of Workload/web waits for a person"))
    }
}
