import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What a revision would remove, how much of it goes without a word, and what an approval covers.
struct PruneBudgetTests {
    private static func host(_ budget: CountOrPercent = .percent(Percentage(10))) -> HostSettings {
        var host = Declared.host
        host.pruneBudget = PruneBudget(budget)
        return host
    }

    /// Ten members of `web`, and so many of `old`, which the revision no longer declares.
    private static func scene(
        old: Int, web: Int = 10, _ budget: CountOrPercent = .percent(Percentage(10))
    ) -> (desired: DesiredState, observed: ObservedState) {
        let before = Declared.state(Declared.workload(replicas: web), Declared.workload("old", replicas: old))
        let after = Declared.state(Declared.workload(replicas: web), host: host(budget))
        return (after, ObservedState(converged: before))
    }

    private static func gates(_ desired: DesiredState, _ approvals: [Approval]) -> Gates {
        var gates = desired.solitaryGates
        gates.approvals = approvals
        return gates
    }

    private static func approval(_ set: RemovalSet) -> Approval {
        Approval(
            revision: set.revision, removals: set.names, by: "alice", at: Instant(secondsSince1970: 0))
    }

    @Test(
        "so many containers of so many may go",
        arguments: [
            ("10%", CountOrPercent.percent(Percentage(10)), 40, 4), ("10%", .percent(Percentage(10)), 39, 3),
            ("10%", .percent(Percentage(10)), 5, 1), ("10%", .percent(Percentage(10)), 0, 1),
            ("0%", .percent(Percentage(0)), 40, 0), ("3", .count(3), 40, 3), ("0", .count(0), 40, 0),
        ])
    func allowed(name: String, limit: CountOrPercent, containers: Int, expected: Int) {
        #expect(PruneBudget(limit).description == name)
        #expect(PruneBudget(limit).allowed(of: containers) == expected)
    }

    @Test("within the budget removals go on as ever")
    func withinTheBudget() {
        let (desired, observed) = Self.scene(old: 1)
        let lines = plan(desired, observed).lines
        #expect(lines.last == "Workload/old/0 remove: ours, no longer declared [stop old-0-1, remove old-0-1]")
        #expect(plan(desired, observed).held.isEmpty)
    }

    @Test("beyond it all removals of the revision are held together, with what a person needs to allow them")
    func beyondTheBudget() throws {
        let (desired, observed) = Self.scene(old: 3)
        let plan = plan(desired, observed)
        #expect(plan.held.count == 4 && !plan.hasChanges)
        let set = RemovalSet(desired, observed)
        #expect(set.containers == ["old-0-1", "old-1-1", "old-2-1"] && set.networks == ["reconcile-old"])
        #expect(set.digest.wholeMatch(of: /[0-9a-f]{8}/) != nil)
        guard case .held(let hold) = try #require(plan.actions.first).verdict else { return #expect(Bool(false)) }
        #expect(
            hold.description
                == "PruneBudget: 1111111 would remove 3 of 13 containers and 1 network, more than the prune budget of "
                + "10% allows at once (until 'reconcile approve \(set.digest)')")
    }

    @Test("everything else goes on meanwhile")
    func othersGoOn() {
        var (desired, observed) = Self.scene(old: 3)
        observed.change("web-4-1") { $0.status = .exited }
        desired.objects[ResourceID(.workload, "web")]?.slots = 9
        let going = plan(desired, observed).actions.filter { $0.verdict == .go }
        #expect(going.map(\.verb) == [.start, .remove], "a repair, and scaling down, which is no removal")
    }

    @Test("scaling down is never a removal, however much goes")
    func scaling() {
        let observed = ObservedState(converged: Declared.state(Declared.workload(replicas: 10)))
        let desired = Declared.state(Declared.workload(replicas: 0), host: Self.host(.count(0)))
        #expect(plan(desired, observed).held.isEmpty)
        #expect(RemovalSet(desired, observed).names.isEmpty)
    }

    @Test("what a pool no longer selects is no removal: it is left alone anyway")
    func notSelected() {
        let observed = ObservedState(converged: Declared.state(Declared.workload(replicas: 3)))
        let desired = Declared.state(
            Declared.workload(replicas: 3), pools: [Declared.pool(hosts: .init(name: "host-b"))])
        #expect(RemovalSet(desired, observed).names.isEmpty)
    }

    @Test("networks and containers of another owner are nobody's removal")
    func otherOwner() {
        var observed = ObservedState()
        let theirs = OwnershipMark(owner: "staging", object: ResourceID(.workload, "old"))
        observed.networks["reconcile-old"] = ObservedNetwork(id: "n", name: "reconcile-old", mark: theirs)
        #expect(RemovalSet(Declared.state(), observed).names.isEmpty)
    }

    @Test("an approval lets the set go, and what is left of it, but not what came to it")
    func approval() {
        var (desired, observed) = Self.scene(old: 3)
        let gates = Self.gates(desired, [Self.approval(RemovalSet(desired, observed))])
        #expect(plan(desired, observed, gates: gates).held.isEmpty)
        observed.remove("old-0-1")
        #expect(plan(desired, observed, gates: gates).held.isEmpty, "a set that shrinks stays approved")
        let grown = ObservedState(
            converged: Declared.state(
                Declared.workload(replicas: 10), Declared.workload("old", replicas: 3),
                Declared.workload("older", replicas: 1)))
        #expect(plan(desired, grown, gates: gates).held.count == 6, "a set that grew is not approved")
        desired.revision.id = "2222222"
        #expect(plan(desired, observed, gates: gates).held.count == 3, "nor is another revision")
    }

    @Test("a removal within the budget stays within it while it is carried out", arguments: 1...60)
    func staysWithin(web: Int) {
        var (desired, observed) = Self.scene(old: max(1, web / 9), web: web)
        while let action = plan(desired, observed).actions.first(where: { $0.verb == .remove && $0.slot != nil }) {
            #expect(action.verdict == .go)
            for id in action.takesAway { observed.record(nil, id: id) }
        }
        desired.objects = [:]
    }

    @Test("the digest names revision and set")
    func digest() {
        let (desired, observed) = Self.scene(old: 3)
        var next = desired
        next.revision.id = "2222222"
        #expect(RemovalSet(next, observed).digest != RemovalSet(desired, observed).digest)
    }
}
