import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What a gate holds, what it leaves alone, and what it does not touch.
struct HoldTests {
    @Test("a pool that may span several hosts creates nothing and leaves what is there alone")
    func noCoordinator() {
        let pool = Declared.pool(hosts: .init(matchLabels: [:]))
        let desired = Declared.state(Declared.workload(replicas: 2, ContainerTemplate(image: "web:2")), pools: [pool])
        var observed = ObservedState(converged: Declared.state(Declared.workload()))
        observed.images = [:]
        observed.change("web-0-1") { $0.status = .exited }
        let plan = plan(desired, observed)
        #expect(
            plan.lines == [
                "Workload/web/0 replace: image web:1 -> web:2 [] held: NoCoordinator",
                "Workload/web/1 create: not on this host [] held: NoCoordinator",
            ])
        #expect(!plan.hasChanges && plan.settled == 0)
    }

    @Test("of a held object only those members are settled that would be without the hold")
    func settledWhileHeld() {
        let desired = Declared.state(
            Declared.workload(replicas: 3), pools: [Declared.pool(hosts: .init(matchLabels: [:]))])
        var observed = ObservedState(converged: Declared.state(Declared.workload(replicas: 3)))
        observed.change("web-1-1") { $0.status = .exited }
        observed.remove("web-2-1")
        let plan = plan(desired, observed)
        #expect(plan.settled == 1 && plan.held.count == 2)
    }

    @Test(
        "one named host or scope perHost needs no coordinator",
        arguments: [
            Declared.pool(hosts: .init(name: "host-a")), Declared.pool(hosts: .init(matchLabels: [:]), scope: .perHost),
        ])
    func solitary(pool: Resource<HostPool>) {
        let desired = Declared.state(Declared.workload(), pools: [pool])
        #expect(plan(desired, ObservedState()).actions.allSatisfy { !$0.isHeld })
    }

    @Test("a pool of other hosts asks nothing of this one, and what is here already is held, not removed")
    func hostNotSelected() {
        let desired = Declared.state(
            Declared.workload(replicas: 2), pools: [Declared.pool(hosts: .init(name: "host-b"))])
        #expect(plan(desired, ObservedState()).lines == [])
        var observed = ObservedState(converged: Declared.state(Declared.workload()))
        observed.change("web-0-1") { $0.status = .exited }
        #expect(
            plan(desired, observed).lines == [
                "Workload/web/0 remove: its HostPool does not select this host [] held: HostNotSelected"
            ])
    }

    @Test(
        "what runs is not changed for a limit that cannot be enforced, and what would be done is held",
        arguments: [true, false])
    func lackingLimit(isLive: Bool) {
        var template = ContainerTemplate(image: "web:1")
        if isLive { template.resources.pids = 64 } else { template.resources.disk = ByteQuantity(bytes: 1 << 30) }
        let desired = Declared.state(Declared.workload(template))
        var observed = ObservedState(converged: Declared.state(Declared.workload()))
        observed.engine.unsupported = [isLive ? "resources.pids" : "resources.disk": "no such thing here"]
        let held = plan(desired, observed)
        #expect(held.lines.count == 1 && held.lines.first?.hasSuffix("[] held: NotSupported") == true, "\(held.lines)")
        #expect(held.actions.first?.verb == (isLive ? Action.Verb.update : .replace))
        #expect(held.settled == 0 && !held.hasChanges)
        observed.change("web-0-1") { $0.status = .exited }
        #expect(!plan(desired, observed).hasChanges, "nothing is started that would run without it")
    }

    @Test(
        "what runs without something that is asked for is not settled, though all of its own fields are as the spec says"
    )
    func lackingPart() {
        var desired = Declared.state(Declared.workload())
        var observed = ObservedState(converged: desired)
        desired.objects[Declared.workload().id]?.cannotConfine = "no filter can be made"
        #expect(
            plan(desired, observed).lines == [
                "Workload/web/0 update: runs without something that its spec asks for [] held: CannotConfine"
            ])
        observed.change("web-0-1") { $0.status = .paused }
        #expect(
            plan(desired, observed).lines == ["Workload/web/0 unpause: paused by someone else [] held: CannotConfine"])
    }

    @Test("labels select this host by what its configuration says")
    func labels() {
        let pool = Declared.pool(hosts: .init(matchLabels: ["zone": "a"]), scope: .perHost)
        let desired = Declared.state(Declared.workload(), pools: [pool])
        #expect(plan(desired, ObservedState()).lines == [])
        var host = Declared.host
        host.identity.labels = ["zone": "a"]
        let selected = Declared.state(Declared.workload(), pools: [pool], host: host)
        #expect(plan(selected, ObservedState()).hasChanges)
    }

    @Test("members beyond the capacity of the pool are held, in the order of the objects")
    func capacity() {
        let desired = Declared.state(
            Declared.workload("a", replicas: 2), Declared.workload("b", replicas: 2),
            pools: [Declared.pool(containersPerHost: 3)])
        var observed = ObservedState(converged: desired)
        for name in ["a-0-1", "a-1-1", "b-0-1", "b-1-1"] { observed.remove(name) }
        #expect(
            plan(desired, observed).lines == [
                "Workload/a/0 create: not on this host [create-container a-0-1]",
                "Workload/a/1 create: not on this host [create-container a-1-1]",
                "Workload/b/0 create: not on this host [create-container b-0-1]",
                "Workload/b/1 create: not on this host [create-container b-1-1] held: InsufficientCapacity",
            ])
    }

    @Test("a member beyond the capacity that runs already is left alone and repaired")
    func beyondCapacity() {
        let desired = Declared.state(Declared.workload(replicas: 2), pools: [Declared.pool(containersPerHost: 1)])
        var observed = ObservedState(converged: desired)
        #expect(plan(desired, observed).lines == [])
        observed.change("web-1-1") { $0.status = .exited }
        #expect(plan(desired, observed).lines == ["Workload/web/1 start: stopped with exit code 0 [start web-1-1]"])
    }

    @Test("a member beyond the capacity that needs a replacement is held by the capacity, not by its neighbours")
    func replacementBeyondCapacity() {
        let observed = ObservedState(converged: Declared.state(Declared.workload(replicas: 2)))
        let desired = Declared.state(
            Declared.workload(replicas: 2, ContainerTemplate(image: "web:1", env: ["A": "1"])),
            pools: [Declared.pool(containersPerHost: 0)])
        let plan = plan(desired, observed)
        #expect(plan.held.count == 2)
        #expect(!plan.hasChanges)
    }

    @Test("what is no longer declared is removed whatever the pools say")
    func pruneIsNotHeld() {
        let observed = ObservedState(converged: Declared.state(Declared.workload()))
        let desired = Declared.state(pools: [Declared.pool(hosts: .init(matchLabels: [:]))])
        #expect(plan(desired, observed).actions.filter { $0.verdict == .go }.count == 1)
    }
}
