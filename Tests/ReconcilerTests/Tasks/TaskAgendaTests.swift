import Reconciler
import Specs
import Testing

/// What becomes of the runs of a task, from what is there, what was remembered, and the time.
struct TaskAgendaTests {
    /// A task and a host in memory that does what the agenda says, at once.
    struct Desk {
        var task: ScheduledTask
        var schedule: TaskSchedule
        var memory: TaskMemory
        var attempts: [TaskAttempt: TaskAttempt.State] = [:]
        var notes: [TaskAgenda.Note] = []
        /// Every creation, in order.
        var made: [TaskAttempt] = []
        var wake: Instant?

        init(
            cron: String = "0 * * * *", zone: String = "UTC", at text: String,
            _ change: (inout ScheduledTask) -> Void = { _ in }
        ) throws {
            task = ScheduledTask(
                hostPool: "local", schedule: Schedule(cron: try CronExpression.parse(cron)),
                template: ContainerTemplate(image: "task:1"))
            task.timeZone = zone
            change(&task)
            schedule = try #require(TaskSchedule(task, zones: [zone: try Wall.zone(zone)]))
            memory = TaskMemory(schedule, now: try Wall.at(text))
        }

        /// Looks at the host at this time.
        ///
        /// - Parameter isCarriedOut: false forgets what was to be done, as a crash between the memory and the effect does.
        @discardableResult
        mutating func look(
            at text: String, isCarriedOut: Bool = true, mayBegin: Bool = true
        ) throws -> TaskAgenda {
            let now = try Wall.at(text)
            let agenda = TaskAgenda(task, schedule, attempts, memory, now: now, mayBegin: mayBegin)
            memory = agenda.memory
            wake = agenda.wake
            notes += agenda.notes
            guard isCarriedOut else { return agenda }
            for (attempt, wish) in agenda.wishes {
                switch wish {
                case .run:
                    if attempts[attempt] == nil { made.append(attempt) }
                    attempts[attempt] = .running(since: now)
                case .stop: attempts[attempt] = .ended(exitCode: 143, at: now)
                case .remove: attempts[attempt] = nil
                case .keep: break
                }
            }
            return agenda
        }

        /// All that run end so.
        mutating func end(_ code: Int, at text: String) throws {
            let now = try Wall.at(text)
            for (attempt, state) in attempts {
                if case .running = state { attempts[attempt] = .ended(exitCode: code, at: now) }
            }
        }

        var running: [String] {
            attempts.keys.sorted().filter { if case .running? = attempts[$0] { true } else { false } }
                .map { "\($0.scheduled) \($0.number)" }
        }
    }

    @Test("a run begins when it is due, once, and the next one is when the schedule says")
    func due() throws {
        var desk = try Desk(at: "2026-11-22T06:30:00Z")
        try desk.look(at: "2026-11-22T06:59:59Z")
        #expect(try desk.running.isEmpty && desk.wake == Wall.at("2026-11-22T07:00:00Z"))
        try desk.look(at: "2026-11-22T07:00:00Z")
        try desk.look(at: "2026-11-22T07:00:01Z")
        #expect(desk.running == ["2026-11-22T07:00:00Z 1"] && desk.made.count == 1)
        try desk.end(0, at: "2026-11-22T07:05:00Z")
        try desk.look(at: "2026-11-22T07:05:01Z")
        #expect(desk.memory.lastResult?.outcome == .succeeded && desk.memory.open.isEmpty)
        #expect(try desk.wake == Wall.at("2026-11-22T08:00:00Z"))
    }

    @Test("what was remembered and not done before a crash is done after it, and nothing twice")
    func crash() throws {
        var desk = try Desk(at: "2026-11-22T06:30:00Z")
        try desk.look(at: "2026-11-22T07:00:00Z", isCarriedOut: false)
        #expect(desk.running.isEmpty)
        try desk.look(at: "2026-11-22T07:00:20Z")
        #expect(desk.running == ["2026-11-22T07:00:00Z 1"])
        #expect(desk.notes.filter { $0 == .begun(desk.made[0].scheduled) }.count == 1)
        try desk.end(0, at: "2026-11-22T07:05:00Z")
        try desk.look(at: "2026-11-22T07:05:00Z")
        try desk.look(at: "2026-11-22T07:30:00Z")
        #expect(desk.made.count == 1)
    }

