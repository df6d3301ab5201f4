import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Drains from the request to their end.
struct DrainLoopTests {
    private static func desired(budget: DisruptionBudget? = nil, drain: HostPool.Drain? = nil) -> DesiredState {
        var workload = Declared.workload(replicas: 1)
        workload.spec.disruptionBudget = budget
        var pool = Declared.pool()
        pool.spec.drain = drain
        return Declared.state(workload, pools: [pool])
    }

    private static let zero = DisruptionBudget.maxUnavailable(.count(0))

    private func rig(
        _ desired: DesiredState = Self.desired(), stored: StoredState = StoredState(), audit: RecordingAudit? = nil,
        mode: ControlLoop.Mode = .forever
    ) throws -> LoopRig {
        var rig = try LoopRig(
            desired, stored: stored, audit: audit, mode: mode, wall: try Wall.at("2026-11-21T01:00:00Z"))
        rig.observed(ObservedState(converged: desired))
        return rig
    }

    private func status(_ rig: LoopRig) -> HostStatus { rig.loop.report(asOf: Now(wall: rig.wall)).status }

    @Test("a drain is written down first, takes the members away, and ends as drained; uncordon brings them back")
    func drain() throws {
        let audit = RecordingAudit()
        var rig = try rig(audit: audit)
        #expect(rig.looks.isEmpty)
        let answer = try rig.ask(.drain(deadline: .seconds(3_600), force: false, reason: "a new kernel"))
        #expect(
            answer.hasPrefix(
                "this host is drained: nothing new is started, and 1 container goes as budgets and claims let them until "
                    + "2026-11-21T02:00:00Z, and what is left then stays"), "\(answer)")
        #expect(audit.entries.last { $0.action == "drain" }?.detail.contains("a new kernel") == true)
        #expect(rig.looks == [["id-web-0-1"]], "before something is taken away it is looked at")
        let report = try #require(status(rig).drains?.first)
        #expect(report.left == 1 && report.blockers.isEmpty && report.drain.stage == .draining)
        // It is gone by somebody else's hand.
        rig.looked(["id-web-0-1": nil])
        rig.tell(.time)
        #expect(rig.journal.drainStages.last == .drained)
        #expect(status(rig).conditionsOfHost.contains { $0.type == .drained && $0.status })
        #expect(rig.steps.isEmpty, "nothing new is started")
        #expect(try rig.ask(.uncordon) == "this host is drained no more: what is missing is started")
        #expect(rig.stepNames == ["create-container"])
        #expect(try rig.ask(.uncordon) == "this host was not drained")
    }

    @Test("a budget of zero blocks a drain, which is told by name, and it ends at its deadline")
    func blocked() throws {
        var rig = try rig(Self.desired(budget: Self.zero))
        _ = try rig.ask(.drain(deadline: .seconds(600), force: false, reason: "a new kernel"))
        #expect(rig.looks.isEmpty && rig.steps.isEmpty)
        let blocker = try #require(status(rig).drains?.first?.blockers.first)
        #expect(blocker.object == ResourceID(.workload, "web") && blocker.gate == .disruptionBudget)
        #expect(blocker.needed == 1 && blocker.healthy == 1)
        rig.wait(.seconds(599))
        #expect(rig.journal.drainStages == [.draining])
        rig.wait(.seconds(61))
        #expect(rig.journal.drainStages == [.draining, .exceeded])
        #expect(rig.looks.isEmpty && rig.steps.isEmpty)
        let condition = try #require(status(rig).conditionsOfHost.first { $0.type == .drained })
        #expect(condition.reason == "DrainDeadlineExceeded" && !condition.status)
        #expect(condition.message.contains("Workload/web (1 member): DrainDeadlineExceeded"), "\(condition.message)")
    }

    @Test("before anything is known of the host, no number is told of what goes")
    func unknown() throws {
        var rig = try LoopRig(nil)
        let answer = try rig.ask(.drain(deadline: nil, force: false, reason: "a new kernel"))
        #expect(
            answer.hasPrefix("this host is drained: nothing new is started, and the containers that are found go as"),
            "\(answer)")
        rig = try LoopRig(Self.desired())
        #expect(try rig.ask(.drain(deadline: nil, force: false, reason: "a new kernel")) == answer)
    }

    @Test("a second drain says which one it replaces, and what that one asked for")
    func replaced() throws {
        var rig = try rig()
        func answer(_ deadline: Duration?, force: Bool = false, _ reason: String = "a new kernel") throws -> String {
            try rig.ask(.drain(deadline: deadline, force: force, reason: reason))
        }
        #expect(try !answer(.seconds(3_600)).contains("replaces"))
        #expect(try !answer(.seconds(3_600)).contains("replaces"), "nothing else is asked for")
        let forced = try answer(.seconds(600), force: true)
        #expect(
            forced.contains(
                "until 2026-11-21T01:10:00Z, and then all the same; this replaces the drain by alice until "
                    + "2026-11-21T02:00:00Z, and what is left then stays; 'reconcile uncordon' ends it"), "\(forced)")
        #expect(try answer(nil).contains("by alice until 2026-11-21T01:10:00Z, and then all the same;"))
        #expect(try answer(nil, "a new disk").contains("this replaces the drain by alice on the same terms;"))
        #expect(try answer(.seconds(600)).contains("this replaces the drain by alice without a deadline;"))
    }

    @Test("members that one gate keeps are one line of the report")
    func blockers() throws {
        var workload = Declared.workload(replicas: 3)
        workload.spec.disruptionBudget = .maxUnavailable(.count(1))
        let desired = Declared.state(workload, Declared.workload("api", replicas: 2))
        var rig = try rig(desired)
        _ = try rig.ask(.drain(deadline: nil, force: false, reason: "a new kernel"))
        let report = try #require(status(rig).drains?.first)
        #expect(report.left == 5)
        #expect(report.blockers.map(\.object) == [ResourceID(.workload, "web")])
        let blocker = try #require(report.blockers.first)
        #expect(blocker.members == 2 && blocker.needed == 2 && blocker.healthy == 3)
    }

    @Test(
        "what comes to light when all was gone is answered by the deadline, also on a clock that was set back",
        arguments: [(false, Drain.Stage.exceeded), (true, .forced)])
    func cameToLight(force: Bool, stage: Drain.Stage) throws {
        var rig = try rig()
        _ = try rig.ask(.drain(deadline: .seconds(600), force: force, reason: "a new kernel"))
        rig.looked(["id-web-0-1": nil])
        rig.tell(.time)
        #expect(rig.journal.drainStages == [.draining, .drained])
        rig.wait(.seconds(40))
        rig.observed(ObservedState(converged: Self.desired()))
        #expect(rig.journal.drainStages == [.draining, .drained, .draining], "there is time left")
        #expect(rig.looks == [["id-web-0-1"]])
        rig.looked(["id-web-0-1": nil])
        rig.tell(.time)
        rig.wait(.seconds(600))
        #expect(rig.journal.drains.last?.stage == .drained)
        #expect(rig.journal.drains.last?.isOverdue == true, "that is written down also where nothing is left")
        rig.wall = try Wall.at("2026-11-21T01:00:00Z")
        rig.observed(ObservedState(converged: Self.desired()))
        #expect(rig.journal.drains.last?.stage == stage)
        #expect(rig.looks.isEmpty == !force)
    }

    @Test("a clock that is set back brings back nothing that ran out")
    func clock() throws {
        var rig = try rig(Self.desired(budget: Self.zero))
        _ = try rig.ask(.drain(deadline: .seconds(600), force: false, reason: "a new kernel"))
        rig.wait(.seconds(600))
        #expect(rig.journal.drainStages == [.draining, .exceeded])
        rig.wall = try Wall.at("2026-11-21T01:00:00Z")
        // Nothing but the deadline keeps it any more.
        rig.tell(.desired(Self.desired()))
        for _ in 0..<2 { rig.observed(ObservedState(converged: Self.desired())) }
        rig.wait(.seconds(61))
        #expect(rig.journal.drainStages == [.draining, .exceeded])
        #expect(rig.looks.isEmpty && rig.steps.isEmpty)
    }

    @Test("what is under way elsewhere keeps no pool from being drained")
    func elsewhere() throws {
        var pool = Declared.pool()
        pool.spec.drain = HostPool.Drain()
        let desired = Declared.state(
            Declared.workload(), Declared.workload("api", pool: "other"), pools: [pool, Declared.pool("other")])
        var state = ObservedState(converged: desired)
        state.remove("web-0-1")
        state.remove("api-0-1")
        var rig = try LoopRig(desired)
        rig.observed(state)
        #expect(rig.stepNames == ["create-container"], "of the other pool")
        rig.tell(.time)
        #expect(rig.journal.drainStages.last == .drained)
    }

    @Test("with force the rest goes at the deadline in spite of a budget")
    func forced() throws {
        var rig = try rig(Self.desired(budget: Self.zero))
        _ = try rig.ask(.drain(deadline: .seconds(600), force: true, reason: "it goes"))
        #expect(rig.looks.isEmpty)
        rig.wait(.seconds(600))
        #expect(rig.journal.drainStages == [.draining, .forced])
        #expect(rig.looks == [["id-web-0-1"]])
    }

    @Test("what a drain took away is made again, although it had been made just before")
    func madeAgain() throws {
        let template = ContainerTemplate(image: "web:1", healthCheck: HealthCheck(command: ["ok"]))
        let desired = Declared.state(Declared.workload(replicas: 1, template))
        var state = ObservedState(converged: desired)
        state.change("web-0-1") { $0.health = .starting }
        let made = state.containers["id-web-0-1"]
        state.record(nil, id: "id-web-0-1")
        var rig = try LoopRig(desired, wall: try Wall.at("2026-11-21T01:00:00Z"))
        rig.observed(state)
        #expect(rig.stepNames == ["create-container"])
        rig.ended(.success(.container(id: "id-web-0-1", made)))
        #expect(rig.stepNames == ["probe"])
        rig.ended(.success(.container(id: "id-web-0-1", made)))
        _ = try rig.ask(.drain(deadline: .seconds(600), force: true, reason: "a new kernel"))
        rig.looked(["id-web-0-1": made])
        #expect(rig.stepNames == ["stop"])
        _ = try rig.ask(.uncordon)
        var stopped = made
        stopped?.status = .exited
        rig.ended(.success(.container(id: "id-web-0-1", stopped)))
        rig.looked(["id-web-0-1": stopped])
        guard case .createContainer(let intent)? = rig.steps.last else {
            Issue.record("nothing is made: \(rig.stepNames) \(rig.looks)")
            return
        }
        #expect(intent.name == "web-0-2")
        #expect(status(rig).stall == nil)
    }

    @Test("a drain outlasts a restart, with its deadline")
    func restart() throws {
        var stored = StoredState()
        stored.drains = [
            Drain(
                reason: "a new kernel", by: "alice", since: try Wall.at("2026-11-21T00:00:00Z"),
                deadline: try Wall.at("2026-11-21T02:00:00Z"))
        ]
        var rig = try rig(stored: stored)
        #expect(rig.looks == [["id-web-0-1"]])
        #expect(rig.journal.drainStages.isEmpty, "nothing new is written down")
        stored.drains[0].stage = .exceeded
        rig = try self.rig(stored: stored)
        #expect(rig.looks.isEmpty)
    }

    @Test("a single run obeys both kinds of drain as they were written down")
    func once() throws {
        var stored = StoredState()
        let begun = try Wall.at("2026-11-20T00:00:00Z")
        stored.drains = [Drain(reason: "a new kernel", by: "alice", since: begun)]
        #expect(try rig(stored: stored, mode: .untilSettled).looks == [["id-web-0-1"]])
        #expect(try rig(mode: .untilSettled).looks.isEmpty)
        var spec = HostPool.Drain()
        spec.deadline = .seconds(600)
        let desired = Self.desired(drain: spec)
        stored.drains = [Drain(pool: "local", spec, since: begun)]
        let over = try rig(desired, stored: stored, mode: .untilSettled)
        #expect(over.looks.isEmpty && over.journal.drainStages == [.exceeded], "its time is up since then")
        #expect(try rig(desired, mode: .untilSettled).looks == [["id-web-0-1"]], "it begins now")
    }

    @Test("a pool whose host is drained does not count as one in which nothing becomes ready")
    func noFaultOfTheTemplate() throws {
        let desired = Declared.state(warmPools: [Declared.warmPool(size: 1)])
        var stored = StoredState()
        var drain = Drain(reason: "a new kernel", by: "alice", since: Instant(secondsSince1970: 0))
        drain.stage = .drained
        stored.drains = [drain]
        var rig = try LoopRig(desired, stored: stored)
        var empty = ObservedState(converged: desired)
        empty.remove("agents-0-1")
        rig.observed(empty)
        for _ in 0..<40 {
            rig.wait(.seconds(60))
            rig.observed(empty)
        }
        let object = try #require(status(rig).objects.first)
        #expect(object.conditions.map(\.reason) == ["Draining"], "\(object.conditions)")
    }

    @Test("git's drain begins once, keeps its beginning over restarts, and ends with the commit that takes it away")
    func inGit() throws {
        var spec = HostPool.Drain()
        spec.deadline = .seconds(600)
        spec.reason = "a new kernel"
        let desired = Self.desired(budget: Self.zero, drain: spec)
        var rig = try rig(desired)
        let drain = try #require(rig.journal.drains.first)
        #expect(drain.pool == "local" && drain.by == "git" && drain.reason == "a new kernel")
        #expect(drain.deadline == drain.since.advanced(bySeconds: 600))
        var stored = StoredState()
        stored.drains = [Drain(pool: "local", spec, since: try Wall.at("2026-11-21T00:59:00Z"))]
        rig = try self.rig(desired, stored: stored)
        #expect(rig.journal.drains.isEmpty, "it is known, and its time is not up")
        rig.tell(.desired(Self.desired(budget: Self.zero)))
        rig.observed(ObservedState(converged: desired))
        #expect(rig.journal.commits.joined().contains(.endDrain(pool: "local")))
        #expect(status(rig).drains == [])
    }

    @Test("a longer deadline from git lets a drain go on that had run out; another reason does not")
    func longer() throws {
        var spec = HostPool.Drain()
        spec.deadline = .seconds(600)
        var rig = try rig(Self.desired(budget: Self.zero, drain: spec))
        rig.wait(.seconds(600))
        #expect(rig.journal.drainStages == [.draining, .exceeded])
        func commit(_ drain: HostPool.Drain) {
            rig.tell(.desired(Self.desired(drain: drain)))
            for _ in 0..<2 { rig.observed(ObservedState(converged: Self.desired())) }
        }
        spec.reason = "another kernel"
        rig.wall = try Wall.at("2026-11-21T01:00:00Z")
        commit(spec)
        #expect(rig.journal.drains.last?.reason == "another kernel" && rig.journal.drainStages.last == .exceeded)
        #expect(rig.looks.isEmpty)
        spec.deadline = .seconds(3_600)
        commit(spec)
        #expect(rig.journal.drainStages.last == .draining)
        #expect(rig.looks == [["id-web-0-1"]])
        #expect(rig.journal.drains.last?.since == rig.journal.drains.first?.since, "and its time counts from then")
    }

    @Test(
        "a request that means nothing is refused",
        arguments: [
            (Duration?.none, true, "'force' says what happens at the deadline, and there is no 'deadline'"),
            (.seconds(31 * 86_400), false, "'deadline' is '744h' and must be 0s to 720h"),
        ])
    func refused(deadline: Duration?, force: Bool, message: String) throws {
        var rig = try rig()
        let refusal = #expect(throws: CommandRefusal.self) {
            try rig.ask(.drain(deadline: deadline, force: force, reason: "x"))
        }
        #expect(refusal?.message == message)
    }

    @Test("a claim that waits for another container ends with the rest: there will be none")
    func recovering() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 1) { $0.claim.onLost = .replace }) {
            await rig.awaitReady(1)
            let claim = try await rig.claim()
            _ = try await rig.controller.carryOut(
                .drain(deadline: nil, force: false, reason: "a new kernel"), by: "alice")
            let container = try #require(claim.container?.id)
            await rig.engine.removeByHand(container)
            #expect(
                await eventually { await rig.controller.claims().first { $0.id == claim.id }?.phase == .recovering })
            _ = try await rig.controller.carryOut(.drain(deadline: .zero, force: true, reason: "it goes"), by: "alice")
            #expect(await eventually { await rig.controller.claims().first { $0.id == claim.id }?.ending == .evicted })
        }
    }

    @Test("claimed members keep their holders until they are given back, or until the deadline with force")
    func claims() async throws {
        let rig = Rig()
        try await rig.running(Rig.state(size: 2)) {
            await rig.awaitReady(2)
            let claim = try await rig.claim()
            _ = try await rig.controller.carryOut(
                .drain(deadline: nil, force: false, reason: "a new kernel"), by: "alice")
            #expect(await eventually { await rig.runningNames == [claim.container?.name] })
            let blocker = await rig.controller.status().drains?.first?.blockers.first { $0.claim != nil }
            #expect(blocker?.claim == claim.id && blocker?.holder == "ada" && blocker?.gate == .claimed)
            await #expect(throws: ClaimRefusal.self) { try await rig.claim("bob") }
            _ = try await rig.controller.carryOut(.drain(deadline: .zero, force: true, reason: "it goes"), by: "alice")
            #expect(await eventually { await rig.engine.containers.isEmpty })
            let ended = await rig.controller.claims().first { $0.id == claim.id }
            #expect(ended?.ending == .evicted)
            #expect(await eventually { await rig.controller.status().drains?.first?.drain.stage == .drained })
            _ = try await rig.controller.carryOut(.uncordon, by: "alice")
            await rig.awaitReady(2)
        }
    }
}

extension HostStatus {
    fileprivate var conditionsOfHost: [Condition] { hostConditions }
}

extension RecordingJournal {
    fileprivate var drains: [Drain] {
        commits.joined().compactMap { if case .drain(let drain) = $0 { drain } else { nil } }
    }

    fileprivate var drainStages: [Drain.Stage] { drains.map(\.stage) }
}
