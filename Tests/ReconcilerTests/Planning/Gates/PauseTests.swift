import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What people asked to be left alone, by command or in git.
struct PauseTests {
    private static let web = ResourceID(.workload, "web")

    private static func pause(_ object: ResourceID?, _ reason: String = "") -> Pause {
        Pause(object: object, reason: reason, by: "alice", since: Instant(secondsSince1970: 0))
    }

    private static func plan(
        _ pauses: [Pause], paused annotation: String? = nil, _ change: (inout ObservedState) -> Void = { _ in }
    ) -> Plan {
        var workload = Declared.workload(replicas: 3)
        workload.annotations["reconcile.dev/paused"] = annotation
        let desired = Declared.state(workload, Declared.workload("other"))
        var observed = ObservedState(
            converged: Declared.state(
                Declared.workload(replicas: 4), Declared.workload("other"), Declared.workload("old")))
        observed.change("web-0-1") { $0.status = .exited }
        observed.remove("web-1-1")
        observed.change("other-0-1") { $0.status = .exited }
        change(&observed)
        var gates = desired.solitaryGates
        gates.pauses = pauses
        return Planner.plan(desired: desired, observed: observed, gates: gates, now: Now())
    }

    @Test("a pause of one object holds repair, creation and scaling, and nothing else")
    func oneObject() {
        let plan = Self.plan([Self.pause(Self.web, "debugging")])
        #expect(
            plan.held.map { "\($0.key) \($0.verb.rawValue)" } == [
                "Workload/web/0 start", "Workload/web/1 create", "Workload/web/3 remove",
            ])
        guard case .held(let hold)? = plan.held.first?.verdict else { return #expect(Bool(false)) }
        #expect(hold.description == "Paused: paused by alice: debugging (until 'reconcile resume Workload/web')")
        #expect(plan.hasChanges, "the other object and the removal go on")
    }

    @Test("a pause of the host holds everything, removals of undeclared objects too")
    func everything() {
        let plan = Self.plan([Self.pause(nil)])
        #expect(plan.held.count == plan.actions.count && !plan.hasChanges)
        guard case .held(let hold)? = plan.held.first?.verdict else { return #expect(Bool(false)) }
        #expect(hold.description == "Paused: this host is paused by alice (until 'reconcile resume')")
    }

    @Test(
        "the annotation holds as well, with its reason",
        arguments: [
            ("true", "paused in git by 'reconcile.dev/paused'"),
            ("moving the disk", "paused in git by 'reconcile.dev/paused': moving the disk"),
        ])
    func annotation(value: String, message: String) {
        let plan = Self.plan([], paused: value)
        #expect(plan.held.count == 3)
        #expect(plan.held.first?.verdict == .held(Hold(.paused, message, until: .commit)))
    }

    @Test("the annotation \"false\" is none")
    func unpaused() { #expect(Self.plan([], paused: "false").held.isEmpty) }

    @Test("looking goes on: a pause does not make the status blind")
    func looking() {
        let check = ContainerTemplate(image: "web:1", healthCheck: HealthCheck(command: ["ok"]))
        let desired = Declared.state(Declared.workload(check))
        var observed = ObservedState(converged: desired)
        observed.change("web-0-1") { $0.health = .starting }
        var gates = desired.solitaryGates
        gates.pauses = [Self.pause(nil)]
        #expect(
            Planner.plan(desired: desired, observed: observed, gates: gates, now: Now()).lines
                == ["Workload/web/0 await: not ready yet [probe web-0-1]"])
    }

    @Test("several pauses are all named, whatever their order")
    func several() {
        let pauses = [Self.pause(Self.web, "a"), Self.pause(nil, "b"), Self.pause(Self.web, "c")]
        let plan = Self.plan(pauses, paused: "true")
        #expect(Self.plan(pauses.reversed(), paused: "true") == plan)
        guard case .held(let hold)? = plan.actions.first(where: { $0.key.object == Self.web })?.verdict else {
            return #expect(Bool(false))
        }
        #expect(hold.message == "this host is paused by alice: b" && hold.also.count == 3)
        #expect(hold.description.hasSuffix("(until 'reconcile resume'), also Paused, Paused, Paused"))
    }

    @Test("what waits for a name conflict is paused, not stalled: nobody asks for help meanwhile")
    func stalled() {
        let plan = Self.plan([Self.pause(Self.web)]) { $0.foreignNames["web-1-1"] = "f" }
        #expect(!plan.actions.contains { $0.isStalled })
    }
}
