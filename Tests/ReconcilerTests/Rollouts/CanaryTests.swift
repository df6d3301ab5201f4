import ReconcileTesting
import Reconciler
import Specs
import Testing

/// So many new members first, judged, and then the others; and every way back.
struct CanaryTests {
    private static let web = ResourceID(.workload, "web")
    private static let port = PublishedPort(hostPort: 8080, container: ContainerPort(80))

    private static func step(_ weight: Int64? = nil, count: Int? = nil, pause: Int64? = 60) -> RolloutStrategy.Step {
        var step = RolloutStrategy.Step()
        step.weight = weight.map { Percentage($0) }
        step.count = count
        step.pause = pause.map { .seconds($0) }
        return step
    }

    private static func state(
        _ image: String, _ revision: String, replicas: Int = 4, rollsBack: Bool = true,
        _ change: (inout RolloutStrategy.Canary) -> Void = { _ in }
    ) -> DesiredState {
        var workload = Declared.workload(
            replicas: replicas, strategy: .canary, publish: [port],
            ContainerTemplate(image: image, healthCheck: HealthCheck(command: ["ok"])))
        var canary = RolloutStrategy.Canary()
        canary.steps = [step(10), step(50)]
        change(&canary)
        workload.spec.strategy.canary = canary
        workload.spec.strategy.autoRollback = rollsBack
        workload.spec.strategy.progressDeadline = .seconds(200)
        return Declared.state(workload, pools: [Declared.pool()], revision: revision)
    }

    private static let one = state("web:1", "1111111")
    private static let two = state("web:2", "2222222")

