import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Objects that are kept as an earlier revision says.
struct PinTests {
    private static let web = ResourceID(.workload, "web")

    private static func state(_ image: String, _ revision: String, replicas: Int = 1) -> DesiredState {
        Declared.state(
            Declared.workload(replicas: replicas, ContainerTemplate(image: image)), Declared.workload("other"),
            revision: revision)
    }

    private static func pin(to revision: Revision?, rejecting state: DesiredState) -> Pin {
        Pin(
            object: web, revision: revision, cause: .quarantined, reason: "web:2 did not become ready",
            rejected: state.objects[web]?.meaning ?? "", since: Instant(secondsSince1970: 0))
    }

    @Test("a pinned object is as the earlier revision says, others are as the accepted one does, and the plan says so")
    func pinned() throws {
        let (good, bad) = (Self.state("web:1", "1111111"), Self.state("web:2", "2222222"))
        let pin = Self.pin(to: good.revision, rejecting: bad)
        let (state, released) = bad.applying(pins: [pin], revisions: ["1111111": good])
        #expect(released.isEmpty)
        #expect(state.objects[Self.web]?.container.template.image == "web:1")
        #expect(state.revision == bad.revision)
        let plan = plan(state, ObservedState(converged: good))
        #expect(plan.lines == [])
        #expect(
            plan.pinned.map(\.description) == [
                "pinned to 1111111 (Quarantined: web:2 did not become ready), not what 2222222 says"
            ])
    }

    @Test("a failed revision is not tried again by a commit that does not touch the object")
    func untouched() {
        let (good, bad) = (Self.state("web:1", "1111111"), Self.state("web:2", "2222222"))
        let pin = Self.pin(to: good.revision, rejecting: bad)
        var next = Self.state("web:2", "3333333")
        next.objects[ResourceID(.workload, "other")] = nil
        #expect(next.applying(pins: [pin], revisions: ["1111111": good]).released.isEmpty)
    }

    @Test("the next commit that touches the object releases it, and so does one that takes it away")
    func released() {
        let (good, bad) = (Self.state("web:1", "1111111"), Self.state("web:2", "2222222"))
        let pin = Self.pin(to: good.revision, rejecting: bad)
        for next in [Self.state("web:3", "3"), Self.state("web:2", "3", replicas: 2), Self.state("web:1", "3")] {
            let (state, released) = next.applying(pins: [pin], revisions: ["1111111": good])
            #expect(released == [pin] && state.objects[Self.web]?.pin == nil)
        }
        #expect(Declared.state().applying(pins: [pin], revisions: ["1111111": good]).released == [pin])
    }

    @Test("without an earlier revision the object is left alone, and says so", arguments: [true, false])
    func leftAlone(names: Bool) {
        let bad = Self.state("web:2", "2222222")
        let pin = Self.pin(to: names ? Revision(id: "lost", reference: "main") : nil, rejecting: bad)
        let state = bad.applying(pins: [pin], revisions: [:]).state
        var observed = ObservedState(converged: Self.state("web:1", "1111111"))
        observed.change("web-0-1") { $0.status = .exited }
        let plan = plan(state, observed)
        #expect(plan.lines == ["Workload/web/0 replace: image web:1 -> web:2 [] held: Quarantined"])
        #expect(plan.pinned.first?.description.hasPrefix("left as it is (Quarantined: ") == true)
        observed.remove("web-0-1")
        #expect(
            Reconciler.Planner.plan(desired: state, observed: observed, gates: state.solitaryGates, now: Now()).lines
                == ["Workload/web/0 create: not on this host [] held: Quarantined"])
    }

    @Test("room in the pool is handed out anew when a pin changes how many members there are")
    func capacity() {
        func state(_ replicas: Int, _ revision: String) -> DesiredState {
            Declared.state(
                Declared.workload("a", replicas: replicas), Declared.workload("b", replicas: 2),
                pools: [Declared.pool(containersPerHost: 4)], revision: revision)
        }
        let (good, bad) = (state(2, "1"), state(4, "2"))
        let a = ResourceID(.workload, "a"), b = ResourceID(.workload, "b")
        #expect(bad.objects[b]?.slotsWithinCapacity == 0)
        let pin = Pin(
            object: a, revision: good.revision, cause: .requested, reason: "", rejected: bad.objects[a]?.meaning ?? "",
            since: Instant(secondsSince1970: 0))
        #expect(bad.applying(pins: [pin], revisions: ["1": good]).state.objects[b]?.slotsWithinCapacity == 2)
    }

    @Test("an object runs where the accepted revision says, whatever it is pinned to")
    func pool() {
        let good = Declared.state(Declared.workload(pool: "a"), pools: [Declared.pool("a"), Declared.pool("b")])
        let bad = Declared.state(Declared.workload(pool: "b"), pools: [Declared.pool("b")], revision: "2")
        let pin = Self.pin(to: good.revision, rejecting: bad)
        #expect(bad.applying(pins: [pin], revisions: [good.revision.id: good]).state.objects[Self.web]?.hostPool == "b")
    }

    @Test("the meaning is that of the spec: every field counts, and annotations, labels and places do not")
    func meaning() {
        func meaning(_ change: (inout Resource<Workload>) -> Void) -> String? {
            var workload = Declared.workload(ContainerTemplate(image: "web:1", env: ["A": "1", "B": "2"]))
            change(&workload)
            return Declared.state(workload).objects[Self.web]?.meaning
        }
        let base = meaning { _ in }
        #expect(base?.wholeMatch(of: /m1:[0-9a-f]{32}/) != nil)
        #expect(meaning { _ in } == base)
        #expect(meaning { $0.labels = ["a": "b"] } == base)
        #expect(meaning { $0.annotations = ["reconcile.dev/paused": "true"] } == base)
        #expect(meaning { $0.spec.source.reference = "shared" } == base)
        let changes: [(inout Resource<Workload>) -> Void] = [
            { $0.spec.replicas = 2 }, { $0.spec.strategy.type = .recreate }, { $0.spec.strategy.maxSurge = .count(2) },
            { $0.spec.disruptionBudget = .minAvailable(.count(1)) }, { $0.spec.placement.hostPool = "b" },
            { $0.spec.placement.dependsOn = [ResourceID(.workload, "db")] },
            { $0.spec.publish = [PublishedPort(hostPort: 80, container: ContainerPort(80))] },
            { $0.spec.source.template.env["A"] = "2" }, { $0.spec.source.template.resources.pids = 7 },
            { $0.spec.source.template.pullPolicy = .always }, { $0.spec.source.template.stopTimeout = .seconds(1) },
            { $0.spec.source.template.healthCheck = HealthCheck(command: ["ok"]) },
        ]
        let all = changes.map { meaning($0) }
        #expect(!all.contains(base) && Set(all).count == changes.count)
    }
}
