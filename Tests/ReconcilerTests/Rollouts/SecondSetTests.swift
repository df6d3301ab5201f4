import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Blue-green rollouts of two objects on a host that does not have room for both second sets.
struct SecondSetTests {
    /// Two members each of `a` and `b`, with a GiB of memory for each.
    private static func state(_ image: String, _ change: (inout HostPool) -> Void) -> DesiredState {
        var template = ContainerTemplate(image: image)
        template.resources.memory = ByteQuantity(bytes: 1 << 30)
        var pool = Declared.pool()
        change(&pool.spec)
        return Declared.state(
            Declared.workload("a", replicas: 2, strategy: .blueGreen, template),
            Declared.workload("b", replicas: 2, strategy: .blueGreen, template), pools: [pool])
    }

    /// Room for one second set: by number, and by memory.
    private static let pools: [@Sendable (inout HostPool) -> Void] = [
        { $0.capacity.containersPerHost = 6 },
        { $0.capacity.reserved.memory = ByteQuantity(bytes: 2 << 30) },
    ]

    private static func before(_ change: (inout HostPool) -> Void) -> ObservedState {
        var state = ObservedState(converged: state("web:1", change))
        state.images["web:2"] = ObservedImage(id: "sha256:web:2")
        return state
    }

    /// The objects of which a member is made now, and those that wait for room.
    private func outcome(of plan: Plan) -> (begun: [String], waiting: [String]) {
        let begun = plan.actions.filter { $0.verb == .replace && $0.verdict == .go }
        let waiting = plan.actions.filter {
            if case .held(let hold) = $0.verdict { hold.gate == .capacity } else { false }
        }
        func names(_ actions: [Action]) -> [String] { Set(actions.compactMap(\.key.object?.name)).sorted() }
        return (names(begun), names(waiting))
    }

    @Test("of two that begin in one commit the second waits until there is room for all of it", arguments: [0, 1])
    func together(bound: Int) throws {
        let change = Self.pools[bound]
        let next = Self.state("web:2", change)
        var observed = Self.before(change)
        #expect(outcome(of: plan(next, observed)) == (["a"], ["b"]))
        let second = try #require(next.objects[ResourceID(.workload, "a")])
        for slot in 0..<2 { observed.add(slot, of: second, incarnation: 2) }
        #expect(outcome(of: plan(next, observed)) == ([], ["b"]), "the first ones of the other are there still")
        for slot in 0..<2 { observed.record(nil, id: "id-a-\(slot)-1") }
        #expect(outcome(of: plan(next, observed)) == (["b"], []))
    }

    @Test("what was begun is finished before what comes first by name", arguments: [0, 1])
    func begun(bound: Int) throws {
        let change = Self.pools[bound]
        let next = Self.state("web:2", change)
        var observed = Self.before(change)
        observed.add(0, of: try #require(next.objects[ResourceID(.workload, "b")]), incarnation: 2)
        #expect(outcome(of: plan(next, observed)) == (["b"], ["a"]))
    }

    @Test("a create that has no answer counts as begun")
    func underWay() {
        let next = Self.state("web:2", Self.pools[0])
        var gates = next.solitaryGates
        gates.coming = [MemberID(ResourceID(.workload, "b"), 0)]
        gates.underWay = gates.coming
        #expect(outcome(of: plan(next, Self.before(Self.pools[0]), gates: gates)).waiting == ["a"])
    }

    @Test("what a person has paused takes no room from others")
    func paused() {
        let next = Self.state("web:2", Self.pools[0])
        var gates = next.solitaryGates
        let moment = Instant(secondsSince1970: 0)
        gates.pauses = [Pause(object: ResourceID(.workload, "a"), reason: "", by: "alice", since: moment)]
        #expect(outcome(of: plan(next, Self.before(Self.pools[0]), gates: gates)) == (["b"], []))
    }
}