    /// The next revision, judged by the share of failed requests.
    private static func judged(rollsBack: Bool = true, pause: Int64? = 60) -> DesiredState {
        state("web:2", "2222222", rollsBack: rollsBack) { canary in
            var check = RolloutStrategy.MetricCheck()
            (check.name, check.max) = ("errors", 0.1)
            check.query = MetricQuery(query: #"sum(rate(failed{name=~"$members"}[1m]))"#)
            canary.steps = [step(10, pause: pause), step(50)]
            canary.analysis.metrics = [check]
            canary.analysis.failureLimit = 2
        }
    }

    private static func address(_ slot: Int, _ incarnation: Int) -> IPAddress {
        .v4(0x0AE0_0000 + UInt32(incarnation * 10 + slot))
    }

    /// Where the port leads, by slot and incarnation, with the weight of each.
    private static func map(_ members: [(slot: Int, incarnation: Int, weight: Int)]) -> TrafficMap {
        TrafficMap([
            TrafficMap.Route(
                port, to: members.map { TrafficMap.Member(address($0.slot, $0.incarnation), weight: $0.weight) })
        ])
    }

    /// Members of these incarnations, by slot; the port leads to all of them alike, or as it is said.
    private static func host(
        _ incarnations: [[Int]], of next: DesiredState = two, traffic: TrafficMap? = nil
    ) throws -> ObservedState {
        let first = state("web:1", "1111111", replicas: incarnations.count)
        var state = ObservedState(converged: first)
        for (slot, present) in incarnations.enumerated() {
            state.change("web-\(slot)-1") { $0.address = address(slot, 1).description }
            for incarnation in present where incarnation > 1 {
                state.add(slot, of: try #require(next.objects[web]), incarnation: incarnation) {
                    $0.address = address(slot, incarnation).description
                    $0.startedAt = "first"
                }
            }
            if !present.contains(1) { state.record(nil, id: "id-web-\(slot)-1") }
        }
        for image in ["web:1", "web:2", "web:3"] where state.images[image] == nil {
            state.images[image] = ObservedImage(id: "sha256:" + image)
        }
        let all = incarnations.enumerated().flatMap { slot, present in present.map { (slot, $0, 1) } }
        state.firewall.traffic = traffic ?? map(all)
        return state
    }

    private static let old = [[1], [1], [1], [1]]
    private static let stepped = [[1], [1], [1], [2]]
    /// One new member with a tenth of all connections.
    private static let tenth = map([(0, 1, 3), (1, 1, 3), (2, 1, 3), (3, 2, 1)])

    /// The first revision is complete, and the next one is accepted.
    private static func begun(_ next: DesiredState = two) throws -> LoopRig {
        var rig = try LoopRig(one)
        rig.observed(try host(old))
        #expect(try rig.rollout.phase == .complete)
        rig.tell(.desired(next))
        rig.observed(try host(old))
        #expect(rig.stepNames == ["create-container"])
        return rig
    }

    /// The new member of the first step is there, and its predecessor is gone.
    private static func atFirstStep(_ next: DesiredState = two) throws -> LoopRig {
        var rig = try begun(next)
        let beside = try host([[1], [1], [1], [1, 2]], of: next, traffic: map((0..<4).map { ($0, 1, 1) }))
        rig.ended(.success(.container(id: "id-web-3-2", beside.containers["id-web-3-2"])))
        #expect(wanted(rig) == tenth, "the old one beside it is led to no more, since it goes")
        try see(stepped, &rig, of: next, traffic: tenth)
        var inForce = try host(stepped, of: next, traffic: tenth).firewall
        inForce.sequence = 101
        rig.ended(.success(.firewall(inForce)))
        rest(&rig)
        return rig
    }

    private static func see(
        _ incarnations: [[Int]], _ rig: inout LoopRig, of next: DesiredState = two, traffic: TrafficMap? = nil,
        _ change: (inout ObservedState) -> Void = { _ in }
    ) throws {
        var state = try host(incarnations, of: next, traffic: traffic)
        state.firewall.sequence = UInt64(rig.uptime / .seconds(1)) + 100
        change(&state)
        _ = rig.lookAgain()
        rig.observed(state)
        rest(&rig)
    }

    /// Lets everything come that is due by now.
    private static func rest(_ rig: inout LoopRig) {
        for _ in 0..<10 where !rig.isAtRest { rig.tell(.time) }
    }

    private static func pass(_ seconds: Int64, _ rig: inout LoopRig) {
        rig.wait(.seconds(seconds))
        rest(&rig)
    }

    private static func wanted(_ rig: LoopRig) -> TrafficMap? {
        for case .applyFirewall(let intent) in rig.steps.reversed() { return intent.traffic }
        return nil
    }

    private func created(_ rig: LoopRig) -> [String] {
        rig.steps.compactMap { if case .createContainer(let intent) = $0 { intent.name } else { nil } }
    }

    // MARK: Steps

    @Test("the first step makes one new member, with its share of new connections, and holds all others")
    func firstStep() throws {
        let rig = try Self.atFirstStep()
        #expect(created(rig) == [])
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
        var rig = try Self.atFirstStep()
        Self.pass(59, &rig)
        #expect(created(rig).isEmpty)
        Self.pass(2, &rig)
        #expect(created(rig) == ["web-2-2"])
        let stored = try #require(rig.rolloutsToRemember.rollouts[Self.web]?.canary)
        #expect(stored.step == 1 && stored.reached == nil && !stored.isThrough)
        // Two of four would have half of all connections; the one that there is has half of that.
        #expect(Self.wanted(rig) == Self.map([(0, 1, 1), (1, 1, 1), (2, 1, 1), (3, 2, 1)]))
    }

    @Test("after the last step the others follow, and the rollout is complete when all are new")
    func completion() throws {
        var rig = try Self.atFirstStep(Self.state("web:2", "2222222") { $0.steps = [Self.step(10)] })
        Self.pass(61, &rig)
        #expect(try rig.rollout.stage == "after all steps: all other members follow")
        #expect(created(rig) == ["web-2-2"])
        try Self.see([[2], [2], [2], [2]], &rig)
        #expect(try rig.rollout.phase == .complete)
    }

    @Test("a last step of all members is judged as well before the rollout is complete")
    func wholeStep() throws {
        var rig = try Self.begun(Self.state("web:2", "2222222") { $0.steps = [Self.step(100)] })
        try Self.see([[2], [2], [2], [2]], &rig)
        #expect(try rig.rollout.phase == .progressing)
        Self.pass(61, &rig)
        #expect(try rig.rollout.phase == .complete)
    }

    @Test("the first members of all go through no steps")
    func firstDeployment() throws {
        var rig = try LoopRig(Self.one)
        var empty = ObservedState()
        empty.images["web:1"] = ObservedImage(id: "sha256:web:1")
        rig.observed(empty)
        #expect(try rig.rollout.stage == nil)
        var all = try Self.host(Self.old)
        all.firewall.sequence = 20
        _ = rig.lookAgain()
        rig.observed(all)
        #expect(try rig.rollout.phase == .complete)
    }

    @Test("a step without a pause waits for a person, for whom it is never too late, and who may pass over all steps")
    func promotion() throws {
        for isFull in [false, true] {
            var rig = try Self.atFirstStep(
                Self.state("web:2", "2222222") { $0.steps = [Self.step(10, pause: nil), Self.step(25, pause: nil)] })
            Self.pass(900, &rig)
            #expect(created(rig).isEmpty)
            #expect(try rig.rollout.phase == .progressing && rig.writtenPins.isEmpty)
            #expect(try rig.rollout.stage == "step 1 of 2, 10%, until 'reconcile rollout promote'")
            #expect(
                rig.journal.eventTexts.contains("AwaitsPromotion: step 1 of 2 waits for 'reconcile rollout promote'"))
            let said = try rig.ask(.rollout(RolloutRequest(.promote(isFull: isFull), of: Self.web)))
            Self.rest(&rig)
            if isFull {
                #expect(said == "all members of Workload/web are replaced, without the steps that are left")
                #expect(created(rig) == ["web-2-2"])
            } else {
                #expect(said == "Workload/web goes on to step 2 of 2 now")
                #expect(created(rig).isEmpty, "a quarter is no more than one")
                #expect(try rig.rollout.stage?.hasPrefix("step 2 of 2, 25%") == true)
            }
        }
    }

