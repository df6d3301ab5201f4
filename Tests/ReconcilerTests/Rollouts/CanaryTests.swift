import ReconcileTesting
import Reconciler
import Specs
import Testing

/// So many new members first, judged, and then the others.
struct CanaryTests {
    // MARK: Steps

    @Test("the first step makes one new member, with its share of new connections, and holds all others")
    func firstStep() throws {
        let rig = try CanaryRollout.atFirstStep()
        #expect(rig.created == [])
        let held = try #require(rig.loop.currentPlan()).actions.compactMap { action -> Hold? in
            if case .held(let hold) = action.verdict { hold } else { nil }
        }
        #expect(held.map(\.gate) == [.canaryStep, .canaryStep, .canaryStep])
        #expect(held.first?.message == "step 1 of 2, 10%: 1 of 4 members are new until 1970-01-01T00:01:00Z")
        let rollout = try rig.rollout
        #expect(rollout.stage == "step 1 of 2, 10%, until 1970-01-01T00:01:00Z and a judgement that passes")
        #expect(rollout.analysis == "passed at 1970-01-01T00:00:00Z: the new members are healthy")
    }

    @Test("when its pause is over the next step follows, which is written down before anything is made for it")
    func nextStep() throws {
        var rig = try CanaryRollout.atFirstStep()
        CanaryRollout.pass(59, &rig)
        #expect(rig.created.isEmpty)
        CanaryRollout.pass(2, &rig)
        #expect(rig.created == ["web-2-2"])
        let stored = try #require(rig.rolloutsToRemember.rollouts[CanaryRollout.web]?.canary)
        #expect(stored.step == 1 && stored.reached == nil && !stored.isThrough)
        // Two of four would have half of all connections; the one that there is has half of that.
        #expect(CanaryRollout.wanted(rig) == CanaryRollout.map([(0, 1, 1), (1, 1, 1), (2, 1, 1), (3, 2, 1)]))
    }

    @Test("after the last step the others follow, and the rollout is complete when all are new")
    func completion() throws {
        var rig = try CanaryRollout.atFirstStep(
            CanaryRollout.state("web:2", "2222222") { $0.steps = [CanaryRollout.step(10)] })
        CanaryRollout.pass(61, &rig)
        #expect(try rig.rollout.stage == "after all steps: all other members follow")
        #expect(rig.created == ["web-2-2"])
        try CanaryRollout.see([[2], [2], [2], [2]], &rig)
        #expect(try rig.rollout.phase == .complete)
    }

    @Test("a last step of all members is judged as well before the rollout is complete")
    func wholeStep() throws {
        var rig = try CanaryRollout.begun(
            CanaryRollout.state("web:2", "2222222") { $0.steps = [CanaryRollout.step(100)] })
        try CanaryRollout.see([[2], [2], [2], [2]], &rig)
        #expect(try rig.rollout.phase == .progressing)
        CanaryRollout.pass(61, &rig)
        #expect(try rig.rollout.phase == .complete)
    }

    @Test("the first members of all go through no steps")
    func firstDeployment() throws {
        var rig = try LoopRig(CanaryRollout.one)
        var empty = ObservedState()
        empty.images["web:1"] = ObservedImage(id: "sha256:web:1")
        rig.observed(empty)
        #expect(try rig.rollout.stage == nil)
        var all = try CanaryRollout.host(CanaryRollout.old)
        all.firewall.sequence = 20
        _ = rig.lookAgain()
        rig.observed(all)
        #expect(try rig.rollout.phase == .complete)
    }

    @Test("a step without a pause waits for a person, for whom it is never too late, and who may pass over all steps")
    func promotion() throws {
        for isFull in [false, true] {
            var rig = try CanaryRollout.atFirstStep(
                CanaryRollout.state("web:2", "2222222") {
                    $0.steps = [CanaryRollout.step(10, pause: nil), CanaryRollout.step(25, pause: nil)]
                })
            CanaryRollout.pass(900, &rig)
            #expect(rig.created.isEmpty)
            #expect(try rig.rollout.phase == .progressing && rig.writtenPins.isEmpty)
            #expect(try rig.rollout.stage == "step 1 of 2, 10%, until 'reconcile rollout promote'")
            #expect(
                rig.journal.eventTexts.contains("AwaitsPromotion: step 1 of 2 waits for 'reconcile rollout promote'"))
            let said = try rig.ask(.rollout(RolloutRequest(.promote(isFull: isFull), of: CanaryRollout.web)))
            CanaryRollout.rest(&rig)
            if isFull {
                #expect(said == "all members of Workload/web are replaced, without the steps that are left")
                #expect(rig.created == ["web-2-2"])
            } else {
                #expect(said == "Workload/web goes on to step 2 of 2 now")
                #expect(rig.created.isEmpty, "a quarter is no more than one")
                #expect(try rig.rollout.stage?.hasPrefix("step 2 of 2, 25%") == true)
            }
        }
    }

    @Test("where one member is all that there is, the old one shares the work with it")
    func single() throws {
        let (one, two) = (
            CanaryRollout.state("web:1", "1111111", replicas: 1), CanaryRollout.state("web:2", "2222222", replicas: 1)
        )
        var rig = try LoopRig(one)
        rig.observed(try CanaryRollout.host([[1]]))
        rig.tell(.desired(two))
        rig.observed(try CanaryRollout.host([[1]]))
        let both = try CanaryRollout.host([[1, 2]], traffic: CanaryRollout.map([(0, 1, 1)]))
        rig.ended(.success(.container(id: "id-web-0-2", both.containers["id-web-0-2"])))
        #expect(CanaryRollout.wanted(rig) == CanaryRollout.map([(0, 1, 9), (0, 2, 1)]))
        rig.ended(
            .success(
                .firewall(
                    try CanaryRollout.host([[1, 2]], traffic: CanaryRollout.map([(0, 1, 9), (0, 2, 1)])).firewall)))
        try CanaryRollout.see([[1, 2]], &rig, traffic: CanaryRollout.map([(0, 1, 9), (0, 2, 1)]))
        #expect(rig.looks.isEmpty, "nobody is about to be stopped: \(rig.looks)")
    }

    @Test("members that an autoscaler adds within a step are new up to its share, and wait beyond it")
    func scaled() throws {
        var rig = try CanaryRollout.atFirstStep()
        rig.tell(.desired(CanaryRollout.state("web:2", "3333333", replicas: 12)))
        rig.observed(try CanaryRollout.host(CanaryRollout.stepped, traffic: CanaryRollout.tenth))
        CanaryRollout.rest(&rig)
        #expect(rig.created == ["web-4-1"], "a tenth of twelve is two")
    }

    // MARK: Analysis

    @Test("the question names the new members, and an answer within bounds takes the step on when its pause is over")
    func passes() throws {
        var rig = try CanaryRollout.atFirstStep(CanaryRollout.judged())
        let query = MetricQuery(query: #"sum(rate(failed{name=~"web-3-2"}[1m]))"#)
        #expect(rig.measures == [[.prometheus(query, maxAge: .seconds(60))]])
        rig.measured(.whole(0.05, at: rig.wall))
        #expect(try rig.rollout.analysis?.hasSuffix("the new members are healthy; errors is 0.05") == true)
        CanaryRollout.pass(30, &rig)
        rig.measured(.whole(0.05, at: rig.wall))
        CanaryRollout.pass(31, &rig)
        #expect(rig.created.isEmpty, "what is being measured is waited for")
        rig.measured(.whole(0.05, at: rig.wall))
        #expect(rig.created == ["web-2-2"])
    }

    @Test(
        "what is out of bounds too often fails the rollout: the port leads away first, and the revision is quarantined")
    func fails() throws {
        var rig = try CanaryRollout.atFirstStep(CanaryRollout.judged())
        rig.measured(.whole(0.4, at: rig.wall))
        #expect(rig.writtenPins.isEmpty && CanaryRollout.wanted(rig) == nil)
        CanaryRollout.pass(30, &rig)
        rig.measured(.whole(0.4, at: rig.wall))
        let pin = try #require(rig.writtenPins.first)
        #expect(pin.revision?.id == "1111111" && pin.cause == .quarantined)
        #expect(pin.reason == "step 1 of 2, 10%: errors is 0.4, more than 0.1, 2 times in a row")
        #expect(rig.journal.eventTexts.contains { $0.hasPrefix("AnalysisFailed: step 1 of 2") })
        rig.observed(try CanaryRollout.host(CanaryRollout.stepped, traffic: CanaryRollout.tenth))
        #expect(CanaryRollout.wanted(rig) == CanaryRollout.map([(0, 1, 1), (1, 1, 1), (2, 1, 1)]))
        #expect(rig.looks.isEmpty, "nobody is stopped before that")
        #expect(try rig.rollout.stage == "ports lead to members of this template as far as there are any")
    }

    @Test("without autoRollback it stays failed, the port leads to the old members, and nothing goes on by itself")
    func staysFailed() throws {
        let next = CanaryRollout.judged(rollsBack: false)
        var rig = try CanaryRollout.atFirstStep(next)
        for _ in 0..<2 {
            rig.measured(.whole(0.4, at: rig.wall))
            CanaryRollout.pass(30, &rig)
        }
        #expect(try rig.rollout.phase == .failed && rig.writtenPins.isEmpty)
        #expect(CanaryRollout.wanted(rig) == CanaryRollout.map([(0, 1, 1), (1, 1, 1), (2, 1, 1)]))
        let reasons = try #require(rig.loop.status().objects.first).conditions.map(\.reason)
        #expect(reasons.contains("AnalysisFailed"), "\(reasons)")
        CanaryRollout.pass(900, &rig)
        try CanaryRollout.see(
            CanaryRollout.stepped, &rig, traffic: CanaryRollout.map([(0, 1, 1), (1, 1, 1), (2, 1, 1)]))
        #expect(try rig.rollout.phase == .failed && rig.created.isEmpty)
        #expect(throws: CommandRefusal.self) {
            _ = try rig.ask(.rollout(RolloutRequest(.promote(), of: CanaryRollout.web)))
        }
    }

    @Test(
        "what was not measured takes nothing on and fails nothing, and a person may go on without it",
        arguments: [
            MetricReading.failed("no answer"), .unsupported("no such server"),
            .whole(.nan, at: Instant(secondsSince1970: 0)),
            .whole(0, at: Instant(secondsSince1970: -100)),
        ])
    func inconclusive(_ reading: MetricReading) throws {
        var rig = try CanaryRollout.atFirstStep(CanaryRollout.judged())
        rig.measured(reading)
        #expect(try rig.rollout.analysis?.hasPrefix("inconclusive") == true)
        for _ in 0..<20 {
            CanaryRollout.pass(30, &rig)
            rig.measured(.failed("no answer"))
        }
        #expect(rig.created.isEmpty && rig.writtenPins.isEmpty)
        #expect(try rig.rollout.phase == .progressing)
        #expect(rig.journal.eventTexts.contains { $0.hasPrefix("AnalysisInconclusive: errors") })
        _ = try rig.ask(.rollout(RolloutRequest(.promote(), of: CanaryRollout.web)))
        CanaryRollout.rest(&rig)
        #expect(rig.created == ["web-2-2"])
    }

    @Test("without a new member nobody is asked about, and nothing goes on")
    func nobody() throws {
        for next in [CanaryRollout.two, CanaryRollout.judged()] {
            var rig = try CanaryRollout.atFirstStep(next)
            rig.measured(.whole(0.05, at: rig.wall))
            try CanaryRollout.see(
                [[1], [1], [1], []], &rig, of: next, traffic: CanaryRollout.map((0..<3).map { ($0, 1, 1) }))
            CanaryRollout.pass(61, &rig)
            #expect(try rig.rollout.analysis?.contains("there is no new member") == true && rig.measures.isEmpty)
            #expect(try rig.rollout.stage?.hasPrefix("step 1 of 2") == true)
        }
    }

    @Test("failures that are not in a row, or with nothing measured between them, are counted as that")
    func row() throws {
        var rig = try CanaryRollout.atFirstStep(CanaryRollout.judged(pause: nil))
        for value in [0.4, 0.05, 0.4] {
            rig.measured(.whole(value, at: rig.wall))
            CanaryRollout.pass(30, &rig)
        }
        #expect(try rig.rollout.phase == .progressing)
        rig.measured(.failed("no answer"))
        CanaryRollout.pass(30, &rig)
        rig.measured(.whole(0.4, at: rig.wall))
        #expect(rig.writtenPins.count == 1)
    }

    @Test("an error budget is judged by how fast it is used up within its window")
    func errorBudget() throws {
        for (share, isBad) in [(0.14, false), (0.15, true)] {
            let next = CanaryRollout.state("web:2", "2222222") { canary in
                var budget = RolloutStrategy.ErrorBudget()
                budget.query = MetricQuery(query: "failed:rate[$window]")
                canary.analysis.errorBudget = budget
                canary.analysis.failureLimit = 1
            }
            var rig = try CanaryRollout.atFirstStep(next)
            #expect(rig.measures == [[.prometheus(MetricQuery(query: "failed:rate[300s]"), maxAge: .seconds(60))]])
            rig.measured(.whole(share, at: rig.wall))
            #expect(rig.writtenPins.isEmpty != isBad)
        }
    }

    @Test("the first judgement waits for its delay")
    func initialDelay() throws {
        let next = CanaryRollout.state("web:2", "2222222") {
            $0.analysis.initialDelay = .seconds(40)
            $0.steps = [CanaryRollout.step(10, pause: 10)]
        }
        var rig = try CanaryRollout.atFirstStep(next)
        CanaryRollout.pass(39, &rig)
        #expect(try rig.rollout.analysis == nil && rig.created.isEmpty)
        CanaryRollout.pass(2, &rig)
        #expect(rig.created == ["web-2-2"])
    }

    @Test("a new member that is started again and again, or is not ready any more, is found bad")
    func restarts() throws {
        let next = CanaryRollout.state("web:2", "2222222") { $0.analysis.failureLimit = 2 }
        var rig = try CanaryRollout.atFirstStep(next)
        for run in ["second", "third"] {
            #expect(rig.writtenPins.isEmpty)
            CanaryRollout.pass(28, &rig)
            try CanaryRollout.see(CanaryRollout.stepped, &rig, of: next, traffic: CanaryRollout.tenth) {
                $0.change("web-3-2") { $0.startedAt = run }
            }
            CanaryRollout.pass(2, &rig)
        }
        #expect(
            rig.writtenPins.first?.reason
                == "step 1 of 2, 10%: 'web-3-2' was started again, 2 times in a row")
    }

    // MARK: Numbers

    @Test("a share is rounded up and leaves one old member; all is all")
    func members() {
        for (weight, all, most) in [
            (10, 4, 1), (50, 4, 2), (51, 4, 3), (99, 4, 3), (100, 4, 4), (10, 1, 1), (50, 0, 0), (1, 1_000, 10),
        ] { #expect(CanaryRollout.step(Int64(weight)).members(of: all) == most, "\(weight)% of \(all)") }
        for (count, all, most) in [(1, 4, 1), (9, 4, 4), (1, 0, 0)] {
            #expect(CanaryRollout.step(count: count).members(of: all) == most)
        }
    }
}
