import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What a canary meets in the middle of its steps, and every way back.
struct CanaryReturnTests {
    // MARK: In the middle

    @Test("a next run of the program goes on where this one was, and judges anew before it goes on")
    func restart() throws {
        let next = CanaryRollout.judged()
        var rig = try CanaryRollout.atFirstStep(next)
        rig.measured(.whole(0.05, at: rig.wall))
        CanaryRollout.pass(50, &rig)
        var stored = rig.rolloutsToRemember
        stored.incarnations = [MemberID(CanaryRollout.web, 3): 2]
        var again = try LoopRig(next, stored: stored, wall: rig.wall)
        again.observed(try CanaryRollout.host(CanaryRollout.stepped, of: next, traffic: CanaryRollout.tenth))
        #expect(CanaryRollout.wanted(again) == nil && again.created.isEmpty)
        CanaryRollout.pass(11, &again)
        #expect(again.created.isEmpty, "nothing was measured by this run yet")
        again.measured(.whole(0.05, at: again.wall))
        CanaryRollout.rest(&again)
        #expect(again.created.isEmpty, "that was asked before the pause was over")
        again.measured(.whole(0.05, at: again.wall))
        CanaryRollout.rest(&again)
        #expect(again.created == ["web-2-2"])
    }

    @Test("an abort leads ports back to the old members at once, and then the new one goes")
    func abort() throws {
        var rig = try CanaryRollout.atFirstStep()
        _ = try rig.ask(.rollout(RolloutRequest(.abort, of: CanaryRollout.web)))
        rig.observed(try CanaryRollout.host(CanaryRollout.stepped, traffic: CanaryRollout.tenth))
        #expect(CanaryRollout.wanted(rig) == CanaryRollout.map([(0, 1, 1), (1, 1, 1), (2, 1, 1)]))
        #expect(rig.created == ["web-3-3"] && rig.looks.isEmpty)
    }

    @Test("a third template in the middle begins with its own first step, in the place of the second one")
    func third() throws {
        var rig = try CanaryRollout.atFirstStep()
        rig.tell(.desired(CanaryRollout.state("web:3", "3333333")))
        rig.observed(try CanaryRollout.host(CanaryRollout.stepped, traffic: CanaryRollout.tenth))
        #expect(rig.created == ["web-3-3"])
        let atWork = CanaryRollout.map([(0, 1, 1), (1, 1, 1), (2, 1, 1)])
        #expect(CanaryRollout.wanted(rig) == atWork, "who was never found good does not do the work of old members")
        #expect(try rig.rollout.lastGood?.id == "1111111")
        #expect(rig.rolloutsToRemember.rollouts[CanaryRollout.web]?.canary?.step == 0)
    }

    @Test("a commit that says again what was there before leads ports back at once, and goes through no steps")
    func revert() throws {
        var rig = try CanaryRollout.atFirstStep()
        rig.tell(.desired(CanaryRollout.state("web:1", "3333333")))
        rig.observed(try CanaryRollout.host(CanaryRollout.stepped, traffic: CanaryRollout.tenth))
        #expect(CanaryRollout.wanted(rig) == CanaryRollout.map([(0, 1, 1), (1, 1, 1), (2, 1, 1)]))
        #expect(rig.created == ["web-3-3"])
        #expect(try rig.rollout.cause == .commit)
        #expect(rig.rolloutsToRemember.rollouts[CanaryRollout.web]?.canary?.course == .returning)
    }

    @Test(
        "a commit while the old template comes back leaves those at work that were made for it, and not who was given up"
    )
    func fixForward() throws {
        let three = CanaryRollout.state("web:3", "3333333")
        var rig = try CanaryRollout.atFirstStep()
        _ = try rig.ask(.rollout(RolloutRequest(.abort, of: CanaryRollout.web)))
        rig.observed(try CanaryRollout.host(CanaryRollout.stepped, traffic: CanaryRollout.tenth))
        #expect(rig.created == ["web-3-3"])
        var beside = try CanaryRollout.host(CanaryRollout.stepped, traffic: CanaryRollout.tenth)
        let remade = beside.add(3, of: try #require(CanaryRollout.one.objects[CanaryRollout.web]), incarnation: 3) {
            $0.address = CanaryRollout.address(3, 3).description
        }
        rig.ended(.success(.container(id: remade, beside.containers[remade])))
        rig.tell(.desired(three))
        beside.firewall.sequence = 500
        rig.observed(beside)
        CanaryRollout.rest(&rig)
        #expect(CanaryRollout.wanted(rig) == CanaryRollout.map([(0, 1, 1), (1, 1, 1), (2, 1, 1), (3, 3, 1)]))
    }