    @Test("where one member is all that there is, the old one shares the work with it")
    func single() throws {
        let (one, two) = (Self.state("web:1", "1111111", replicas: 1), Self.state("web:2", "2222222", replicas: 1))
        var rig = try LoopRig(one)
        rig.observed(try Self.host([[1]]))
        rig.tell(.desired(two))
        rig.observed(try Self.host([[1]]))
        let both = try Self.host([[1, 2]], traffic: Self.map([(0, 1, 1)]))
        rig.ended(.success(.container(id: "id-web-0-2", both.containers["id-web-0-2"])))
        #expect(Self.wanted(rig) == Self.map([(0, 1, 9), (0, 2, 1)]))
        rig.ended(.success(.firewall(try Self.host([[1, 2]], traffic: Self.map([(0, 1, 9), (0, 2, 1)])).firewall)))
        try Self.see([[1, 2]], &rig, traffic: Self.map([(0, 1, 9), (0, 2, 1)]))
        #expect(rig.looks.isEmpty, "nobody is about to be stopped: \(rig.looks)")
    }

    @Test("members that an autoscaler adds within a step are new up to its share, and wait beyond it")
    func scaled() throws {
        var rig = try Self.atFirstStep()
        rig.tell(.desired(Self.state("web:2", "3333333", replicas: 12)))
        rig.observed(try Self.host(Self.stepped, traffic: Self.tenth))
        Self.rest(&rig)
        #expect(created(rig) == ["web-4-1"], "a tenth of twelve is two")
    }

    // MARK: Analysis

