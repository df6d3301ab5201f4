import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Which slots may be replaced at once, by what git says of surge and of missing members.
struct RolloutBoundsTests {
    private static let web = ResourceID(.workload, "web")

    private static func state(
        _ image: String, replicas: Int, _ surge: CountOrPercent, _ missing: CountOrPercent,
        budget: DisruptionBudget? = nil, minHealthyTime: Duration = .zero
    ) -> DesiredState {
        let check = HealthCheck(command: ["ok"])
        var workload = Declared.workload(replicas: replicas, ContainerTemplate(image: image, healthCheck: check))
        workload.spec.strategy.maxSurge = surge
        workload.spec.strategy.maxUnavailable = missing
        workload.spec.strategy.minHealthyTime = minHealthyTime
        workload.spec.disruptionBudget = budget
        return Declared.state(workload)
    }

    private struct Moment {
        var new: DesiredState
        var observed: ObservedState

        init(
            replicas: Int, _ surge: CountOrPercent, _ missing: CountOrPercent, budget: DisruptionBudget? = nil,
            minHealthyTime: Duration = .zero
        ) {
            let make = { image in
                RolloutBoundsTests.state(
                    image, replicas: replicas, surge, missing, budget: budget, minHealthyTime: minHealthyTime)
            }
            new = make("web:2")
            observed = ObservedState(converged: make("web:1"))
            observed.images["web:2"] = ObservedImage(id: "sha256:web:2")
        }

        mutating func update(_ slot: Int, isReady: Bool = true, beside: Bool = false) {
            guard let object = new.objects[RolloutBoundsTests.web] else { return }
            if !beside { observed.remove("web-\(slot)-1") }
            observed.add(slot, of: object, incarnation: 2) { $0.health = isReady ? .healthy : .starting }
        }

        /// Slots that may go on, with `+` where the new one comes first and `-` where the old one goes first.
        func turns(_ gates: Gates? = nil, uptime: Duration = .zero) -> String {
            plan(new, observed, gates: gates, uptime: uptime).actions.filter {
                $0.verb == .replace && $0.verdict == .go
            }
            .map { "\($0.slot ?? -1)\($0.steps.first?.takesAway == nil ? "+" : "-")" }.joined(separator: " ")
        }
    }

    @Test(
        "at the start as many slots go as surge and missing members allow, in order",
        arguments: [
            (3, CountOrPercent.count(1), CountOrPercent.count(0), "0+"),
            (3, .count(0), .count(1), "0-"),
            (4, .count(1), .count(1), "0+ 1-"),
            (10, .percent(Percentage(25)), .percent(Percentage(25)), "0+ 1+ 2+ 3- 4-"),
            (3, .percent(Percentage(10)), .percent(Percentage(10)), "0+"),
            (3, .count(0), .percent(Percentage(10)), "0-"),
            (2, .percent(Percentage(100)), .count(0), "0+ 1+"),
            (2, .count(0), .percent(Percentage(100)), "0- 1-"),
            (1, .count(5), .count(5), "0+"),
        ])
    func start(replicas: Int, surge: CountOrPercent, missing: CountOrPercent, turns: String) {
        #expect(Moment(replicas: replicas, surge, missing).turns() == turns)
    }

    @Test("new members that are not ready use the bounds up, whether an old one is beside them or not")
    func failing() {
        var moment = Moment(replicas: 6, .count(1), .count(1))
        moment.update(0, isReady: false, beside: true)
        #expect(moment.turns() == "1-")
        moment.update(1, isReady: false)
        #expect(moment.turns() == "", "none of the other four may go")
        moment.update(1)
        #expect(moment.turns() == "2-")
    }

    @Test("one that is missing already is not taken a second time")
    func missing() {
        var moment = Moment(replicas: 4, .count(0), .count(1))
        moment.observed.remove("web-3-1")
        #expect(moment.turns() == "")
        moment.update(3)
        #expect(moment.turns() == "0-")
    }

    @Test("members that do no work go first")
    func unhealthyFirst() {
        var moment = Moment(replicas: 4, .count(1), .count(1))
        moment.observed.change("web-2-1") { $0.status = .exited }
        moment.observed.change("web-3-1") { $0.health = .unhealthy }
        #expect(moment.turns() == "2+ 3-")
    }

    @Test("one that was to be stopped and runs on goes behind those that are down, which cost nothing")
    func runningOn() {
        var moment = Moment(replicas: 5, .count(0), .count(1))
        moment.update(0)
        for slot in 2..<5 { moment.observed.change("web-\(slot)-1") { $0.status = .exited } }
        var gates = moment.new.solitaryGates
        for slot in 1..<5 { gates.phases[MemberInstance(MemberID(Self.web, slot), 1)] = .retiring }
        #expect(moment.turns(gates) == "2-")
    }

