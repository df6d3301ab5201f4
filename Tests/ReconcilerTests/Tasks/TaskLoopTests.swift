import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Tasks in the control loop: what is written down before what, what gates do, and what is told.
struct TaskLoopTests {
    private static let report = ResourceID(.scheduledTask, "report")
    private static let due = "2026-11-22T07:00:00Z"

    /// A host in memory that carries steps out when the test says so.
    private struct Host {
        var rig: LoopRig
        var engine = FakeEngine(images: ["task:1", "web:1"])
        /// The container that the engine fails to start.
        var refused: String?

        init(
            _ desired: DesiredState, stored: StoredState = StoredState(), at wall: String = "2026-11-22T06:59:30Z",
            engine: FakeEngine = FakeEngine(images: ["task:1", "web:1"])
        ) throws {
            self.engine = engine
            rig = try LoopRig(desired, stored: stored)
            rig.wall = try Wall.at(wall)
            look()
            settle()
        }

        mutating func look() {
            while let interest = rig.observations.first {
                engine.clock = rig.wall
                guard let state = try? engine.observe(interest) else { return }
                rig.observed(state)
            }
        }

        /// Does what the loop asks for until it asks for nothing.
        mutating func settle() {
            engine.clock = rig.wall
            for _ in 0..<50 {
                look()
                if let step = rig.steps.first {
                    do throws(DriverError) {
                        if case .start(let container) = step { engine.isDiskFull = container.name == refused }
                        defer { engine.isDiskFull = false }
                        rig.ended(.success(try engine.apply(step)))
                    } catch {
                        rig.ended(.failure(error))
                    }
                } else if let ids = rig.looks.first {
                    var found: [String: ObservedContainer?] = [:]
                    for id in ids { found.updateValue(engine.containers[id]?.observed(by: "default"), forKey: id) }
                    rig.looked(found)
                } else {
                    return
                }
            }
        }

        mutating func wait(_ seconds: Int64) {
            rig.wait(.seconds(seconds))
            settle()
        }

        /// Containers of the task, by name.
        var containers: [String: FakeContainer] {
            Dictionary(uniqueKeysWithValues: engine.containers.values.map { ($0.name, $0) })
        }

        /// The container of this name ends, and the engine says so.
        mutating func end(_ name: String, exitCode: Int) throws {
            let id = try #require(containers[name]?.id)
            engine.clock = rig.wall
            engine.stopByHand(id, exitCode: exitCode)
            rig.tell(.hint(ChangeHint(containerID: id, event: "die")))
            settle()
        }

        /// What is told of the task, but for what was made for all of its runs.
        var events: [String] {
            rig.journal.commits.joined().compactMap { change in
                guard case .event(let event) = change, event.key == .object(TaskLoopTests.report),
                    event.reason != "NetworkCreated"
                else { return nil }
                return event.reason
            }
        }

        var report: TaskReport? { rig.loop.report(asOf: Now(uptime: rig.uptime, wall: rig.wall)).tasks.first }
    }

    private func desired(_ change: (inout ScheduledTask) -> Void = { _ in }) throws -> DesiredState {
        Declared.state(tasks: [try Declared.task("report", change)])
    }

    private func name(_ scheduled: String, _ attempt: Int = 1) throws -> String {
        "report-\(try Wall.at(scheduled).secondsSince1970)-\(attempt)"
    }