    @Test("the question names the new members, and an answer within bounds takes the step on when its pause is over")
    func passes() throws {
        var rig = try Self.atFirstStep(Self.judged())
        let query = MetricQuery(query: #"sum(rate(failed{name=~"web-3-2"}[1m]))"#)
        #expect(rig.measures == [[.prometheus(query, maxAge: .seconds(60))]])
        rig.measured(.whole(0.05, at: rig.wall))
        #expect(try rig.rollout.analysis?.hasSuffix("the new members are healthy; errors is 0.05") == true)
        Self.pass(30, &rig)
        rig.measured(.whole(0.05, at: rig.wall))
        Self.pass(31, &rig)
        #expect(created(rig).isEmpty, "what is being measured is waited for")
        rig.measured(.whole(0.05, at: rig.wall))
        #expect(created(rig) == ["web-2-2"])
    }

    @Test(
        "what is out of bounds too often fails the rollout: the port leads away first, and the revision is quarantined")
    func fails() throws {
        var rig = try Self.atFirstStep(Self.judged())
        rig.measured(.whole(0.4, at: rig.wall))
        #expect(rig.writtenPins.isEmpty && Self.wanted(rig) == nil)
        Self.pass(30, &rig)
        rig.measured(.whole(0.4, at: rig.wall))
        let pin = try #require(rig.writtenPins.first)
        #expect(pin.revision?.id == "1111111" && pin.cause == .quarantined)
        #expect(pin.reason == "step 1 of 2, 10%: errors is 0.4, more than 0.1, 2 times in a row")
        #expect(rig.journal.eventTexts.contains { $0.hasPrefix("AnalysisFailed: step 1 of 2") })
        rig.observed(try Self.host(Self.stepped, traffic: Self.tenth))
        #expect(Self.wanted(rig) == Self.map([(0, 1, 1), (1, 1, 1), (2, 1, 1)]))
        #expect(rig.looks.isEmpty, "nobody is stopped before that")
        #expect(try rig.rollout.stage == "ports lead to members of this template as far as there are any")
    }

    @Test("without autoRollback it stays failed, the port leads to the old members, and nothing goes on by itself")
    func staysFailed() throws {
        let next = Self.judged(rollsBack: false)
        var rig = try Self.atFirstStep(next)
        for _ in 0..<2 {
            rig.measured(.whole(0.4, at: rig.wall))
            Self.pass(30, &rig)
        }
        #expect(try rig.rollout.phase == .failed && rig.writtenPins.isEmpty)
        #expect(Self.wanted(rig) == Self.map([(0, 1, 1), (1, 1, 1), (2, 1, 1)]))
        let reasons = try #require(rig.loop.status().objects.first).conditions.map(\.reason)
        #expect(reasons.contains("AnalysisFailed"), "\(reasons)")
        Self.pass(900, &rig)
        try Self.see(Self.stepped, &rig, traffic: Self.map([(0, 1, 1), (1, 1, 1), (2, 1, 1)]))
        #expect(try rig.rollout.phase == .failed && created(rig).isEmpty)
        #expect(throws: CommandRefusal.self) { _ = try rig.ask(.rollout(RolloutRequest(.promote(), of: Self.web))) }
    }

    @Test(
        "what was not measured takes nothing on and fails nothing, and a person may go on without it",
        arguments: [
            MetricReading.failed("no answer"), .unsupported("no such server"),
            .whole(.nan, at: Instant(secondsSince1970: 0)),
            .whole(0, at: Instant(secondsSince1970: -100)),
        ])
    func inconclusive(_ reading: MetricReading) throws {
        var rig = try Self.atFirstStep(Self.judged())
        rig.measured(reading)
        #expect(try rig.rollout.analysis?.hasPrefix("inconclusive") == true)
        for _ in 0..<20 {
            Self.pass(30, &rig)
            rig.measured(.failed("no answer"))
        }
        #expect(created(rig).isEmpty && rig.writtenPins.isEmpty)
        #expect(try rig.rollout.phase == .progressing)
        #expect(rig.journal.eventTexts.contains { $0.hasPrefix("AnalysisInconclusive: errors") })
        _ = try rig.ask(.rollout(RolloutRequest(.promote(), of: Self.web)))
        Self.rest(&rig)
        #expect(created(rig) == ["web-2-2"])
    }

    @Test("without a new member nobody is asked about, and nothing goes on")
    func nobody() throws {
        for next in [Self.two, Self.judged()] {
            var rig = try Self.atFirstStep(next)
            rig.measured(.whole(0.05, at: rig.wall))
            try Self.see([[1], [1], [1], []], &rig, of: next, traffic: Self.map((0..<3).map { ($0, 1, 1) }))
            Self.pass(61, &rig)
            #expect(try rig.rollout.analysis?.contains("there is no new member") == true && rig.measures.isEmpty)
            #expect(try rig.rollout.stage?.hasPrefix("step 1 of 2") == true)
        }
    }

    @Test("failures that are not in a row, or with nothing measured between them, are counted as that")
    func row() throws {
        var rig = try Self.atFirstStep(Self.judged(pause: nil))
        for value in [0.4, 0.05, 0.4] {
            rig.measured(.whole(value, at: rig.wall))
            Self.pass(30, &rig)
        }
        #expect(try rig.rollout.phase == .progressing)
        rig.measured(.failed("no answer"))
        Self.pass(30, &rig)
        rig.measured(.whole(0.4, at: rig.wall))
        #expect(rig.writtenPins.count == 1)
    }

    @Test("an error budget is judged by how fast it is used up within its window")
    func errorBudget() throws {
        for (share, isBad) in [(0.14, false), (0.15, true)] {
            let next = Self.state("web:2", "2222222") { canary in
                var budget = RolloutStrategy.ErrorBudget()
                budget.query = MetricQuery(query: "failed:rate[$window]")
                canary.analysis.errorBudget = budget
                canary.analysis.failureLimit = 1
            }
            var rig = try Self.atFirstStep(next)
            #expect(rig.measures == [[.prometheus(MetricQuery(query: "failed:rate[300s]"), maxAge: .seconds(60))]])
            rig.measured(.whole(share, at: rig.wall))
            #expect(rig.writtenPins.isEmpty != isBad)
        }
    }

    @Test("the first judgement waits for its delay")
    func initialDelay() throws {
        let next = Self.state("web:2", "2222222") {
            $0.analysis.initialDelay = .seconds(40)
            $0.steps = [Self.step(10, pause: 10)]
        }
        var rig = try Self.atFirstStep(next)
        Self.pass(39, &rig)
        #expect(try rig.rollout.analysis == nil && created(rig).isEmpty)
        Self.pass(2, &rig)
        #expect(created(rig) == ["web-2-2"])
    }

    @Test("a new member that is started again and again, or is not ready any more, is found bad")
    func restarts() throws {
        let next = Self.state("web:2", "2222222") { $0.analysis.failureLimit = 2 }
        var rig = try Self.atFirstStep(next)
        for run in ["second", "third"] {
            #expect(rig.writtenPins.isEmpty)
            Self.pass(28, &rig)
            try Self.see(Self.stepped, &rig, of: next, traffic: Self.tenth) {
                $0.change("web-3-2") { $0.startedAt = run }
            }
            Self.pass(2, &rig)
        }
        #expect(
            rig.writtenPins.first?.reason
                == "step 1 of 2, 10%: 'web-3-2' was started again, 2 times in a row")
    }

