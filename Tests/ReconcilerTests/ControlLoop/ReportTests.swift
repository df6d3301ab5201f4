import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What the control loop shows of itself.
struct ReportTests {
    private static let web = ResourceID(.workload, "web")

    @Test("a report holds the plan, the figures, and every object in full")
    func report() throws {
        var rig = try LoopRig(Declared.state(Declared.workload(replicas: 2)))
        #expect(rig.loop.report(asOf: Now()).isReady == false)
        rig.observed(ObservedState(engine: EngineFacts(version: "1")))
        let report = rig.loop.report(asOf: Now(uptime: .seconds(7)))
        #expect(report.isReady && report.figures.observationAge == .seconds(7))
        #expect(report.status == rig.loop.status())
        let detail = try #require(report.detail(of: Self.web))
        #expect(detail.desired == 2 && detail.declaredAt?.description == "web.yaml:1:1")
        #expect(detail.hostPool == "local" && detail.image == "web:1")
        #expect(!detail.actions.isEmpty)
        #expect(report.detail(of: ResourceID(.workload, "none")) == nil)
        let pool = try #require(report.detail(of: ResourceID(.hostPool, "local")))
        #expect(pool.declaredAt?.description == "local.yaml:1:1" && pool.members.isEmpty && pool.conditions.isEmpty)
        let hosts = try #require(pool.hosts)
        #expect(hosts.objects == [Self.web] && hosts.includesThisHost && hosts.scope == "shared")
        #expect(report.planDocument?.summary.hasChanges == true)
    }

    @Test("a look that somebody asks for is a full one, also when a step has failed just now")
    func lookAgain() throws {
        var rig = try LoopRig(Declared.state(Declared.workload()))
        var observed = ObservedState()
        observed.images["web:1"] = ObservedImage(id: "sha256:1")
        rig.observed(observed)
        rig.ended(.failure(DriverError(.transient, .serverError, "busy", at: "POST /networks/create")))
        let effects = rig.lookAgain()
        #expect(effects.contains { if case .observe = $0 { true } else { false } })
    }
}