    @Test("of what was missed only the last is begun, and the others are counted")
    func missed() throws {
        var desk = try Desk(at: "2026-11-22T00:30:00Z")
        try desk.look(at: "2026-11-22T06:10:00Z")
        #expect(desk.running == ["2026-11-22T06:00:00Z 1"])
        #expect(try desk.notes.contains(.missed(5, last: Wall.at("2026-11-22T05:00:00Z"))))
        var many = try Desk(cron: "* * * * *", at: "2026-10-22T00:00:00Z")
        try many.look(at: "2026-11-22T06:10:30Z")
        #expect(many.running == ["2026-11-22T06:10:00Z 1"])
        #expect(try many.notes.contains(.missed(100, last: Wall.at("2026-11-22T06:09:00Z"))))
    }

    @Test("what is later than its starting deadline is missed", arguments: [(599, true), (600, false), (900, false)])
    func startingDeadline(seconds: Int, isMissed: Bool) throws {
        var desk = try Desk(at: "2026-11-22T06:30:00Z") { $0.startingDeadline = .seconds(seconds) }
        try desk.look(at: "2026-11-22T07:10:00Z")
        #expect(desk.running.isEmpty == isMissed)
        #expect(try desk.notes.contains(.missed(1, last: Wall.at("2026-11-22T07:00:00Z"))) == isMissed)
        try desk.look(at: "2026-11-22T07:10:01Z")
        #expect(desk.made.count == (isMissed ? 0 : 1))
    }

    @Test("Allow lets both run")
    func allow() throws {
        var desk = try Desk(at: "2026-11-22T06:30:00Z")
        try desk.look(at: "2026-11-22T07:00:00Z")
        try desk.look(at: "2026-11-22T08:00:00Z")
        #expect(desk.running == ["2026-11-22T07:00:00Z 1", "2026-11-22T08:00:00Z 1"])
    }

    @Test("Forbid waits for the last one, as long as the starting deadline lets it")
    func forbid() throws {
        var desk = try Desk(at: "2026-11-22T06:30:00Z") {
            $0.concurrencyPolicy = .forbid
            $0.startingDeadline = .seconds(1_200)
        }
        try desk.look(at: "2026-11-22T07:00:00Z")
        try desk.look(at: "2026-11-22T08:00:00Z")
        #expect(desk.running == ["2026-11-22T07:00:00Z 1"])
        try desk.end(0, at: "2026-11-22T08:10:00Z")
        try desk.look(at: "2026-11-22T08:10:00Z")
        #expect(desk.running == ["2026-11-22T08:00:00Z 1"])
        try desk.look(at: "2026-11-22T09:00:00Z")
        try desk.end(0, at: "2026-11-22T09:30:00Z")
        try desk.look(at: "2026-11-22T09:30:00Z")
        #expect(try desk.running.isEmpty && desk.notes.contains(.missed(1, last: Wall.at("2026-11-22T09:00:00Z"))))
    }

    @Test("Replace stops the old one first, which has failed then and is not tried again")
    func replace() throws {
        var desk = try Desk(at: "2026-11-22T06:30:00Z") {
            $0.concurrencyPolicy = .replace
            $0.retries.limit = 3
        }
        try desk.look(at: "2026-11-22T07:00:00Z")
        let agenda = try desk.look(at: "2026-11-22T08:00:00Z")
        #expect(agenda.wishes == [desk.made[0]: .stop(.replaced)])
        try desk.look(at: "2026-11-22T08:00:02Z")
        #expect(desk.running == ["2026-11-22T08:00:00Z 1"])
        #expect(desk.memory.ended.map(\.outcome) == [.failed(.replaced)])
        #expect(desk.made.count == 2)
    }

