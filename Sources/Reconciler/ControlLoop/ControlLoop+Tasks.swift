import Logging
import Specs

/// What is remembered of one task between two inputs.
struct TaskWatch: Sendable {
    var memory: TaskMemory
    var figures = TaskFigures()
    /// When the agenda is asked again, in time since the program started.
    var wake: Duration?
    var waiting: Instant?
    /// What keeps it waiting; nil where that is the run before.
    var hold: Hold?
}

/// Tasks: when each is looked at, what is written down of it, and what is told.
///
/// What becomes of its runs is `TaskAgenda`'s decision. Its memory is noted before a turn is handed out, so that it is on
/// the disk with the first intent that follows from it.
extension ControlLoop {
    /// Takes in which tasks there are now.
    mutating func followTasks() {
        guard let desired, storedTasks != nil else { return }
        func isHere(_ object: DesiredObject) -> Bool { gates.shares[object.hostPool] ?? .notSelected != .notSelected }
        let here = desired.objects.filter { $0.value.task != nil && isHere($0.value) }
        for id in Set(tasks.keys).union((storedTasks ?? [:]).keys).sorted() where here[id] == nil {
            tasks[id] = nil
            storedTasks?[id] = nil
            gates.tasks[id] = nil
            note(.forgetTask(id))
        }
        noticedAllTasks()
    }

    mutating func noticedAllTasks() {
        for object in (desired?.objects ?? [:]).values where object.task != nil { dirtyTasks.insert(object.id) }
    }

    // MARK: When

    /// Asks the agenda of every task that is due, or of which something is new.
    mutating func tendTasks() {
        guard isRunning, !isStopping, areTasksKnown else { return }
        for (id, watch) in tasks {
            if let wake = watch.wake, wake <= now.uptime { dirtyTasks.insert(id) }
        }
        if dirtyTasks.isEmpty { return }
        let dirty = dirtyTasks.sorted()
        dirtyTasks = []
        for id in dirty { tend(task: id) }
    }

    /// What was not seen yet is not gone: nothing is decided about runs before the host was seen in full.
    private var areTasksKnown: Bool { informer.isCurrent && informer.observed.isComplete && storedTasks != nil }

    /// When time alone has a task looked at.
    var taskDeadline: Duration? { areTasksKnown ? tasks.values.lazy.compactMap(\.wake).min() : nil }

    // MARK: What

    private mutating func tend(task id: ResourceID) {
        guard let object = desired?.objects[id], let task = object.task, let view = view(of: id),
            gates.shares[object.hostPool] ?? .notSelected != .notSelected
        else { return }
        let attempts = view.attempts
        let stored = storedTasks?.removeValue(forKey: id)
        let isNew = tasks[id] == nil && stored == nil
        var watch =
            tasks[id] ?? TaskWatch(memory: stored ?? TaskMemory(task.schedule, now: now.wall, found: attempts))
        tasks[id] = watch
        if isMissingAtFirstSight(watch.memory, attempts) { return lookTwice(at: id) }
        let (agenda, hold) = view.agenda(of: task, watch.memory)
        if isNew || agenda.memory != watch.memory { note(.task(id, agenda.memory)) }
        watch.memory = agenda.memory
        (watch.waiting, watch.hold) = (agenda.waiting, hold)
        watch.wake = agenda.wake.map(uptime)
        if case .time(let opening)? = hold?.until {
            watch.wake = [watch.wake, uptime(of: opening)].compactMap(\.self).min()
        }
        for note in agenda.notes { tell(note, of: id, &watch.figures) }
        tasks[id] = watch
        gates.tasks[id] = TaskOrder(agenda, isHeld: hold != nil)
        enqueue(task: id)
    }

    /// A list may be behind just once, as the first after a start: what it does not show is looked for again before it
    /// counts as taken away.
    private func isMissingAtFirstSight(
        _ memory: TaskMemory, _ attempts: [TaskAttempt: TaskAttempt.State]
    ) -> Bool {
        fullLooks < 2 && memory.open.contains { $0.isSeen && attempts[$0.current] == nil }
    }

    private mutating func lookTwice(at id: ResourceID) {
        dirtyTasks.insert(id)
        tasks[id]?.wake = nil
        if !informer.isObserving { observe() }
    }

    private mutating func enqueue(task id: ResourceID) {
        guard let view = view(of: id) else { return }
        for slot in view.slots {
            guard let action = Planner.memberAction(slot, of: view), limiter.failures(of: action.key) == 0 else {
                continue
            }
            switch action.verdict {
            // Its turn finds out what opens it.
            case .go, .waitFor, .held: add(action.key, lane(of: action))
            case .notBefore(let time): add(action.key, lane(of: action), at: time)
            case .stalled: break
            }
        }
    }

