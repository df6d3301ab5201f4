import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Windows in plans.
struct WindowGateTests {
    private static let web = ResourceID(.workload, "web")

    private static func labelled(_ image: String, replicas: Int = 2, strategy: RolloutStrategy.Kind = .rolling)
        -> Resource<Workload>
    {
        var workload = Declared.workload(replicas: replicas, strategy: strategy, ContainerTemplate(image: image))
        workload.labels = ["tier": "sandbox"]
        return workload
    }

    private static func plan(
        _ windows: [Window], _ workloads: [Resource<Workload>]? = nil, at text: String = "2026-11-21T13:00:00Z",
        change: (inout Gates, inout ObservedState) -> Void = { _, _ in }
    ) throws -> Plan {
        let specs = SpecSet(
            hostPools: [Declared.pool()], workloads: workloads ?? [labelled("web:2")], warmPools: [])
        var desired = DesiredState(specs: specs, revision: Revision(id: "2", reference: "main"), host: Declared.host)
        desired.windows = WindowSet(windows)
        var observed = ObservedState(converged: Declared.state(labelled("web:1", replicas: 3)))
        observed.images["web:2"] = ObservedImage(id: "sha256:2")
        var gates = desired.solitaryGates
        change(&gates, &observed)
        return Planner.plan(
            desired: desired, observed: observed, gates: gates, now: Now(wall: try Wall.at(text)))
    }

    private static func holds(_ plan: Plan) -> [String] {
        plan.held.compactMap { action in
            guard case .held(let hold) = action.verdict else { return nil }
            return "\(action.key) \(action.verb.rawValue): \(hold)"
        }
    }

    @Test("replacement and removal wait for the window, with the moment for the control loop to come back at")
    func held() throws {
        let plan = try Self.plan([try Wall.thirdSunday()])
        let text = "MaintenanceWindow: held until Sun 2026-12-20 02:00 Asia/Tokyo (in 28d 4h) by third-sunday"
        #expect(
            Self.holds(plan) == [
                "Workload/web/0 replace: \(text)", "Workload/web/1 replace: \(text)", "Workload/web/2 remove: \(text)",
            ])
        #expect(!plan.hasChanges)
        guard case .held(let hold)? = plan.held.first?.verdict else { return #expect(Bool(false)) }
        #expect(hold.until == .time(try Wall.at("2026-12-19T17:00:00Z")))
    }

    @Test("in the window they go on")
    func open() throws {
        #expect(try Self.plan([try Wall.thirdSunday()], at: "2026-12-19T17:00:00Z").held.isEmpty)
    }

    @Test("repair and creation go on outside of it, unless the window speaks of what is safe")
    func safe() throws {
        let same = [Self.labelled("web:1", replicas: 4)]
        let broken: (inout Gates, inout ObservedState) -> Void = { _, observed in
            observed.change("web-0-1") { $0.status = .exited }
        }
        #expect(try Self.plan([try Wall.thirdSunday()], same, change: broken).held.isEmpty)
        let strict = try Wall.window("strict", cron: "0 2 * * *") { $0.classes = [.safe] }
        let plan = try Self.plan([strict], same, change: broken)
        #expect(plan.held.map { "\($0.key) \($0.verb.rawValue)" } == ["Workload/web/3 create"])
        #expect(plan.actions.contains { $0.verb == .start && $0.verdict == .go })
    }

