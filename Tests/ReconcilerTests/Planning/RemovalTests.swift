import ReconcileTesting
import Reconciler
import Specs
import Testing

struct RemovalTests {
    @Test("slots beyond the replicas are stopped and removed, each by itself")
    func scaleDown() {
        let desired = Declared.state(Declared.workload(replicas: 1))
        let observed = ObservedState(converged: Declared.state(Declared.workload(replicas: 3)))
        #expect(
            plan(desired, observed).lines == [
                "Workload/web/1 remove: scaled down to 1 [stop web-1-1, remove web-1-1]",
                "Workload/web/2 remove: scaled down to 1 [stop web-2-1, remove web-2-1]",
            ])
    }

    @Test("scaled to zero, an object keeps its network and pulls nothing")
    func scaleToZero() {
        let desired = Declared.state(Declared.workload(replicas: 0))
        var observed = ObservedState(converged: Declared.state(Declared.workload(replicas: 1)))
        observed.images = [:]
        #expect(
            plan(desired, observed).lines == ["Workload/web/0 remove: scaled down to 0 [stop web-0-1, remove web-0-1]"])
    }

    @Test("what is no longer declared goes, its network last")
    func prune() {
        let observed = ObservedState(converged: Declared.state(Declared.workload("old", replicas: 2)))
        let first = plan(Declared.state(), observed)
        #expect(
            first.lines == [
                "Workload/old remove: no longer used [remove-network reconcile-old] after Workload/old/1",
                "Workload/old/0 remove: ours, no longer declared [stop old-0-1, remove old-0-1]",
                "Workload/old/1 remove: ours, no longer declared [stop old-1-1, remove old-1-1]",
            ])
        #expect(first.actions.allSatisfy { $0.actionClass == .destructive })
        var empty = observed
        empty.remove("old-0-1")
        empty.remove("old-1-1")
        #expect(
            plan(Declared.state(), empty).lines == [
                "Workload/old remove: no longer used [remove-network reconcile-old]"
            ])
    }

    @Test("named volumes stay when their object goes")
    func volumes() {
        var observed = ObservedState()
        let mark = OwnershipMark(owner: "default", object: ResourceID(.workload, "old"))
        observed.volumes["data"] = ObservedVolume(name: "data", mark: mark)
        #expect(plan(Declared.state(), observed).lines == [])
    }

    @Test("the steps of a removal follow from the state of the container", arguments: RemovalCase.all)
    func steps(_ c: RemovalCase) {
        var observed = ObservedState(converged: Declared.state(Declared.workload("old")))
        observed.networks = [:]
        observed.change("old-0-1") { $0.status = c.status }
        #expect(
            plan(Declared.state(), observed).lines
                == ["Workload/old/0 remove: ours, no longer declared [\(c.steps)]"])
    }

    @Test("the mark of another owner is not ours to prune")
    func otherOwner() {
        var observed = ObservedState()
        let theirs = OwnershipMark(owner: "staging", object: ResourceID(.workload, "old"))
        observed.networks["reconcile-old"] = ObservedNetwork(id: "n", name: "reconcile-old", mark: theirs)
        #expect(plan(Declared.state(), observed).lines == [])
    }

    @Test("an observation that missed something takes nothing away, and repairs all the same")
    func incompleteObservation() {
        let before = Declared.state(Declared.workload(replicas: 2), Declared.workload("old"))
        var observed = ObservedState(converged: before)
        observed.isComplete = false
        observed.change("web-0-1") { $0.status = .exited }
        observed.add(0, of: before.objects[ResourceID(.workload, "web")] ?? placeholder, incarnation: 2)
        let after = Declared.state(Declared.workload(replicas: 1))
        #expect(
            plan(after, observed).lines == [
                "Workload/old remove: no longer used [remove-network reconcile-old] held: IncompleteObservation",
                "Workload/old/0 remove: ours, no longer declared [stop old-0-1, remove old-0-1] held: IncompleteObservation",
                "Workload/web/0 remove: another container fills its slot [remove web-0-1] held: IncompleteObservation",
                "Workload/web/1 remove: scaled down to 1 [stop web-1-1, remove web-1-1] held: IncompleteObservation",
            ])
        observed.remove("web-0-2")
        #expect(
            plan(after, observed).lines.contains(
                "Workload/web/0 start: stopped with exit code 0 [start web-0-1]"))
    }

    private var placeholder: DesiredObject {
        preconditionFailure("declared above")
    }
}

struct RemovalCase: Sendable, CustomTestStringConvertible {
    let status: ObservedContainer.Status
    let steps: String

    var testDescription: String { status.rawValue }

    static let all: [RemovalCase] = [
        RemovalCase(status: .created, steps: "remove old-0-1"),
        RemovalCase(status: .running, steps: "stop old-0-1, remove old-0-1"),
        RemovalCase(status: .restarting, steps: "stop old-0-1, remove old-0-1"),
        // Docker refuses to stop what is paused.
        RemovalCase(status: .paused, steps: "unpause old-0-1, stop old-0-1, remove old-0-1"),
        RemovalCase(status: .exited, steps: "remove old-0-1"),
        RemovalCase(status: .dead, steps: "remove old-0-1"),
        RemovalCase(status: .removing, steps: ""),
    ]
}