    @Test("a run that takes too long is stopped, counts as failed, and is not tried again")
    func activeDeadline() throws {
        var desk = try Desk(at: "2026-11-22T06:30:00Z") {
            $0.activeDeadline = .seconds(600)
            $0.retries.limit = 3
        }
        try desk.look(at: "2026-11-22T07:00:00Z")
        try desk.look(at: "2026-11-22T07:00:01Z")
        #expect(try desk.wake == Wall.at("2026-11-22T07:10:00Z"))
        try desk.look(at: "2026-11-22T07:09:59Z")
        #expect(desk.running.count == 1)
        try desk.look(at: "2026-11-22T07:10:00Z")
        try desk.look(at: "2026-11-22T07:10:01Z")
        #expect(desk.memory.lastResult?.outcome == .failed(.deadlineExceeded))
        #expect(desk.made.count == 1 && desk.running.isEmpty)
    }

    @Test("what fails is tried again, later and later, in a container of its own, as often as git says")
    func retries() throws {
        var desk = try Desk(at: "2026-11-22T06:30:00Z") {
            $0.retries.limit = 3
            $0.retries.backoff = .seconds(10)
            $0.retries.maxBackoff = .seconds(15)
        }
        try desk.look(at: "2026-11-22T07:00:00Z")
        try desk.end(1, at: "2026-11-22T07:01:00Z")
        try desk.look(at: "2026-11-22T07:01:00Z")
        #expect(try desk.wake == Wall.at("2026-11-22T07:01:10Z") && desk.running.isEmpty)
        try desk.look(at: "2026-11-22T07:01:10Z")
        #expect(desk.running == ["2026-11-22T07:00:00Z 2"])
        try desk.end(1, at: "2026-11-22T07:02:00Z")
        try desk.look(at: "2026-11-22T07:02:14Z")
        #expect(desk.running.isEmpty, "twice as long, and not above the bound")
        try desk.look(at: "2026-11-22T07:02:15Z")
        try desk.end(7, at: "2026-11-22T07:03:00Z")
        try desk.look(at: "2026-11-22T07:03:15Z")
        #expect(desk.running == ["2026-11-22T07:00:00Z 4"])
        try desk.end(7, at: "2026-11-22T07:04:00Z")
        try desk.look(at: "2026-11-22T07:30:00Z")
        #expect(desk.memory.lastResult?.outcome == .failed(.exitCode(7)) && desk.memory.lastResult?.attempts == 4)
        #expect(desk.made.count == 4)
    }

    @Test("a container that somebody took away counts as failed, and is not made a second time")
    func lost() throws {
        var desk = try Desk(at: "2026-11-22T06:30:00Z") { $0.retries.limit = 1 }
        try desk.look(at: "2026-11-22T07:00:00Z")
        try desk.look(at: "2026-11-22T07:00:01Z")
        desk.attempts = [:]
        try desk.look(at: "2026-11-22T07:01:00Z")
        try desk.look(at: "2026-11-22T07:01:10Z")
        #expect(desk.made.map(\.number) == [1, 2])
        try desk.look(at: "2026-11-22T07:01:11Z")
        desk.attempts = [:]
        try desk.look(at: "2026-11-22T07:02:00Z")
        #expect(desk.memory.lastResult?.outcome == .failed(.lost) && desk.made.count == 2)
    }

