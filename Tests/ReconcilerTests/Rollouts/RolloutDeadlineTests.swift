import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What counts against a rollout, and what does not.
struct RolloutDeadlineTests {
    private func next(
        rollsBack: Bool = true, _ change: (inout RolloutStrategy) -> Void = { _ in }
    ) -> DesiredState {
        WebRollout.state("web:2", "2222222", rollsBack: rollsBack, change)
    }

    /// As long as this, by steps of the sample.
    private func wait(_ rig: inout LoopRig, _ seconds: Int) {
        for _ in 0..<(seconds / 5) { rig.wait(.seconds(5)) }
    }

    /// The host is looked at, and is like that.
    private func see(_ rig: inout LoopRig, _ state: ObservedState) {
        _ = rig.lookAgain()
        rig.observed(state)
    }

    @Test("time in which a gate holds it fails nobody, and what was held has the whole deadline afterwards")
    func held() throws {
        var rig = try WebRollout.stuck(next())
        _ = try rig.ask(.pause(WebRollout.web, reason: "by hand"))
        see(&rig, try WebRollout.begun(next()))
        wait(&rig, 500)
        #expect(try rig.rollout.phase == .progressing)
        _ = try rig.ask(.resume(WebRollout.web))
        wait(&rig, 90)
        #expect(try rig.rollout.phase == .progressing, "it begins when the pause ends")
        wait(&rig, 20)
        #expect(rig.writtenPins.count == 1)
    }

    @Test("what is looked at all the time is excused all the same")
    func heldAndLookedAt() throws {
        var rig = try WebRollout.stuck(next())
        _ = try rig.ask(.pause(WebRollout.web, reason: "by hand"))
        for _ in 0..<60 {
            rig.wait(.seconds(2))
            see(&rig, try WebRollout.begun(next()))
        }
        _ = try rig.ask(.resume(WebRollout.web))
        wait(&rig, 90)
        #expect(try rig.rollout.phase == .progressing)
    }

    @Test("an old member that cannot be started says nothing against a template that may not come yet")
    func oldOneFails() throws {
        func state(_ image: String, _ revision: String, isCordoned: Bool) -> DesiredState {
            var workload = Declared.workload(replicas: 1, ContainerTemplate(image: image))
            workload.spec.strategy.autoRollback = true
            workload.spec.strategy.progressDeadline = .seconds(100)
            var pool = Declared.pool()
            pool.spec.cordon = isCordoned
            return Declared.state(workload, pools: [pool], revision: revision)
        }
        let one = state("web:1", "1111111", isCordoned: false)
        var host = ObservedState(converged: one)
        host.images["web:2"] = ObservedImage(id: "sha256:web:2")
        var rig = try LoopRig(one)
        rig.observed(host)
        rig.wait(.seconds(5))
        #expect(try rig.rollout.phase == .complete)
        rig.tell(.desired(state("web:2", "2222222", isCordoned: true)))
        host.change("web-0-1") { $0.status = .exited }
        see(&rig, host)
        rig.wait(.seconds(20))
        #expect(rig.stepNames == ["start"], "it is repaired as long as the host is cordoned")
        rig.ended(.failure(DriverError(.terminal, .badRequest, "no such command", at: "POST /containers/start")))
        wait(&rig, 300)
        #expect(try rig.rollout.phase == .progressing && rig.writtenPins.isEmpty)
    }

    @Test("a rollout that has failed stays so when the engine comes back")
    func failedAndAway() throws {
        let next = next(rollsBack: false)
        var rig = try WebRollout.stuck(next)
        wait(&rig, 120)
        #expect(try rig.rollout.phase == .failed)
        _ = rig.lookAgain()
        rig.observed(
            .failure(DriverError(.transient, .engineUnreachable, "nobody answers", at: "GET /containers/json")))
        wait(&rig, 15)
        var down = try WebRollout.begun(next)
        for name in ["web-0-1", "web-1-1"] { down.change(name) { $0.status = .exited } }
        see(&rig, down)
        see(&rig, try WebRollout.begun(next))
        #expect(try rig.rollout.phase == .failed)
    }

    @Test("a member that comes up and goes down is no progress")
    func flaps() throws {
        let next = next()
        var rig = try WebRollout.stuck(next)
        for _ in 0..<2 {
            wait(&rig, 30)
            see(&rig, try WebRollout.begun(next, health: .healthy))
            wait(&rig, 5)
            see(&rig, try WebRollout.begun(next))
        }
        wait(&rig, 100)
        #expect(rig.writtenPins.count == 1)
    }

    @Test("time in which the engine could not be seen fails nobody")
    func away() throws {
        let next = next()
        var rig = try WebRollout.stuck(next)
        wait(&rig, 80)
        _ = rig.lookAgain()
        rig.observed(
            .failure(DriverError(.transient, .engineUnreachable, "nobody answers", at: "GET /containers/json")))
        wait(&rig, 15)
        see(&rig, try WebRollout.begun(next))
        wait(&rig, 90)
        #expect(try rig.rollout.phase == .progressing)
        wait(&rig, 20)
        #expect(rig.writtenPins.count == 1)
    }

    @Test("a deadline that a commit makes longer is longer at once")
    func longer() throws {
        var rig = try WebRollout.stuck(next())
        rig.wait(.seconds(90))
        rig.tell(.desired(WebRollout.state("web:2", "3333333") { $0.progressDeadline = .seconds(300) }))
        rig.observed(try WebRollout.begun(next()))
        wait(&rig, 200)
        #expect(try rig.rollout.phase == .progressing)
        wait(&rig, 20)
        #expect(try rig.rollout.history.last?.message.hasPrefix("no progress for 5m") == true)
    }