    /// Events, in the words of Kubernetes' Jobs. That a container was started is an event of its step.
    private mutating func tell(_ note: TaskAgenda.Note, of id: ResourceID, _ figures: inout TaskFigures) {
        let key = Key.object(id)
        switch note {
        case .begun: break
        case .missed(let count, let last):
            figures.missed += count
            let what =
                count == 1
                ? "the run of \(last) was"
                : "\(count)\(count == TaskAgenda.mostMissed ? " or more" : "") runs up to \(last) were"
            self.note(event(.warning, key, "Missed", "\(what) not begun in time"))
        case .retries(let attempt, let time, let code):
            figures.retried += 1
            let why = code.map { "exit code \($0)" } ?? "its container is gone"
            let message = "the run of \(attempt.scheduled): \(why); attempt \(attempt.number) comes at \(time)"
            self.note(event(.warning, key, "Retrying", message))
        case .ended(let result):
            if result.succeeded { figures.succeeded += 1 } else { figures.failed += 1 }
            self.note(event(result.succeeded ? .normal : .warning, key, result.reason, result.message))
            logger.info(
                "run ended",
                metadata: ["event": "task.ended", "object": "\(id)", "message": "\(result.message)"])
        }
    }

    // MARK: What people ask for

    func runTask(_ id: ResourceID, by name: String) throws(CommandRefusal) -> CommandAnswer {
        guard id.kind == .scheduledTask else {
            throw CommandRefusal(.invalid, "\(id) has no runs; only ScheduledTasks have")
        }
        try find(id)
        guard areTasksKnown, let object = desired?.objects[id], let task = object.task, let watch = tasks[id],
            let view = view(of: id)
        else {
            throw CommandRefusal(
                .unavailable, "no revision in force declares \(id) for this host, or the host cannot be seen")
        }
        if let hold = view.holdOnRun(at: now.wall) {
            throw CommandRefusal(.conflict, "\(id) cannot be run now: \(hold.gate.rawValue): \(hold.message)")
        }
        if let open = watch.memory.open.first, task.spec.concurrencyPolicy == .forbid {
            throw CommandRefusal(
                .conflict,
                "the run of \(open.scheduled) is under way, and concurrencyPolicy of \(id) is Forbid; run it when that is over"
            )
        }
        let isKnown =
            informer.observed.hasContainers(of: id, slot: Int(now.wall.secondsSince1970))
            || watch.memory.requested != nil || watch.memory.open.contains { $0.scheduled == now.wall }
        if isKnown { throw CommandRefusal(.conflict, "a run of \(id) begins at this second already; ask again soon") }
        var memory = watch.memory
        memory.requested = now.wall
        return CommandAnswer(
            command: .runTask(id, memory, by: name),
            message:
                "\(id) is run now, in \(ObjectView.name(of: id, slot: Int(now.wall.secondsSince1970), incarnation: 1))")
    }

    /// How the tasks stand, in the order of their names.
    var taskReports: [TaskReport] {
        (desired?.objects.values.filter { $0.task != nil && tasks[$0.id] != nil } ?? []).sorted { $0.id < $1.id }
            .compactMap { object in
                guard let task = object.task, let watch = tasks[object.id] else { return nil }
                return report(on: object.id, task, watch)
            }
    }

    private func report(on id: ResourceID, _ task: DesiredTask, _ watch: TaskWatch) -> TaskReport {
        let memory = watch.memory
        return TaskReport(
            task: id, schedule: "\(task.schedule)", concurrencyPolicy: task.spec.concurrencyPolicy.rawValue,
            isSuspended: task.spec.suspend,
            next: task.spec.suspend ? nil : task.schedule.next(after: max(now.wall, memory.decided)),
            waiting: watch.waiting,
            waitsFor: watch.waiting.map { _ in
                watch.hold.map { "\($0.gate.rawValue): \($0.message)" } ?? "the run before it"
            },
            open: memory.open.map { run in
                TaskReport.Run(
                    scheduled: run.scheduled, attempt: run.attempt,
                    container: ObjectView.name(of: id, slot: run.current.slot, incarnation: run.attempt),
                    begun: run.begun, retriesAt: run.notBefore > now.wall ? run.notBefore : nil)
            },
            history: memory.ended, lastScheduled: memory.lastScheduled, last: memory.lastResult, figures: watch.figures)
    }
}