    // MARK: In the middle

    @Test("a next run of the program goes on where this one was, and judges anew before it goes on")
    func restart() throws {
        let next = Self.judged()
        var rig = try Self.atFirstStep(next)
        rig.measured(.whole(0.05, at: rig.wall))
        Self.pass(50, &rig)
        var stored = rig.rolloutsToRemember
        stored.incarnations = [MemberID(Self.web, 3): 2]
        var again = try LoopRig(next, stored: stored, wall: rig.wall)
        again.observed(try Self.host(Self.stepped, of: next, traffic: Self.tenth))
        #expect(Self.wanted(again) == nil && created(again).isEmpty)
        Self.pass(11, &again)
        #expect(created(again).isEmpty, "nothing was measured by this run yet")
        again.measured(.whole(0.05, at: again.wall))
        Self.rest(&again)
        #expect(created(again).isEmpty, "that was asked before the pause was over")
        again.measured(.whole(0.05, at: again.wall))
        Self.rest(&again)
        #expect(created(again) == ["web-2-2"])
    }

    @Test("an abort leads ports back to the old members at once, and then the new one goes")
    func abort() throws {
        var rig = try Self.atFirstStep()
        _ = try rig.ask(.rollout(RolloutRequest(.abort, of: Self.web)))
        rig.observed(try Self.host(Self.stepped, traffic: Self.tenth))
        #expect(Self.wanted(rig) == Self.map([(0, 1, 1), (1, 1, 1), (2, 1, 1)]))
        #expect(created(rig) == ["web-3-3"] && rig.looks.isEmpty)
    }

    @Test("a third template in the middle begins with its own first step, in the place of the second one")
    func third() throws {
        var rig = try Self.atFirstStep()
        rig.tell(.desired(Self.state("web:3", "3333333")))
        rig.observed(try Self.host(Self.stepped, traffic: Self.tenth))
        #expect(created(rig) == ["web-3-3"])
        let atWork = Self.map([(0, 1, 1), (1, 1, 1), (2, 1, 1)])
        #expect(Self.wanted(rig) == atWork, "who was never found good does not do the work of old members")
        #expect(try rig.rollout.lastGood?.id == "1111111")
        #expect(rig.rolloutsToRemember.rollouts[Self.web]?.canary?.step == 0)
    }

    @Test("a commit that says again what was there before leads ports back at once, and goes through no steps")
    func revert() throws {
        var rig = try Self.atFirstStep()
        rig.tell(.desired(Self.state("web:1", "3333333")))
        rig.observed(try Self.host(Self.stepped, traffic: Self.tenth))
        #expect(Self.wanted(rig) == Self.map([(0, 1, 1), (1, 1, 1), (2, 1, 1)]))
        #expect(created(rig) == ["web-3-3"])
        #expect(try rig.rollout.cause == .commit)
        #expect(rig.rolloutsToRemember.rollouts[Self.web]?.canary?.course == .returning)
    }

