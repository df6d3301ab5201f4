import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Rollouts in the control loop: what is remembered, what fails, and the way back.
struct RolloutLoopTests {
    private static let web = ResourceID(.workload, "web")

    private static func state(
        _ image: String, _ revision: String, replicas: Int = 2, rollsBack: Bool = true
    ) -> DesiredState {
        var workload = Declared.workload(
            replicas: replicas, ContainerTemplate(image: image, healthCheck: HealthCheck(command: ["ok"])))
        workload.spec.strategy.autoRollback = rollsBack
        workload.spec.strategy.progressDeadline = .seconds(100)
        return Declared.state(workload, revision: revision)
    }

    private let one = state("web:1", "1111111")

    /// The host under the first revision, with the image of the next one.
    private var before: ObservedState {
        var state = ObservedState(converged: one)
        state.images["web:2"] = ObservedImage(id: "sha256:web:2")
        return state
    }

    /// The first revision is complete, and the next one has made its first member, which does not become ready.
    private func stuck(_ next: DesiredState) throws -> LoopRig {
        var rig = try LoopRig(one)
        rig.observed(before)
        rig.tell(.desired(next))
        rig.observed(before)
        #expect(rig.stepNames == ["create-container"], "one beside the others")
        var state = before
        let object = try #require(next.objects[Self.web])
        let id = state.add(0, of: object, incarnation: 2) { $0.health = .starting }
        rig.ended(.success(.container(id: id, state.containers[id])))
        return rig
    }

    private func report(_ rig: LoopRig) throws -> RolloutReport {
        try #require(rig.loop.report(asOf: Now(uptime: rig.uptime, wall: rig.wall)).rollouts.first)
    }

    private func pins(_ rig: LoopRig) -> [Pin] {
        rig.journal.commits.joined().compactMap { if case .pin(let pin) = $0 { pin } else { nil } }
    }

    @Test("what is there and as git says is a complete rollout, once")
    func complete() throws {
        var rig = try LoopRig(one)
        rig.observed(before)
        let rollout = try report(rig)
        #expect(rollout.phase == .complete && rollout.history.map(\.outcome) == [.complete])
        let written = rig.journal.commits.joined().count { if case .rollout = $0 { true } else { false } }
        rig.wait(.seconds(34))
        rig.observed(before)
        #expect(rig.observations.isEmpty)
        #expect(rig.journal.commits.joined().count { if case .rollout = $0 { true } else { false } } == written)
    }

    @Test("without progress for its deadline a rollout goes back to the last good revision, once")
    func rollsBack() throws {
        var rig = try stuck(Self.state("web:2", "2222222"))
        rig.wait(.seconds(99))
        #expect(try report(rig).phase == .progressing && pins(rig).isEmpty)
        rig.wait(.seconds(2))
        let pin = try #require(pins(rig).first)
        #expect(pin.revision?.id == "1111111" && pin.cause == .quarantined)
        #expect(pin.reason.hasPrefix("no progress for 1m40s: web/0: 'web-0-2' is not ready"))
        let rollout = try report(rig)
        #expect(rollout.cause == .rollback && rollout.history.map(\.outcome) == [.complete, .rolledBack])
        #expect(rig.loop.desired?.objects[Self.web]?.container.template.image == "web:1")
        #expect(pins(rig).count == 1)
    }

    @Test("what was brought back is never rolled back again")
    func loopGuard() throws {
        var rig = try stuck(Self.state("web:2", "2222222"))
        rig.wait(.seconds(101))
        #expect(pins(rig).count == 1)
        var broken = before
        for name in ["web-0-1", "web-1-1"] { broken.change(name) { $0.health = .starting } }
        rig.observed(broken)
        rig.wait(.seconds(300))
        rig.observed(broken)
        rig.wait(.seconds(300))
        #expect(pins(rig).count == 1)
        #expect(try report(rig).phase == .failed)
    }

    @Test("a commit that touches the object releases it, and it may fail and go back again")
    func nextCommit() throws {
        var rig = try stuck(Self.state("web:2", "2222222"))
        rig.wait(.seconds(101))
        rig.observed(before)
        #expect(try report(rig).phase == .complete)
        rig.tell(.desired(Self.state("web:2", "3333333", replicas: 3)))
        rig.observed(before)
        #expect(rig.loop.desired?.objects[Self.web]?.pin == nil)
        let rollout = try report(rig)
        #expect(rollout.phase == .progressing && rollout.cause == .commit && rollout.lastGood?.id == "1111111")
    }

    @Test("without autoRollback it stays as it is, replaces nothing more, and says why")
    func fails() throws {
        var rig = try stuck(Self.state("web:2", "2222222", rollsBack: false))
        rig.wait(.seconds(101))
        #expect(pins(rig).isEmpty)
        let status = rig.loop.status()
        let conditions = try #require(status.objects.first).conditions
        #expect(conditions.map(\.reason) == ["ProgressDeadlineExceeded", "ProgressDeadlineExceeded"])
        let held = try #require(rig.loop.currentPlan()).held
        #expect(held.map(\.slot) == [1])
    }