    @Test("a run is remembered in the commit of its first intent, begins, ends and is kept")
    func run() throws {
        var host = try Host(try desired())
        #expect(try host.containers.isEmpty && host.report?.next == Wall.at(Self.due))
        host.wait(30)
        let name = try name(Self.due)
        #expect(host.containers[name]?.status == .running && host.containers.count == 1)
        let group = try #require(
            host.rig.journal.commits.first {
                $0.contains { if case .begin(let i) = $0 { i.subject == name } else { false } }
            })
        let memory = group.compactMap { if case .task(Self.report, let memory) = $0 { memory } else { nil } }.last
        #expect(try memory?.open.map(\.scheduled) == [Wall.at(Self.due)])
        try host.end(name, exitCode: 0)
        #expect(host.events == ["Succeeded"])
        #expect(host.containers[name]?.status == .exited, "it is kept with its logs")
        #expect(host.report?.last?.succeeded == true && host.report?.open.isEmpty == true)
        host.wait(1_800)
        #expect(host.containers.count == 1)
        let numbers = host.rig.journal.commits.joined().filter { if case .seen = $0 { true } else { false } }
        #expect(numbers.isEmpty, "slots of runs never come again, and nothing is kept of them")
    }

    @Test("what fails is tried again after its backoff, in a container of its own, and then counts as failed")
    func retries() throws {
        var host = try Host(try desired { $0.retries.limit = 1 })
        host.wait(30)
        try host.end(try name(Self.due), exitCode: 3)
        #expect(host.containers.count == 1, "not before its backoff is over")
        host.wait(11)
        let second = try name(Self.due, 2)
        #expect(host.containers[second]?.status == .running)
        try host.end(second, exitCode: 3)
        #expect(host.events == ["Retrying", "Failed"])
        #expect(host.report?.last?.outcome == .failed(.exitCode(3)) && host.report?.last?.attempts == 2)
        host.wait(600)
        #expect(host.containers.count == 2)
    }

    @Test("a run that takes too long is stopped, and its container is kept")
    func activeDeadline() throws {
        var host = try Host(try desired { $0.activeDeadline = .seconds(20) })
        host.wait(30)
        host.wait(21)
        #expect(try host.containers[name(Self.due)]?.status == .exited)
        #expect(host.events == ["DeadlineExceeded"])
    }

    @Test("Replace stops what is under way and begins the next; Forbid waits for it")
    func overlap() throws {
        let later = "2026-11-22T08:00:00Z"
        var replacing = try Host(try desired { $0.concurrencyPolicy = .replace })
        replacing.wait(30)
        replacing.wait(3_600)
        #expect(try replacing.containers[name(Self.due)]?.status == .exited)
        #expect(try replacing.containers[name(later)]?.status == .running)
        #expect(replacing.events == ["Replaced"])
        var forbidding = try Host(try desired { $0.concurrencyPolicy = .forbid })
        forbidding.wait(30)
        forbidding.wait(3_600)
        #expect(forbidding.containers.count == 1 && forbidding.report?.waitsFor == "the run before it")
        try forbidding.end(try name(Self.due), exitCode: 0)
        #expect(try forbidding.containers[name(later)]?.status == .running)
    }

    @Test("history keeps so many runs, and removes older ones")
    func history() throws {
        var host = try Host(try desired { $0.history.successful = 1 })
        host.wait(30)
        try host.end(try name(Self.due), exitCode: 0)
        host.wait(3_600)
        let later = try name("2026-11-22T08:00:00Z")
        try host.end(later, exitCode: 0)
        host.wait(1)
        #expect(Array(host.containers.keys) == [later])
    }

    @Test("while a pause holds nothing begins, the plan says what waits, and afterwards only the last is begun")
    func pause() throws {
        var host = try Host(try desired())
        _ = try host.rig.ask(.pause(Self.report, reason: "moving its data"))
        host.wait(30)
        host.wait(3_600)
        #expect(host.containers.isEmpty && host.report?.waitsFor?.contains("moving its data") == true)
        let plan = try #require(host.rig.loop.currentPlan())
        let held = plan.actions.filter {
            $0.key == .member(MemberID(Self.report, Int(host.rig.wall.secondsSince1970 / 3_600 * 3_600)))
        }
        #expect(held.count == 1 && held.allSatisfy(\.isHeld), "\(plan.actions)")
        _ = try host.rig.ask(.resume(Self.report))
        host.settle()
        #expect(try Array(host.containers.keys) == [name("2026-11-22T08:00:00Z")])
        #expect(host.events.contains("Missed"))
    }

    @Test(
        "on a host that is drained nothing begins, what is under way ends by itself, and force ends it at the deadline")
    func drain() throws {
        var host = try Host(try desired())
        host.wait(30)
        _ = try host.rig.ask(.drain(deadline: .seconds(60), force: true, reason: "a new kernel"))
        host.settle()
        host.wait(30)
        #expect(try host.containers[name(Self.due)]?.status == .running, "it is left until its end or the deadline")
        host.wait(31)
        #expect(try host.containers[name(Self.due)]?.status == .exited)
        host.wait(3_600)
        #expect(host.containers.count == 1, "nothing new is started")
        _ = try host.rig.ask(.uncordon)
        host.settle()
        #expect(try host.containers[name("2026-11-22T08:00:00Z")]?.status == .running)
    }

    @Test("a person may run it at any time, twice at once only where its policy lets them, and never while it is held")
    func byHand() throws {
        var host = try Host(
            try desired {
                $0.suspend = true
                $0.concurrencyPolicy = .forbid
            })
        let said = try host.rig.ask(.runTask(Self.report))
        let made = try name("2026-11-22T06:59:30Z")
        #expect(said == "ScheduledTask/report is run now, in \(made)")
        host.settle()
        #expect(host.containers[made]?.status == .running)
        host.wait(5)
        let refusal = #expect(throws: CommandRefusal.self) { try host.rig.ask(.runTask(Self.report)) }
        #expect(refusal?.code == .conflict && refusal?.message.contains("Forbid") == true)
        try host.end(made, exitCode: 0)
        _ = try host.rig.ask(.pause(nil, reason: "an outage"))
        #expect(throws: CommandRefusal.self) { try host.rig.ask(.runTask(Self.report)) }
        #expect(throws: CommandRefusal.self) { try host.rig.ask(.runTask(ResourceID(.workload, "web"))) }
        #expect(throws: CommandRefusal.self) { try host.rig.ask(.runTask(ResourceID(.scheduledTask, "other"))) }
        #expect(host.containers.count == 1)
    }

    @Test(
        "after a restart an open run goes on where it was: made if it is not there, started if it never was, not made twice"
    )
    func restart() throws {
        let scheduled = try Wall.at(Self.due)
        var memory = TaskMemory(schedule: "0 * * * * for 1s elapsed, UTC", decided: scheduled)
        memory.open = [TaskMemory.OpenRun(scheduled)]
        memory.lastScheduled = scheduled
        var stored = StoredState()
        stored.tasks = [Self.report: memory]
        var host = try Host(try desired(), stored: stored, at: "2026-11-22T07:00:20Z")
        #expect(try host.containers[name(Self.due)]?.status == .running && host.containers.count == 1)

        // Its container was seen before the program ended, and is gone: nobody makes it again under this number.
        stored.tasks[Self.report]?.open[0].isSeen = true
        host = try Host(try desired { $0.retries.limit = 0 }, stored: stored, at: "2026-11-22T07:00:20Z")
        #expect(host.containers.isEmpty)
        #expect(host.events == ["Lost"])
    }

    @Test("without the state containers say what there was, and nothing is run again")
    func lostState() throws {
        var host = try Host(try desired { $0.retries.limit = 2 })
        host.wait(30)
        try host.end(try name(Self.due), exitCode: 1)
        var again = try Host(
            try desired { $0.retries.limit = 2 }, at: "2026-11-22T07:10:00Z", engine: host.engine)
        again.wait(600)
        #expect(again.containers.count == 1 && again.report?.last?.outcome == .failed(.exitCode(1)))
    }

    @Test("a task that git no longer declares is forgotten, and its containers go as those of every object")
    func removed() throws {
        var host = try Host(try desired())
        host.wait(30)
        try host.end(try name(Self.due), exitCode: 0)
        host.rig.tell(.desired(Declared.state(revision: "2222222")))
        host.settle()
        #expect(host.containers.isEmpty)
        #expect(host.rig.journal.commits.joined().contains(.forgetTask(Self.report)))
    }

    @Test("the plan says when it runs next, and a run that could never be made is held with its reason")
    func plan() throws {
        let host = try Host(try desired())
        let plan = try #require(host.rig.loop.currentPlan())
        #expect(plan.scheduled.map(\.description) == ["next run Sun 2026-11-22 07:00 UTC"])
        let shared = Declared.state(
            pools: [Declared.pool("local", hosts: .init(matchLabels: [:]))], tasks: [try Declared.task()])
        let held = Planner.plan(
            desired: shared, observed: ObservedState(), gates: shared.solitaryGates, now: Now(wall: host.rig.wall))
        #expect(held.actions.map(\.key) == [.object(Self.report)] && held.actions.allSatisfy(\.isHeld), "\(held)")
    }

    @Test("runs take the room that others leave, and wait where there is none")
    func capacity() throws {
        let desired = Declared.state(
            Declared.workload(replicas: 1), pools: [Declared.pool(containersPerHost: 1)], tasks: [try Declared.task()])
        var host = try Host(desired)
        host.wait(31)
        #expect(host.containers.keys.filter { $0.hasPrefix("report") }.isEmpty)
        #expect(host.report?.waitsFor?.contains("containersPerHost") == true, "\(String(describing: host.report))")
    }

    @Test("tasks share the room that is not declared, and a pool without a bound takes none of it before it grows")
    func shared() throws {
        let desired = Declared.state(
            warmPools: [Declared.warmPool("agents", size: 1, ContainerTemplate(image: "web:1"))],
            pools: [Declared.pool(containersPerHost: 2)],
            tasks: [try Declared.task("audit"), try Declared.task("report")])
        var host = try Host(desired)
        host.wait(31)
        let runs = host.containers.keys.filter { !$0.hasPrefix("agents") }.sorted()
        #expect(runs == ["audit-\(try Wall.at(Self.due).secondsSince1970)-1"], "one place is left for both")
        #expect(host.report?.task.name == "audit")
        try host.end(try #require(runs.first), exitCode: 0)
        host.wait(61)
        #expect(try host.containers[name(Self.due)]?.status == .running)
    }

    @Test("a start that the engine refuses is an attempt, and the next run begins from the template of then")
    func refusedStart() throws {
        var host = try Host(try desired { $0.retries.limit = 0 })
        host.refused = try name(Self.due)
        host.wait(30)
        host.rig.add(host.rig.lookAgain())
        host.settle()
        #expect(host.events.contains("Failed"), "\(host.events)")
        host.wait(3_600)
        #expect(try host.containers[name("2026-11-22T08:00:00Z")]?.status == .running)
    }

    @Test("a run whose start is on its way is not given up for the next one")
    func startUnderWay() throws {
        var host = try Host(try desired { $0.concurrencyPolicy = .forbid })
        host.rig.wait(.seconds(30))
        host.look()
        let create = try #require(host.rig.steps.first)
        host.engine.clock = host.rig.wall
        host.rig.ended(.success(try host.engine.apply(create)))
        let start = try #require(host.rig.steps.first)
        #expect(start.name == "start")
        for _ in 0..<70 {
            host.rig.wait(.seconds(60))
            host.look()
        }
        #expect(host.rig.steps.map(\.name) == ["start"], "it may have begun by now")
        host.rig.ended(.success(try host.engine.apply(start)))
        host.settle()
        let running = host.containers.values.filter { $0.status == .running }.map(\.name)
        #expect(try running == [name(Self.due)])
    }

    @Test("on a host that is emptied a run that was made is not started")
    func drainBeforeStart() throws {
        var host = try Host(try desired())
        host.rig.wait(.seconds(30))
        host.look()
        let create = try #require(host.rig.steps.first)
        _ = try host.rig.ask(.drain(deadline: nil, force: false, reason: "reboot"))
        host.engine.clock = host.rig.wall
        host.rig.ended(.success(try host.engine.apply(create)))
        host.settle()
        #expect(try host.containers[name(Self.due)]?.status == .created)
    }
}