    @Test("so many of either kind are kept, with all their attempts, and older ones are removed")
    func history() throws {
        var desk = try Desk(at: "2026-11-22T00:30:00Z") {
            ($0.history.successful, $0.history.failed) = (2, 1)
            $0.retries.limit = 1
        }
        for hour in 1...6 {
            try desk.look(at: "2026-11-22T0\(hour):00:00Z")
            // The second and the fourth fail, in both attempts.
            let code = hour == 2 || hour == 4 ? 1 : 0
            try desk.end(code, at: "2026-11-22T0\(hour):01:00Z")
            try desk.look(at: "2026-11-22T0\(hour):02:00Z")
            try desk.end(code, at: "2026-11-22T0\(hour):03:00Z")
            try desk.look(at: "2026-11-22T0\(hour):04:00Z")
        }
        let kept = desk.attempts.keys.sorted().map { "\($0.scheduled) \($0.number)" }
        #expect(
            kept == [
                "2026-11-22T04:00:00Z 1", "2026-11-22T04:00:00Z 2", "2026-11-22T05:00:00Z 1", "2026-11-22T06:00:00Z 1",
            ])
    }

    @Test("nothing begins while it is suspended, what runs goes on, and the last that was missed begins afterwards")
    func suspend() throws {
        var desk = try Desk(at: "2026-11-22T06:30:00Z")
        try desk.look(at: "2026-11-22T07:00:00Z")
        desk.task.suspend = true
        try desk.look(at: "2026-11-22T09:10:00Z")
        #expect(desk.running == ["2026-11-22T07:00:00Z 1"] && desk.wake == nil)
        desk.task.suspend = false
        try desk.look(at: "2026-11-22T09:20:00Z")
        #expect(desk.running == ["2026-11-22T07:00:00Z 1", "2026-11-22T09:00:00Z 1"])
    }

    @Test("another schedule asks for nothing that lies behind")
    func newSchedule() throws {
        var desk = try Desk(cron: "0 0 1 1 *", at: "2026-11-20T06:30:00Z")
        desk.task.schedule = Schedule(cron: try CronExpression.parse("0 * * * *"))
        desk.schedule = try #require(TaskSchedule(desk.task, zones: [:]))
        try desk.look(at: "2026-11-22T07:30:00Z")
        #expect(try desk.running.isEmpty && desk.wake == Wall.at("2026-11-22T08:00:00Z"))
    }

    @Test("containers that are younger than what is remembered say what was begun")
    func olderState() throws {
        var desk = try Desk(at: "2026-11-22T06:30:00Z")
        try desk.look(at: "2026-11-22T07:00:00Z")
        desk.memory = TaskMemory(desk.schedule, now: try Wall.at("2026-11-22T06:59:00Z"))
        try desk.look(at: "2026-11-22T07:01:00Z")
        #expect(desk.made.count == 1, "its container is there")
        try desk.end(3, at: "2026-11-22T07:02:00Z")
        try desk.look(at: "2026-11-22T07:03:00Z")
        #expect(desk.memory.lastResult?.outcome == .failed(.exitCode(3)))
    }

    @Test("where the state was lost, what is under way goes on, and what has ended is history and is not tried again")
    func lostState() throws {
        var desk = try Desk(at: "2026-11-22T04:30:00Z")
        for hour in 5...6 {
            try desk.look(at: "2026-11-22T0\(hour):00:00Z")
            try desk.end(hour == 5 ? 0 : 4, at: "2026-11-22T0\(hour):00:05Z")
        }
        try desk.look(at: "2026-11-22T07:00:00Z")
        desk.task.retries.limit = 3
        let made = desk.made.count
        let now = try Wall.at("2026-11-22T07:20:00Z")
        desk.memory = TaskMemory(desk.schedule, now: now, found: desk.attempts)
        #expect(try desk.memory.open.map(\.scheduled) == [Wall.at("2026-11-22T07:00:00Z")])
        #expect(desk.memory.ended.map(\.outcome) == [.succeeded, .failed(.exitCode(4))])
        for minute in 20...40 { try desk.look(at: "2026-11-22T07:\(minute):00Z") }
        #expect(desk.made.count == made, "nothing is made up, and nothing is tried again")
        try desk.end(0, at: "2026-11-22T07:50:00Z")
        try desk.look(at: "2026-11-22T07:50:00Z")
        try desk.look(at: "2026-11-22T08:00:00Z")
        #expect(desk.made.count == made + 1, "from then on it is due as ever")
    }

    @Test("what history has dropped does not come back, though its container is still there")
    func droppedRuns() throws {
        var desk = try Desk(at: "2026-11-22T06:30:00Z") {
            $0.retries.limit = 3
            $0.retries.backoff = .seconds(1)
            $0.history.failed = 0
        }
        try desk.look(at: "2026-11-22T07:00:00Z")
        for attempt in 0...3 {
            try desk.end(1, at: "2026-11-22T07:0\(attempt):30Z")
            try desk.look(at: "2026-11-22T07:0\(attempt):50Z", isCarriedOut: attempt < 3)
        }
        #expect(desk.memory.ended.isEmpty && desk.memory.open.isEmpty && desk.made.count == 4)
        // A pause keeps the containers for hours.
        for minute in 10...20 {
            let agenda = try desk.look(at: "2026-11-22T07:\(minute):00Z", isCarriedOut: false)
            #expect(agenda.notes.isEmpty && agenda.memory.open.isEmpty)
            #expect(agenda.wishes.values.allSatisfy { $0 == .remove } && agenda.wishes.count == 4)
        }
    }

    @Test("what may not begin stays due, and of all that came together only the last is begun afterwards")
    func mayNotBegin() throws {
        var desk = try Desk(at: "2026-11-22T06:30:00Z")
        for hour in ["07", "08", "09"] {
            let agenda = try desk.look(at: "2026-11-22T\(hour):00:01Z", mayBegin: false)
            #expect(try agenda.waiting == Wall.at("2026-11-22T\(hour):00:00Z") && agenda.wishes.isEmpty)
        }
        try desk.look(at: "2026-11-22T09:10:00Z")
        #expect(desk.running == ["2026-11-22T09:00:00Z 1"])
        #expect(try desk.notes.contains(.missed(2, last: Wall.at("2026-11-22T08:00:00Z"))))
    }

    @Test("what could not be made until the next is due gives way to it, or is missed at its starting deadline")
    func neverMade() throws {
        var desk = try Desk(at: "2026-11-22T06:30:00Z") { $0.concurrencyPolicy = .forbid }
        try desk.look(at: "2026-11-22T07:00:00Z", isCarriedOut: false)
        let agenda = try desk.look(at: "2026-11-22T08:00:00Z", isCarriedOut: false)
        #expect(try agenda.memory.open.map(\.scheduled) == [Wall.at("2026-11-22T08:00:00Z")])
        #expect(try agenda.notes.contains(.missed(1, last: Wall.at("2026-11-22T07:00:00Z"))))
        desk.task.startingDeadline = .seconds(60)
        let later = try desk.look(at: "2026-11-22T08:01:01Z")
        #expect(later.memory.open.isEmpty && desk.made.isEmpty)
        #expect(try later.notes == [.missed(1, last: Wall.at("2026-11-22T08:00:00Z"))])
    }

    @Test("a container that was not started in time is given up, and the next one begins")
    func neverStarted() throws {
        var desk = try Desk(at: "2026-11-22T06:30:00Z") { $0.concurrencyPolicy = .forbid }
        try desk.look(at: "2026-11-22T07:00:00Z", isCarriedOut: false)
        let seven = TaskAttempt(try Wall.at("2026-11-22T07:00:00Z"), 1)
        desk.attempts[seven] = .waiting
        #expect(try desk.look(at: "2026-11-22T07:10:00Z", isCarriedOut: false).wishes == [seven: .run])
        let next = try desk.look(at: "2026-11-22T08:00:00Z")
        #expect(desk.running == ["2026-11-22T08:00:00Z 1"] && next.wishes[seven] == .remove)
        #expect(next.notes.contains(.missed(1, last: seven.scheduled)))

        var late = try Desk(at: "2026-11-22T06:30:00Z") { $0.startingDeadline = .seconds(600) }
        try late.look(at: "2026-11-22T07:00:00Z", isCarriedOut: false)
        late.attempts[seven] = .waiting
        #expect(try late.look(at: "2026-11-22T07:10:01Z").wishes == [seven: .remove], "it is begun no later than that")
    }

    @Test("a run that had ended before its deadline has not exceeded it, though that was seen late")
    func endedInTime() throws {
        var desk = try Desk(at: "2026-11-22T06:30:00Z") { $0.activeDeadline = .seconds(600) }
        try desk.look(at: "2026-11-22T07:00:00Z")
        try desk.look(at: "2026-11-22T07:00:01Z")
        try desk.look(at: "2026-11-22T07:10:30Z", isCarriedOut: false)
        try desk.end(0, at: "2026-11-22T07:09:00Z")
        try desk.look(at: "2026-11-22T07:10:31Z")
        #expect(desk.memory.lastResult?.outcome == .succeeded)
        try desk.look(at: "2026-11-22T08:00:00Z")
        try desk.look(at: "2026-11-22T08:00:01Z")
        try desk.look(at: "2026-11-22T08:10:30Z", isCarriedOut: false)
        try desk.end(0, at: "2026-11-22T08:10:31Z")
        try desk.look(at: "2026-11-22T08:10:32Z")
        #expect(desk.memory.lastResult?.outcome == .failed(.deadlineExceeded))
    }

    @Test("an attempt that was made is not started behind the deadline of its run")
    func deadlineOfNextAttempt() throws {
        var desk = try Desk(at: "2026-11-22T06:30:00Z") {
            $0.activeDeadline = .seconds(600)
            $0.retries.limit = 3
        }
        try desk.look(at: "2026-11-22T07:00:00Z")
        try desk.look(at: "2026-11-22T07:00:01Z")
        try desk.end(1, at: "2026-11-22T07:01:00Z")
        try desk.look(at: "2026-11-22T07:05:00Z", isCarriedOut: false)
        desk.attempts[TaskAttempt(try Wall.at("2026-11-22T07:00:00Z"), 2)] = .waiting
        try desk.look(at: "2026-11-22T07:15:00Z")
        #expect(desk.running.isEmpty && desk.memory.lastResult?.outcome == .failed(.deadlineExceeded))
    }

    @Test("a clock that is set back leaves a run no longer than its deadline")
    func deadlineAndClock() throws {
        var desk = try Desk(at: "2026-11-23T06:30:00Z") { $0.activeDeadline = .seconds(3_600) }
        try desk.look(at: "2026-11-23T07:00:00Z")
        try desk.look(at: "2026-11-23T07:00:01Z")
        try desk.look(at: "2026-11-22T07:00:00Z")
        try desk.look(at: "2026-11-22T08:00:00Z")
        #expect(desk.running.isEmpty)
    }

    @Test("a run by hand at the very second that is due misses nothing")
    func requestedWhenDue() throws {
        var desk = try Desk(at: "2026-11-22T06:30:00Z")
        desk.memory.requested = try Wall.at("2026-11-22T07:00:00Z")
        try desk.look(at: "2026-11-22T07:00:00Z")
        #expect(try desk.notes == [.begun(Wall.at("2026-11-22T07:00:00Z"))])
    }

    @Test("a run that a person asks for begins at once, also while the task is suspended, and only once")
    func requested() throws {
        var desk = try Desk(at: "2026-11-22T06:30:00Z") { $0.suspend = true }
        desk.memory.requested = try Wall.at("2026-11-22T06:40:10Z")
        try desk.look(at: "2026-11-22T06:40:10Z", isCarriedOut: false)
        #expect(desk.memory.requested == nil)
        for second in 11...15 { try desk.look(at: "2026-11-22T06:40:\(second)Z") }
        #expect(desk.running == ["2026-11-22T06:40:10Z 1"] && desk.made.count == 1)
        desk.task.suspend = false
        try desk.end(0, at: "2026-11-22T06:50:00Z")
        try desk.look(at: "2026-11-22T07:00:00Z")
        #expect(desk.running == ["2026-11-22T07:00:00Z 1"], "its schedule goes on")
    }

    @Test("a clock that is set back makes no retry wait for longer than its pause")
    func clockSetBack() throws {
        var desk = try Desk(at: "2026-11-22T06:30:00Z") { $0.retries.limit = 1 }
        try desk.look(at: "2026-11-22T07:00:00Z")
        try desk.end(1, at: "2026-11-22T07:00:30Z")
        try desk.look(at: "2026-11-22T07:00:31Z")
        try desk.look(at: "2026-11-22T05:00:00Z")
        try desk.look(at: "2026-11-22T05:00:10Z")
        #expect(desk.running == ["2026-11-22T07:00:00Z 2"])
    }

    @Test(
        "clocks that are set: what is skipped is due behind the gap, and what comes twice is due once",
        arguments: [
            ("30 2 * * *", "2026-03-29T00:00:00Z", "2026-03-29T12:00:00Z", ["2026-03-29T01:00:00Z"]),
            ("30 2 * * *", "2026-10-25T00:00:00Z", "2026-10-25T12:00:00Z", ["2026-10-25T00:30:00Z"]),
            (
                "0 * * * *", "2026-10-24T23:30:00Z", "2026-10-25T02:30:00Z",
                ["2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"]
            ),
        ])
    func daylightSaving(cron: String, from: String, to: String, expected: [String]) throws {
        let desk = try Desk(cron: cron, zone: "Europe/Berlin", at: from)
        var found: [String] = []
        var moment = try Wall.at(from)
        while let next = desk.schedule.next(after: moment), next <= (try Wall.at(to)) {
            found.append("\(next)")
            moment = next
        }
        #expect(found == expected)
    }
}