    @Test("what a gate holds fails nobody")
    func held() throws {
        var rig = try LoopRig(one)
        rig.observed(before)
        _ = try rig.ask(.pause(Self.web, reason: "by hand"))
        rig.tell(.desired(Self.state("web:2", "2222222")))
        rig.observed(before)
        for _ in 0..<5 { rig.wait(.seconds(101)) }
        #expect(try report(rig).phase == .progressing)
        #expect(pins(rig).isEmpty)
    }

    @Test("what is not written down is not done: the rollback waits for the store")
    func storeRefuses() throws {
        var rig = try stuck(Self.state("web:2", "2222222"))
        rig.journal.refuse(with: StateStoreError(.unavailable, "disk full"))
        rig.wait(.seconds(101))
        #expect(rig.loop.desired?.objects[Self.web]?.container.template.image == "web:2")
        rig.journal.refuse(with: nil)
        rig.wait(.seconds(2))
        #expect(pins(rig).count == 1)
        #expect(rig.loop.desired?.objects[Self.web]?.container.template.image == "web:1")
    }

    @Test("the old one goes when the new one has been ready for minHealthyTime without interruption")
    func minHealthyTime() throws {
        var next = Self.state("web:2", "2222222")
        next.objects[Self.web]?.strategy.minHealthyTime = .seconds(20)
        var rig = try stuck(next)
        var ready = before
        let object = try #require(next.objects[Self.web])
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
        let next = Self.state("web:2", "2222222", rollsBack: false)
        var rig = try stuck(next)
        rig.wait(.seconds(101))
        #expect(try report(rig).phase == .failed)
        var ready = before
        let object = try #require(next.objects[Self.web])
        ready.add(0, of: object, incarnation: 2)
        rig.observed(ready)
        #expect(try report(rig).phase == .progressing)
        #expect(try #require(rig.loop.currentPlan()).held.isEmpty)
    }

    @Test("the next run goes on with what is written down")
    func restart() throws {
        let next = Self.state("web:2", "2222222")
        let rig = try stuck(next)
        var stored = StoredState()
        for change in rig.journal.commits.joined() {
            if case .rollout(let object, let state) = change { stored.rollouts[object] = state }
        }
        #expect(stored.rollouts[Self.web]?.lastGood?.id == "1111111")
        var again = try LoopRig(next, stored: stored)
        var state = before
        let object = try #require(next.objects[Self.web])
        state.add(0, of: object, incarnation: 2) { $0.health = .starting }
        again.observed(state)
        let rollout = try report(again)
        #expect(rollout.phase == .progressing && rollout.lastGood?.id == "1111111")
    }

    // MARK: Commands

    private func refusal(_ rig: inout LoopRig, _ verb: RolloutRequest.Verb) -> CommandRefusal? {
        do throws(CommandRefusal) {
            _ = try rig.ask(.rollout(RolloutRequest(verb, of: Self.web)))
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
        let two = Self.state("web:2", "2222222")
        var after = ObservedState(converged: two)
        after.images["web:1"] = ObservedImage(id: "sha256:web:1")
        rig.tell(.desired(two))
        rig.observed(after)
        #expect(try report(rig).phase == .complete)
        #expect(refusal(&rig, .abort)?.code == .conflict, "nothing is under way")
        let message = try rig.ask(.rollout(RolloutRequest(.undo(to: nil), of: Self.web)))
        #expect(message.hasPrefix("Workload/web goes back to 1111111: it does not follow 2222222"))
        let pin = try #require(pins(rig).first)
        #expect(pin.cause == .requested && pin.reason == "rollout undo by alice")
        #expect(try report(rig).cause == .undo)
        #expect(refusal(&rig, .undo(to: "1111111"))?.code == .conflict, "it is there already")
    }

    @Test("an abort goes back in the middle")
    func abort() throws {
        var rig = try stuck(Self.state("web:2", "2222222"))
        _ = try rig.ask(.rollout(RolloutRequest(.abort, of: Self.web, reason: "errors")))
        #expect(pins(rig).map(\.reason) == ["errors"])
        #expect(try report(rig).history.map(\.outcome) == [.complete, .undone])
    }

    @Test("a restart replaces what is there, one after the other, and is remembered until it is done")
    func restartCommand() throws {
        var rig = try LoopRig(one)
        rig.observed(before)
        #expect(rig.steps.isEmpty)
        let message = try rig.ask(.rollout(RolloutRequest(.restart, of: Self.web)))
        #expect(message.hasPrefix("the 2 members of Workload/web are replaced"))
        #expect(rig.stepNames == ["create-container"])
        #expect(try report(rig).cause == .restart)
        var done = before
        done.remove("web-0-1")
        done.remove("web-1-1")
        let object = try #require(one.objects[Self.web])
        for slot in 0..<2 { done.add(slot, of: object, incarnation: 2) }
        rig.wait(.seconds(34))
        rig.observed(done)
        #expect(try report(rig).phase == .complete)
        #expect(try #require(rig.loop.currentPlan()).actions.isEmpty)
    }

    @Test("there is nothing to promote, and the answer says so")
    func promote() throws {
        var rig = try LoopRig(one)
        rig.observed(before)
        let error = try #require(refusal(&rig, .promote))
        #expect(error.code == .conflict && error.message.hasPrefix("nothing of Workload/web waits for a person"))
    }
}