    @Test("a rollout that was found bad is not complete because it was scaled to nothing")
    func scaledToNothing() throws {
        let next = CanaryRollout.judged(rollsBack: false)
        var rig = try CanaryRollout.atFirstStep(next)
        rig.measured(.whole(0.5, at: rig.wall))
        CanaryRollout.pass(31, &rig)
        rig.measured(.whole(0.5, at: rig.wall))
        CanaryRollout.rest(&rig)
        #expect(try rig.rollout.phase == .failed)
        var nothing = next
        nothing.objects[CanaryRollout.web]?.slots = 0
        rig.tell(.desired(nothing))
        var empty = try CanaryRollout.host([[1]], of: next)
        empty.record(nil, id: "id-web-0-1")
        empty.firewall.sequence = 900
        _ = rig.lookAgain()
        rig.observed(empty)
        CanaryRollout.rest(&rig)
        #expect(try rig.rollout.phase == .failed)
    }

    @Test("a step does not end while one of its members is away, whatever was found before")
    func away() throws {
        var rig = try CanaryRollout.atFirstStep(
            CanaryRollout.state("web:2", "2222222") { $0.analysis.failureLimit = 100 })
        try CanaryRollout.see(CanaryRollout.stepped, &rig, traffic: CanaryRollout.tenth) {
            $0.change("web-3-2") { $0.health = .unhealthy }
        }
        CanaryRollout.pass(61, &rig)
        #expect(try rig.rollout.stage?.hasPrefix("step 1 of 2") == true)
        #expect(try rig.rollout.analysis?.contains("'web-3-2' is not ready any more") == true)
    }

    @Test("a restart goes through the same steps, and an abort of it keeps what is left of before")
    func restartOfMembers() throws {
        var rig = try LoopRig(CanaryRollout.one)
        rig.observed(try CanaryRollout.host(CanaryRollout.old))
        let said = try rig.ask(.rollout(RolloutRequest(.restart, of: CanaryRollout.web)))
        #expect(said.hasSuffix("step by step") && rig.created == ["web-3-2"])
        _ = try rig.ask(.rollout(RolloutRequest(.abort, of: CanaryRollout.web)))
        #expect(try rig.rollout.cause == .undo)
        #expect(try #require(rig.loop.currentPlan()).held.isEmpty)
    }

    @Test("members that do not become available fail the step at its deadline")
    func neverReady() throws {
        let next = CanaryRollout.two
        var rig = try CanaryRollout.begun(next)
        let beside = [[1], [1], [1], [1, 2]]
        let traffic = CanaryRollout.map((0..<4).map { ($0, 1, 1) })
        try CanaryRollout.see(beside, &rig, traffic: traffic) { $0.change("web-3-2") { $0.health = .starting } }
        CanaryRollout.pass(201, &rig)
        #expect(rig.writtenPins.first?.reason.hasPrefix("no progress for 3m20s") == true)
    }

    @Test("somebody who only asks what a commit would do sees the first step")
    func preview() throws {
        let actions = plan(CanaryRollout.two, try CanaryRollout.host(CanaryRollout.old)).actions.filter {
            $0.slot != nil
        }
        let gates = actions.map { if case .held(let hold) = $0.verdict { hold.gate.rawValue } else { "go" } }
        #expect(gates == ["CanaryStep", "CanaryStep", "CanaryStep", "go"])
    }

    // MARK: Previews

    @Test("a preview knows the step under way, and what another commit would make of it")
    func previewOfStep() throws {
        var rig = try CanaryRollout.atFirstStep()
        let host = try CanaryRollout.host(CanaryRollout.stepped, traffic: CanaryRollout.tenth)
        let lines = rig.previewed(CanaryRollout.two, on: host)
        #expect(lines == rig.planned && lines.count { $0.hasSuffix("held: CanaryStep") } == 3, "\(lines)")
        let third = CanaryRollout.state("web:3", "3333333")
        let beforehand = rig.previewed(third, on: host)
        rig.tell(.desired(third))
        try CanaryRollout.see(CanaryRollout.stepped, &rig, traffic: CanaryRollout.tenth)
        #expect(beforehand == rig.planned)
    }

    @Test("a preview knows a rollout that has failed, and replaces nobody for it")
    func previewOfFailure() throws {
        let next = CanaryRollout.judged(rollsBack: false)
        var rig = try CanaryRollout.atFirstStep(next)
        for _ in 0..<2 {
            rig.measured(.whole(0.5, at: rig.wall))
            CanaryRollout.pass(31, &rig)
        }
        #expect(try rig.rollout.phase == .failed)
        let traffic = CanaryRollout.map([(0, 1, 1), (1, 1, 1), (2, 1, 1)])
        try CanaryRollout.see(CanaryRollout.stepped, &rig, of: next, traffic: traffic)
        let lines = rig.previewed(next, on: try CanaryRollout.host(CanaryRollout.stepped, of: next, traffic: traffic))
        #expect(lines == rig.planned && lines.count { $0.hasSuffix("held: RolloutFailed") } == 3, "\(lines)")
    }
}