    @Test("a disruption budget allows less than the strategy, and says so")
    func budget() {
        let moment = Moment(replicas: 6, .count(0), .count(3), budget: .maxUnavailable(.count(1)))
        #expect(moment.turns() == "0-")
        let held = plan(moment.new, moment.observed).held
        #expect(held.map(\.slot) == [1, 2], "these two have a turn, and the rest waits for slot 0")
    }

    @Test("a member counts when it has been ready for minHealthyTime")
    func minHealthyTime() throws {
        var moment = Moment(replicas: 3, .count(0), .count(1), minHealthyTime: .seconds(30))
        moment.update(0)
        var gates = moment.new.solitaryGates
        gates.readySince["id-web-0-2"] = .seconds(100)
        let early = plan(moment.new, moment.observed, gates: gates, uptime: .seconds(110)).actions
        #expect(early.map(\.verdict) == [.notBefore(.seconds(130)), .notBefore(.seconds(130))])
        #expect(moment.turns(gates, uptime: .seconds(130)) == "1-")
    }

    @Test("the old one stays beside the new one until that one counts")
    func minHealthyTimeBeside() throws {
        var moment = Moment(replicas: 2, .count(1), .count(0), minHealthyTime: .seconds(30))
        moment.update(0, beside: true)
        var gates = moment.new.solitaryGates
        gates.readySince["id-web-0-2"] = .seconds(100)
        let actions = plan(moment.new, moment.observed, gates: gates, uptime: .seconds(110)).actions
        #expect(actions.first?.verb == .remove && actions.first?.verdict == .notBefore(.seconds(130)))
        #expect(actions.last?.verdict == .waitFor(.member(MemberID(Self.web, 0))))
    }

    @Test("a failed rollout replaces nothing more, and repairs what there is")
    func failed() {
        var moment = Moment(replicas: 3, .count(1), .count(0))
        moment.update(0, beside: true)
        moment.observed.change("web-0-2") { $0.status = .exited }
        var gates = moment.new.solitaryGates
        gates.rollouts[Self.web] = RolloutOrder(failure: "nothing came up")
        let actions = plan(moment.new, moment.observed, gates: gates).actions
        #expect(actions.map(\.verb) == [.start, .replace, .replace])
        #expect(actions.map(\.isHeld) == [false, true, true])
    }

    @Test("as long as their successors may not come, old members are kept at their work")
    func stopgap() {
        var moment = Moment(replicas: 3, .count(1), .count(0))
        moment.update(0, isReady: false, beside: true)
        moment.observed.change("web-1-1") { $0.status = .exited }
        moment.observed.change("web-2-1") { $0.health = .unhealthy }
        func verbs(_ order: RolloutOrder?) -> [Action.Verb] {
            var gates = moment.new.solitaryGates
            gates.rollouts[Self.web] = order
            return plan(moment.new, moment.observed, gates: gates).actions.filter { $0.slot != 0 }.map(\.verb)
        }
        #expect(verbs(RolloutOrder(failure: "nothing came up")) == [.start, .restart])
        #expect(verbs(nil) == [.start, .restart], "the new member that is not ready uses the surge up")
        moment.update(0)
        #expect(verbs(nil) == [.replace, .restart], "the first has its turn now")
    }

    @Test("a successor whose name another slot of the object holds waits for that slot, and that for its turn")
    func takenName() {
        var moment = Moment(replicas: 3, .count(2), .count(0))
        moment.observed.change("web-1-1") { $0.name = "web-0-2" }
        let actions = plan(moment.new, moment.observed).actions
        #expect(actions.map(\.slot) == [0, 1, 2])
        #expect(actions.first?.verdict == .waitFor(.member(MemberID(Self.web, 1))))
    }

    @Test("a restart replaces the members of before by the same rules, and those that came since stay")
    func restart() {
        var moment = Moment(replicas: 3, .count(1), .count(0))
        for slot in 0..<3 { moment.update(slot) }
        #expect(moment.turns() == "")
        var gates = moment.new.solitaryGates
        let mark = RestartMark(incarnations: [2, 1, 2], by: "ada", at: Instant(secondsSince1970: 0))
        gates.rollouts[Self.web] = RolloutOrder(restart: mark)
        #expect(moment.turns(gates) == "0+")
        let reasons = plan(moment.new, moment.observed, gates: gates).actions.map(\.reason.description)
        #expect(reasons == ["restart", "restart"])
    }
}
