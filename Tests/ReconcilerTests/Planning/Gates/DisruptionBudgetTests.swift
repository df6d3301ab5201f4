import ReconcileTesting
import Reconciler
import Specs
import Testing

/// How few members may be available while others are taken away on purpose.
struct DisruptionBudgetTests {
    private static func state(
        _ budget: DisruptionBudget?, replicas: Int = 3, image: String = "web:1",
        _ strategy: RolloutStrategy.Kind = .recreate, taints: [Taint] = []
    ) -> DesiredState {
        var workload = Declared.workload(
            replicas: replicas, strategy: strategy,
            ContainerTemplate(image: image, healthCheck: HealthCheck(command: ["ok"])))
        workload.spec.disruptionBudget = budget
        var pool = Declared.pool()
        pool.spec.taints = taints
        return Declared.state(workload, pools: [pool])
    }

    private static func rollout(
        _ budget: DisruptionBudget?, replicas: Int = 3, _ strategy: RolloutStrategy.Kind = .recreate
    ) -> (desired: DesiredState, observed: ObservedState) {
        var observed = ObservedState(converged: state(budget, replicas: replicas, strategy))
        observed.images["web:2"] = ObservedImage(id: "sha256:web:2")
        return (state(budget, replicas: replicas, image: "web:2", strategy), observed)
    }

    private static let evict = [Taint(key: "gone", effect: .noExecute)]

    @Test(
        "minimums are rounded as Kubernetes does",
        arguments: [
            (DisruptionBudget.minAvailable(.count(2)), 7, 2), (.minAvailable(.count(9)), 7, 7),
            (.minAvailable(.percent(Percentage(50))), 7, 4), (.maxUnavailable(.count(2)), 7, 5),
            (.maxUnavailable(.count(9)), 7, 0), (.maxUnavailable(.percent(Percentage(50))), 7, 3),
            (.maxUnavailable(.percent(Percentage(0))), 7, 7), (.minAvailable(.percent(Percentage(100))), 0, 0),
        ])
    func minimum(budget: DisruptionBudget, replicas: Int, expected: Int) {
        #expect(budget.minimum(of: replicas) == expected)
    }

    @Test("with all members available one goes, as without a budget")
    func oneGoes() {
        let (desired, observed) = Self.rollout(.minAvailable(.count(2)))
        #expect(plan(desired, observed).actions.map(\.verdict) == Self.oneAtATime)
        let (unbudgeted, same) = Self.rollout(nil)
        #expect(plan(unbudgeted, same).actions.map(\.verdict) == Self.oneAtATime)
    }

    private static var oneAtATime: [Verdict] {
        let turn = Key.member(MemberID(ResourceID(.workload, "web"), 0))
        return [.go, .waitFor(turn), .waitFor(turn)]
    }

