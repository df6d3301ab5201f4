import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What is planned on a host that is emptied.
struct DrainPlanTests {
    private static let web = ResourceID(.workload, "web")

    private static func state(
        replicas: Int = 2, budget: DisruptionBudget? = nil, tolerates: Bool = false,
        drain: HostPool.Drain? = nil
    ) -> DesiredState {
        var workload = Declared.workload(replicas: replicas)
        workload.spec.disruptionBudget = budget
        if tolerates {
            workload.spec.placement.tolerations = [Toleration(key: "reconcile.dev/drain", operator: .exists)]
        }
        var pool = Declared.pool()
        pool.spec.drain = drain
        return Declared.state(workload, pools: [pool])
    }

    private static func drain(_ stage: Drain.Stage = .draining, pool: String? = nil) -> Drain {
        var drain = Drain(pool: pool, reason: "a new kernel", by: "alice", since: Instant(secondsSince1970: 0))
        drain.stage = stage
        return drain
    }

    private static func lines(
        _ desired: DesiredState, _ drains: [Drain], change: (inout ObservedState) -> Void = { _ in }
    ) -> [String] {
        var observed = ObservedState(converged: desired)
        change(&observed)
        var gates = desired.solitaryGates
        gates.drains = drains
        return plan(desired, observed, gates: gates).lines
    }