    @Test(
        "a run that has just begun has half a minute and what a member needs, and all of what passed while nobody was there",
        arguments: [(50, 50), (95, 35), (1_000, 100)])
    func nextRun(away: Int64, left: Int) throws {
        let next = next { $0.minHealthyTime = .seconds(5) }
        var stored = try WebRollout.stuck(next).rolloutsToRemember
        stored.rollouts[WebRollout.web]?.lastProgress = Instant(secondsSince1970: -away)
        var rig = try LoopRig(next, stored: stored)
        rig.observed(try WebRollout.begun(next))
        #expect(try rig.rollout.secondsLeft == left)
        wait(&rig, left - 5)
        #expect(try rig.rollout.phase == .progressing)
        wait(&rig, 10)
        #expect(try rig.rollout.phase == .failed)
    }

    @Test("a step that the engine refuses again and again stands against the template")
    func refused() throws {
        let next = next(rollsBack: false)
        var rig = try LoopRig(WebRollout.one)
        rig.observed(WebRollout.before)
        rig.tell(.desired(next))
        rig.observed(WebRollout.before)
        for _ in 0..<40 {
            rig.ended(
                .failure(
                    DriverError(.transient, .serverError, "500 Internal Server Error", at: "POST /containers/create")))
            rig.wait(.seconds(5))
            rig.observed(WebRollout.before)
        }
        let message = try #require(try rig.rollout.history.last).message
        #expect(message.contains("web/0: its successor could not be made, tried "), "\(message)")
    }

    @Test("two that fail at the same moment are both told, and both go back")
    func two() throws {
        func state(_ image: String, _ revision: String) -> DesiredState {
            let workloads = ["api", "web"].map { name in
                var workload = Declared.workload(
                    name, replicas: 1, ContainerTemplate(image: image, healthCheck: HealthCheck(command: ["ok"])))
                workload.spec.strategy.autoRollback = true
                workload.spec.strategy.progressDeadline = .seconds(100)
                return workload
            }
            return Declared.state(workloads[0], workloads[1], revision: revision)
        }
        let before = ObservedState(converged: state("web:1", "1111111"))
        var rig = try LoopRig(state("web:1", "1111111"))
        rig.observed(before)
        rig.tell(.desired(state("web:2", "2222222")))
        rig.observed(before)
        #expect(rig.stepNames == ["pull-image", "pull-image"])
        rig.ended(.failure(DriverError(.terminal, .imageNotFound, "no such image", at: "POST /images/create")))
        rig.ended(.failure(DriverError(.terminal, .imageNotFound, "no such image", at: "POST /images/create")))
        wait(&rig, 120)
        #expect(rig.writtenPins.map(\.object.name).sorted() == ["api", "web"])
    }

    // MARK: What is proven

    @Test("a restart is never rolled back to another template, and an abort ends it")
    func restart() throws {
        var rig = try LoopRig(WebRollout.one)
        rig.observed(WebRollout.before)
        let two = next()
        var after = ObservedState(converged: two)
        after.images["web:1"] = ObservedImage(id: "sha256:web:1")
        rig.tell(.desired(two))
        rig.observed(after)
        #expect(try rig.rollout.phase == .complete)
        _ = try rig.ask(.rollout(RolloutRequest(.restart, of: WebRollout.web)))
        var broken = after
        broken.add(0, of: try #require(two.objects[WebRollout.web]), incarnation: 2) { $0.health = .starting }
        rig.ended(.success(.container(id: "id-web-0-2", broken.containers["id-web-0-2"])))
        wait(&rig, 150)
        #expect(try rig.rollout.phase == .failed && rig.writtenPins.isEmpty)
        let message = try rig.ask(.rollout(RolloutRequest(.abort, of: WebRollout.web)))
        #expect(message == "the restart of Workload/web ends: members of before it that are left stay")
        #expect(rig.writtenPins.isEmpty)
        see(&rig, after)
        #expect(try rig.rollout.phase == .complete)
    }

    @Test("a rollout of no members proves nothing")
    func nobody() throws {
        var rig = try LoopRig(WebRollout.one)
        rig.observed(WebRollout.before)
        rig.tell(.desired(WebRollout.state("web:2", "2222222", replicas: 0)))
        var empty = WebRollout.before
        for name in ["web-0-1", "web-1-1"] { empty.remove(name) }
        rig.observed(empty)
        #expect(try rig.rollout.phase == .complete)
        rig.tell(.desired(WebRollout.state("web:3", "3333333", replicas: 2)))
        rig.observed(empty)
        #expect(try rig.rollout.lastGood?.id == "1111111")
    }

    @Test("git that says by itself what was brought back begins anew")
    func adopted() throws {
        var rig = try WebRollout.stuck(next())
        wait(&rig, 120)
        #expect(try rig.rollout.cause == .rollback)
        var broken = WebRollout.before
        for name in ["web-0-1", "web-1-1"] { broken.change(name) { $0.health = .starting } }
        see(&rig, broken)
        wait(&rig, 150)
        #expect(try rig.rollout.phase == .failed)
        rig.tell(.desired(WebRollout.state("web:1", "3333333")))
        see(&rig, broken)
        let rollout = try rig.rollout
        #expect(rollout.phase == .progressing && rollout.cause == .commit)
    }
}