    @Test("with one member down already no other is taken away, and who waits for its turn is held as well")
    func oneIsDown() {
        var (desired, observed) = Self.rollout(.minAvailable(.count(2)))
        observed.remove("web-2-1")
        let plan = plan(desired, observed)
        #expect(
            plan.held.map(\.verdict)
                == Array(
                    repeating: .held(
                        Hold(
                            .disruptionBudget, "2 of 3 members are available, and minAvailable 2 keeps 2",
                            until: .ready(3))), count: 2))
        #expect(plan.actions.last?.verdict == .go, "the missing one is made")
    }

    @Test("what is down already goes first and may be taken away: that costs nothing", arguments: 0...2)
    func whatIsDown(slot: Int) {
        var (desired, observed) = Self.rollout(.minAvailable(.count(2)))
        observed.change("web-\(slot)-1") { $0.health = .unhealthy }
        let turn = Key.member(MemberID(ResourceID(.workload, "web"), slot))
        let plan = plan(desired, observed)
        #expect(plan.actions.map(\.verdict) == (0...2).map { $0 == slot ? .go : .waitFor(turn) })
    }

    @Test("healing is never held", arguments: [ObservedContainer.Status.exited, .created, .paused])
    func healing(status: ObservedContainer.Status) {
        let desired = Self.state(.minAvailable(.count(3)))
        var observed = ObservedState(converged: desired)
        observed.change("web-0-1") { $0.status = status }
        observed.change("web-1-1") { $0.health = .unhealthy }
        #expect(plan(desired, observed).actions.map(\.verdict) == [.go, .go])
    }

    @Test("a rolling replacement needs no room: the new one is ready before the old one goes")
    func rolling() throws {
        var (desired, observed) = Self.rollout(.minAvailable(.count(3)), .rolling)
        #expect(plan(desired, observed).actions.first?.verdict == .go)
        observed.add(0, of: try #require(desired.objects.values.first), incarnation: 2)
        #expect(
            plan(desired, observed).actions.first?.line
                == "Workload/web/0 remove: another container fills its slot [stop web-0-1, remove web-0-1]")
    }

    @Test("a budget that spares nobody says so instead of waiting in silence")
    func neverMet() {
        let (desired, observed) = Self.rollout(.minAvailable(.percent(Percentage(100))))
        guard case .held(let hold)? = plan(desired, observed).actions.first?.verdict else {
            return #expect(Bool(false), "\(plan(desired, observed).lines)")
        }
        #expect(
            hold.description
                == "DisruptionBudget: minAvailable 100% never lets one of 3 members go, and strategy 'recreate' must take "
                + "each away; 'rolling' need not (until a commit changes that)")
        #expect(plan(desired, observed).held.count == 3)
    }

    @Test("a member that retires is no longer available, and its own removal goes on")
    func retiring() {
        var (desired, observed) = Self.rollout(.maxUnavailable(.count(1)))
        var gates = desired.solitaryGates
        gates.phases[MemberInstance(MemberID(ResourceID(.workload, "web"), 2), 1)] = .retiring
        let turn = Key.member(MemberID(ResourceID(.workload, "web"), 2))
        #expect(plan(desired, observed, gates: gates).actions.map(\.verdict) == [.waitFor(turn), .waitFor(turn), .go])
        gates.phases = [MemberInstance(MemberID(ResourceID(.workload, "web"), 2), 1): .claimed]
        #expect(plan(desired, observed, gates: gates).held.isEmpty, "a claimed one is in use, and available")
        desired.objects[ResourceID(.workload, "web")]?.disruptionBudget = nil
        gates.phases = [MemberInstance(MemberID(ResourceID(.workload, "web"), 1), 1): .retiring]
        observed.change("web-2-1") { $0.health = .starting }
        let next = plan(desired, observed, gates: gates).actions.first { $0.verdict == .go }
        #expect(next?.slot == 2, "what is down goes before one that was to be stopped and still serves")
    }

    @Test("what is on its way counts as gone, also when something else holds its next step meanwhile")
    func begunAndHeld() {
        var observed = Self.rollout(.maxUnavailable(.count(1))).observed
        // The stop of slot 0 is under way, slot 1 has crashed, and a commit asks for two members of an image that is not here.
        let desired = Self.state(.maxUnavailable(.count(1)), replicas: 2, image: "web:2", .recreate)
        observed.images = [:]
        observed.change("web-1-1") { $0.status = .exited }
        var gates = desired.solitaryGates
        gates.phases[MemberInstance(MemberID(ResourceID(.workload, "web"), 0), 1)] = .retiring
        gates.underWay = [MemberID(ResourceID(.workload, "web"), 0)]
        let surplus = plan(desired, observed, gates: gates).actions.first { $0.slot == 2 }
        guard case .held(let hold)? = surplus?.verdict else {
            return #expect(Bool(false), "\(plan(desired, observed, gates: gates).lines)")
        }
        #expect(hold.gate == .disruptionBudget)
    }

    @Test("scaling down keeps so many of the members that are left")
    func scaleDown() {
        let before = Self.state(nil, replicas: 5)
        var observed = ObservedState(converged: before)
        let desired = Self.state(.minAvailable(.count(2)), replicas: 2)
        #expect(plan(desired, observed).held.isEmpty)
        observed.change("web-0-1") { $0.health = .starting }
        observed.change("web-1-1") { $0.health = .starting }
        let verdicts = plan(desired, observed).actions.map(\.verdict)
        #expect(verdicts.filter { $0 == .go }.count == 3, "both probes, and one of the three that are ready")
        #expect(plan(desired, observed).held.count == 2)
    }

    @Test("of several that must go at once, the budget is handed out in the order of the slots")
    func eviction() {
        let observed = ObservedState(converged: Self.state(nil, replicas: 5))
        let desired = Self.state(.maxUnavailable(.count(2)), replicas: 5, taints: Self.evict)
        let plan = plan(desired, observed)
        #expect(plan.actions.prefix(2).allSatisfy { $0.verdict == .go && $0.actionClass == .disruptive })
        #expect(plan.held.map(\.slot) == [2, 3, 4])
        #expect(
            plan.lines.first == "Workload/web/0 remove: taint 'gone' is not tolerated [stop web-0-1, remove web-0-1]")
        let all = Self.state(nil, replicas: 5, taints: Self.evict)
        #expect(
            Reconciler.Planner.plan(desired: all, observed: observed, gates: all.solitaryGates, now: Now()).held.isEmpty
        )
    }
}