    @Test(
        "a commit while the old template comes back leaves those at work that were made for it, and not who was given up"
    )
    func fixForward() throws {
        let three = Self.state("web:3", "3333333")
        var rig = try Self.atFirstStep()
        _ = try rig.ask(.rollout(RolloutRequest(.abort, of: Self.web)))
        rig.observed(try Self.host(Self.stepped, traffic: Self.tenth))
        #expect(created(rig) == ["web-3-3"])
        var beside = try Self.host(Self.stepped, traffic: Self.tenth)
        let remade = beside.add(3, of: try #require(Self.one.objects[Self.web]), incarnation: 3) {
            $0.address = Self.address(3, 3).description
        }
        rig.ended(.success(.container(id: remade, beside.containers[remade])))
        rig.tell(.desired(three))
        beside.firewall.sequence = 500
        rig.observed(beside)
        Self.rest(&rig)
        #expect(Self.wanted(rig) == Self.map([(0, 1, 1), (1, 1, 1), (2, 1, 1), (3, 3, 1)]))
    }

    @Test("a rollout that was found bad is not complete because it was scaled to nothing")
    func scaledToNothing() throws {
        let next = Self.judged(rollsBack: false)
        var rig = try Self.atFirstStep(next)
        rig.measured(.whole(0.5, at: rig.wall))
        Self.pass(31, &rig)
        rig.measured(.whole(0.5, at: rig.wall))
        Self.rest(&rig)
        #expect(try rig.rollout.phase == .failed)
        var nothing = next
        nothing.objects[Self.web]?.slots = 0
        rig.tell(.desired(nothing))
        var empty = try Self.host([[1]], of: next)
        empty.record(nil, id: "id-web-0-1")
        empty.firewall.sequence = 900
        _ = rig.lookAgain()
        rig.observed(empty)
        Self.rest(&rig)
        #expect(try rig.rollout.phase == .failed)
    }

    @Test("a step does not end while one of its members is away, whatever was found before")
    func away() throws {
        var rig = try Self.atFirstStep(Self.state("web:2", "2222222") { $0.analysis.failureLimit = 100 })
        try Self.see(Self.stepped, &rig, traffic: Self.tenth) { $0.change("web-3-2") { $0.health = .unhealthy } }
        Self.pass(61, &rig)
        #expect(try rig.rollout.stage?.hasPrefix("step 1 of 2") == true)
        #expect(try rig.rollout.analysis?.contains("'web-3-2' is not ready any more") == true)
    }

    @Test("a restart goes through the same steps, and an abort of it keeps what is left of before")
    func restartOfMembers() throws {
        var rig = try LoopRig(Self.one)
        rig.observed(try Self.host(Self.old))
        let said = try rig.ask(.rollout(RolloutRequest(.restart, of: Self.web)))
        #expect(said.hasSuffix("step by step") && created(rig) == ["web-3-2"])
        _ = try rig.ask(.rollout(RolloutRequest(.abort, of: Self.web)))
        #expect(try rig.rollout.cause == .undo)
        #expect(try #require(rig.loop.currentPlan()).held.isEmpty)
    }

    @Test("members that do not become available fail the step at its deadline")
    func neverReady() throws {
        let next = Self.two
        var rig = try Self.begun(next)
        let beside = [[1], [1], [1], [1, 2]]
        let traffic = Self.map((0..<4).map { ($0, 1, 1) })
        try Self.see(beside, &rig, traffic: traffic) { $0.change("web-3-2") { $0.health = .starting } }
        Self.pass(201, &rig)
        #expect(rig.writtenPins.first?.reason.hasPrefix("no progress for 3m20s") == true)
    }

    @Test("somebody who only asks what a commit would do sees the first step")
    func preview() throws {
        let actions = plan(Self.two, try Self.host(Self.old)).actions.filter { $0.slot != nil }
        let gates = actions.map { if case .held(let hold) = $0.verdict { hold.gate.rawValue } else { "go" } }
        #expect(gates == ["CanaryStep", "CanaryStep", "CanaryStep", "go"])
    }

    // MARK: Numbers

    @Test("a share is rounded up and leaves one old member; all is all")
    func members() {
        for (weight, all, most) in [
            (10, 4, 1), (50, 4, 2), (51, 4, 3), (99, 4, 3), (100, 4, 4), (10, 1, 1), (50, 0, 0), (1, 1_000, 10),
        ] { #expect(Self.step(Int64(weight)).members(of: all) == most, "\(weight)% of \(all)") }
        for (count, all, most) in [(1, 4, 1), (9, 4, 4), (1, 0, 0)] {
            #expect(Self.step(count: count).members(of: all) == most)
        }
    }
}