    @Test("members go all at once where no budget keeps them")
    func goes() {
        #expect(
            Self.lines(Self.state(), [Self.drain()])
                == (0...1).map {
                    "Workload/web/\($0) remove: the host is drained [stop web-\($0)-1, remove web-\($0)-1]"
                })
    }

    @Test("what is gone is not started again, and that is no change")
    func staysAway() {
        let desired = Self.state(replicas: 1)
        let lines = Self.lines(desired, [Self.drain(.drained)]) { $0.remove("web-0-1") }
        #expect(lines == ["Workload/web/0 create: not on this host [create-container web-0-1] held: Draining"])
    }

    @Test("git drains a pool, also in a plan of somebody who keeps no record, and other pools stay")
    func inGit() {
        #expect(Self.lines(Self.state(replicas: 1, drain: HostPool.Drain()), []).count == 1)
        #expect(Self.lines(Self.state(replicas: 1), [Self.drain(pool: "local")]).isEmpty, "git has taken it away")
        #expect(Self.lines(Self.state(replicas: 1), [Self.drain(pool: "other")]).isEmpty)
    }

    @Test("what tolerates the drain stays, and is repaired")
    func exempt() {
        let desired = Self.state(replicas: 1, tolerates: true)
        #expect(Self.lines(desired, [Self.drain()]).isEmpty)
        let lines = Self.lines(desired, [Self.drain()]) { $0.remove("web-0-1") }
        #expect(lines == ["Workload/web/0 create: not on this host [create-container web-0-1]"])
    }

    @Test("a budget lets as many go as it can spare, and force lets all go")
    func budget() {
        let one = Self.state(replicas: 3, budget: .maxUnavailable(.count(1)))
        let held = Self.lines(one, [Self.drain()]).map { $0.hasSuffix("held: DisruptionBudget") }
        #expect(held == [false, true, true])
        let none = Self.state(budget: .maxUnavailable(.count(0)))
        #expect(Self.lines(none, [Self.drain()]).allSatisfy { $0.hasSuffix("held: DisruptionBudget") })
        #expect(Self.lines(none, [Self.drain(.forced)]).allSatisfy { $0.hasSuffix("]") })
    }

    @Test("after the deadline what is left stays, is repaired, and nothing new comes; what was begun is finished")
    func exceeded() {
        let desired = Self.state()
        #expect(
            Self.lines(desired, [Self.drain(.exceeded)])
                == (0...1).map { "Workload/web/\($0) remove: the host is drained [] held: DrainDeadlineExceeded" })
        let lines = Self.lines(desired, [Self.drain(.exceeded)]) { observed in
            observed.change("web-0-1") { $0.status = .exited }
            observed.remove("web-1-1")
        }
        #expect(
            lines == [
                "Workload/web/0 start: stopped with exit code 0 [start web-0-1]",
                "Workload/web/1 create: not on this host [create-container web-1-1] held: Draining",
            ])
        var gates = desired.solitaryGates
        gates.drains = [Self.drain(.exceeded)]
        gates.phases = [MemberInstance(MemberID(Self.web, 0), 1): .retiring]
        let begun = plan(desired, ObservedState(converged: desired), gates: gates).lines.first
        #expect(begun == "Workload/web/0 remove: the host is drained [stop web-0-1, remove web-0-1]")
    }

    @Test("what is over is over, whatever windows say")
    func exceededInWindow() throws {
        var desired = Self.state(replicas: 1)
        desired.windows = WindowSet([try Wall.thirdSunday()])
        #expect(
            Self.lines(desired, [Self.drain(.exceeded)])
                == ["Workload/web/0 remove: the host is drained [] held: DrainDeadlineExceeded"])
    }

    @Test("members of a pool that somebody has wait for their claims, by name, unless it goes by force")
    func claimed() {
        let desired = Declared.state(warmPools: [Declared.warmPool(size: 2)])
        let observed = ObservedState(converged: desired)
        let taken = MemberInstance(MemberID(ResourceID(.warmPool, "agents"), 0), 1)
        var gates = desired.solitaryGates
        gates.drains = [Self.drain()]
        gates.phases = [taken: .claimed]
        gates.holders = [taken: "c-1 of 'ada'"]
        let waiting = plan(desired, observed, gates: gates).actions.filter { $0.verb == .remove }
        #expect(waiting.map(\.line).contains { $0.hasSuffix("[] held: Claimed") })
        guard case .held(let hold)? = waiting.first(where: { $0.slot == 0 })?.verdict else {
            return #expect(Bool(false), "\(waiting.map(\.line))")
        }
        #expect(hold.message == "c-1 of 'ada' has it; it goes when its claim is over")
        #expect(waiting.first { $0.slot == 1 }?.verdict == .go)
        gates.drains = [Self.drain(.forced)]
        let forced = plan(desired, observed, gates: gates).actions.filter { $0.verb == .remove }
        #expect(forced.map(\.verdict) == [.go, .go])
    }

    @Test("a drain is disruptive: it waits for the window")
    func windows() throws {
        var desired = Self.state(replicas: 1)
        desired.windows = WindowSet([try Wall.thirdSunday()])
        var gates = desired.solitaryGates
        gates.drains = [Self.drain()]
        let observed = ObservedState(converged: desired)
        func held(at text: String) throws -> Bool {
            Planner.plan(desired: desired, observed: observed, gates: gates, now: Now(wall: try Wall.at(text)))
                .actions.contains(where: \.isHeld)
        }
        #expect(try held(at: "2026-11-21T13:00:00Z"))
        #expect(try !held(at: "2026-12-19T17:00:00Z"))
        let over = WindowOverride(
            reason: "it burns", by: "alice", since: Instant(secondsSince1970: 0),
            until: try Wall.at("2026-11-21T14:00:00Z"))
        gates.windowOverrides = [over]
        #expect(try !held(at: "2026-11-21T13:00:00Z"), "an override passes over windows")
        #expect(try held(at: "2026-11-21T15:00:00Z"))
    }

    @Test("nothing is taken away when all was gone, before the deadline was asked for")
    func cameToLight() {
        #expect(Self.lines(Self.state(replicas: 1), [Self.drain(.drained)]).isEmpty)
        let other = [Self.drain(.drained), Self.drain(pool: "local")]
        let lines = Self.lines(Self.state(replicas: 1, drain: HostPool.Drain()), other)
        #expect(lines.count == 1, "the drain of its pool goes on: \(lines)")
    }

    @Test("of two drains the one that goes further counts")
    func two() {
        let desired = Self.state(replicas: 1, budget: .maxUnavailable(.count(0)), drain: HostPool.Drain())
        let both = Self.lines(desired, [Self.drain(), Self.drain(.forced, pool: "local")])
        #expect(both == ["Workload/web/0 remove: the host is drained [stop web-0-1, remove web-0-1]"])
    }
}