    @Test("an override and a person's sync pass, where they may")
    func persons() throws {
        let window = try Wall.window("nights", cron: "0 2 * * *") { $0.manualSync = true }
        let word = WindowOverride(
            reason: "outage", by: "ada", since: try Wall.at("2026-11-21T12:00:00Z"),
            until: try Wall.at("2026-11-21T14:00:00Z"))
        #expect(try Self.plan([window]) { gates, _ in gates.windowOverrides = [word] }.held.isEmpty)
        #expect(
            try !Self.plan([window], at: "2026-11-21T14:00:00Z") { gates, _ in gates.windowOverrides = [word] }
                .held.isEmpty)
        #expect(try Self.plan([window]) { gates, _ in gates.manualSyncs = [Self.web] }.held.isEmpty)
        let stern = try Wall.thirdSunday()
        #expect(try !Self.plan([stern]) { gates, _ in gates.manualSyncs = [Self.web] }.held.isEmpty)
    }

    @Test("a replacement that is half done is finished, or stops at that point", arguments: [true, false])
    func overrun(finishes: Bool) throws {
        let window = try Wall.window("nights", cron: "0 2 * * *") { $0.overrun = finishes ? .finish : .stop }
        let plan = try Self.plan([window], [Self.labelled("web:2", replicas: 3)]) { _, observed in
            let successor = ObservedState(converged: Declared.state(Self.labelled("web:2")))
            guard var container = successor.containers.values.first(where: { $0.name == "web-0-1" }) else { return }
            container.name = "web-0-2"
            container.id = "successor"
            container.member.incarnation = 2
            observed.record(container, id: container.id)
        }
        let first = plan.actions.first { $0.key == .member(MemberID(Self.web, 0)) }
        #expect(first?.verb == .remove && first?.isHeld == !finishes, "\(String(describing: first))")
    }

    @Test("what is left of an earlier container is no successor: nothing was begun")
    func leftover() throws {
        let window = try Wall.window("nights", cron: "0 2 * * *")
        let plan = try Self.plan([window], [Self.labelled("web:2")]) { _, observed in
            observed.change("web-0-1") { container in
                container.name = "web-0-2"
                container.member.incarnation = 2
            }
            guard var container = observed.containers["id-web-0-1"] else { return }
            (container.id, container.name, container.status) = ("leftover", "web-0-1", .exited)
            container.member.incarnation = 1
            observed.record(container, id: container.id)
        }
        let taking = plan.actions.filter { $0.verb == .replace }
        #expect(!taking.isEmpty && taking.allSatisfy(\.isHeld), "\(plan.actions)")
    }

    @Test("a replacement begins only if stopping and becoming ready fit into what is left")
    func bound() throws {
        let check = HealthCheck(
            command: ["ok"], interval: .seconds(10), timeout: .seconds(2), retries: 3, startPeriod: .seconds(60))
        var workload = Self.labelled("web:2")
        workload.spec.source.template.healthCheck = check
        let window = try Wall.window("nights", cron: "0 2 * * *")
        // 60 s + 3 x 12 s to become ready, 10 s to stop.
        #expect(try Self.plan([window], [workload], at: "2026-11-21T02:58:14Z").held.isEmpty)
        let plan = try Self.plan([window], [workload], at: "2026-11-21T02:58:15Z")
        #expect(
            Self.holds(plan).first
                == "Workload/web/0 replace: MaintenanceWindow: held until Sun 2026-11-22 02:00 UTC (in 23h 1m) by nights: it may take 1m46s, and 1m45s are left"
        )
    }

    @Test("what is no longer declared goes only if its stop fits into what is left")
    func undeclared() throws {
        let window = try Wall.window("nights", cron: "0 2 * * *")
        func plan(at text: String) throws -> Plan {
            try Self.plan([window], [], at: text) { gates, observed in
                let names = observed.containers.values.map(\.name) + ["reconcile-web"]
                gates.approvals = [
                    Approval(revision: "2", removals: names, by: "ada", at: Instant(secondsSince1970: 0))
                ]
            }
        }
        #expect(try plan(at: "2026-11-21T02:59:50Z").held.isEmpty)
        let holds = Self.holds(try plan(at: "2026-11-21T02:59:51Z"))
        #expect(holds.count == 3 && holds.allSatisfy { $0.hasSuffix("it may take 10s, and 9s are left") }, "\(holds)")
    }

    @Test("objects that the window does not select, and undeclared ones, are not its business")
    func others() throws {
        let window = try Wall.window("sandbox", cron: "0 2 * * *") {
            $0.selector = LabelSelector(matchLabels: ["tier": "sandbox"])
        }
        #expect(try Self.plan([window], []).held.isEmpty, "the labels of what is gone are gone")
        let everything = try Wall.window("all", cron: "0 2 * * *")
        #expect(try Self.plan([everything], []).held.count == 4, "three members and the network")
    }
}
