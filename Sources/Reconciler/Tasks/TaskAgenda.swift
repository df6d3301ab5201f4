package import Specs

/// What becomes of each attempt of one task now, and what it remembers from then on.
///
/// Pure: from what git says, what is there, what was remembered, and the time. Everything in it may be asked for again
/// after a crash; the answer is the same, since containers carry their attempt in their name and the memory is on the
/// disk before they are made.
package struct TaskAgenda: Hashable, Sendable {
    package enum Wish: Hashable, Sendable {
        /// To be created where it is missing, and to be started.
        case run
        /// It runs, or has ended and is kept with its logs.
        case keep
        case stop(TaskResult.Failure)
        case remove
    }

    /// What a person may want to know.
    package enum Note: Hashable, Sendable {
        case begun(Instant)
        /// So many were due and never begun; of many, `TaskAgenda.mostMissed` are counted.
        case missed(Int, last: Instant)
        case retries(TaskAttempt, at: Instant, exitCode: Int?)
        case ended(TaskResult)
    }

    /// More missed times than this are not counted, as in Kubernetes.
    package static let mostMissed = 100

    package private(set) var wishes: [TaskAttempt: Wish] = [:]
    package private(set) var memory: TaskMemory
    package private(set) var notes: [Note] = []
    /// When it must be asked again, if nothing else happens before.
    package private(set) var wake: Instant?
    /// A run begins now, or those under way are stopped for one.
    private(set) var begins = false
    /// What is due and has to wait, for the run before it or for what `mayBegin` stands for.
    package private(set) var waiting: Instant?

    private let task: ScheduledTask
    private let schedule: TaskSchedule
    private let attempts: [TaskAttempt: TaskAttempt.State]
    private let now: Instant
    private let mayBegin: Bool

    /// - Parameters:
    ///   - attempts: all containers of the task.
    ///   - mayBegin: false where a run could not be made now, so that what is due stays due: of all that comes together
    ///     until then only the last is begun, and not one after the other.
    package init(
        _ task: ScheduledTask, _ schedule: TaskSchedule, _ attempts: [TaskAttempt: TaskAttempt.State],
        _ memory: TaskMemory, now: Instant, mayBegin: Bool = true
    ) {
        (self.task, self.schedule, self.attempts, self.memory, self.now) = (task, schedule, attempts, memory, now)
        self.mayBegin = mayBegin
        if memory.schedule != "\(schedule)" {
            self.memory.schedule = "\(schedule)"
            self.memory.decided = max(memory.decided, now)
        }
        adopt()
        followOpen()
        beginDue()
        keepHistory()
        if !task.suspend { remind(schedule.next(after: now)) }
    }

    // MARK: Runs that are under way

    /// Containers of what was due after all that is remembered are what they show: the state is older than they are.
    ///
    /// Nothing else is taken in: a run that history has dropped is over, whatever is left of it.
    private mutating func adopt() {
        let known = Set(memory.open.map(\.scheduled) + memory.ended.map(\.scheduled))
        let strangers = Dictionary(grouping: attempts.keys, by: \.scheduled).filter { scheduled, _ in
            scheduled > memory.decided && !known.contains(scheduled)
        }
        for (scheduled, found) in strangers.sorted(by: { $0.key < $1.key }) {
            guard let last = found.max() else { continue }
            var run = TaskMemory.OpenRun(scheduled)
            (run.attempt, run.isSeen) = (last.number, true)
            memory.open.append(run)
            memory.decided = max(memory.decided, scheduled)
        }
        memory.open.sort { $0.scheduled < $1.scheduled }
    }

    private mutating func followOpen() {
        var open: [TaskMemory.OpenRun] = []
        for run in memory.open {
            if let next = follow(run) { open.append(next) }
        }
        memory.open = open
    }

    /// - Returns: the run as it goes on; nil when it is over.
    private mutating func follow(_ run: TaskMemory.OpenRun) -> TaskMemory.OpenRun? {
        var run = run
        // A clock that is set back gives nobody more time than ever.
        run.begun = run.begun.map { min($0, now) }
        switch attempts[run.current] {
        case nil where run.isSeen: return failed(run, .lost, at: now)
        case nil, .waiting:
            if let ending = run.ending { return end(run, .failed(ending), at: now) }
            if isTooLate(run) { return nil }
            if let deadline = deadline(of: run) {
                if deadline <= now { return end(run, .failed(.deadlineExceeded), at: now) }
                remind(deadline)
            }
            run.isSeen = attempts[run.current] != nil
            // A clock that is set back makes nobody wait for longer than ever.
            let longest = run.attempt > 1 ? task.retries.pause(after: run.attempt - 1) : .zero
            run.notBefore = min(run.notBefore, now.advanced(bySeconds: longest.roundedUpSeconds))
            guard run.notBefore <= now else {
                remind(run.notBefore)
                return run
            }
            wishes[run.current] = .run
        case .running(let since):
            run.isSeen = true
            run.begun = run.begun ?? since
            if let deadline = deadline(of: run) {
                if deadline <= now { run.ending = run.ending ?? .deadlineExceeded } else { remind(deadline) }
            }
            wishes[run.current] = run.ending.map { .stop($0) } ?? .keep
        case .ended(let code, let time):
            // One that had ended by itself before its deadline, which was seen only afterwards, has not exceeded it.
            let isInTime = run.ending == .deadlineExceeded && deadline(of: run).map { time < $0 } ?? false
            if let ending = run.ending, !isInTime { return end(run, .failed(ending), at: time) }
            run.ending = nil
            if code == 0 { return end(run, .succeeded, at: time) }
            return failed(run, .exitCode(code), at: time)
        }
        return run
    }

    /// Whether a run that could not be started has waited for longer than it may begin late.
    private mutating func isTooLate(_ run: TaskMemory.OpenRun) -> Bool {
        guard run.attempt == 1, run.begun == nil, let last = lastStart(of: run.scheduled) else { return false }
        guard last < now else {
            remind(last.advanced(bySeconds: 1))
            return false
        }
        notes.append(.missed(1, last: run.scheduled))
        return true
    }

    /// Until when it may begin; nil is always.
    private func lastStart(of scheduled: Instant) -> Instant? {
        task.startingDeadline.map { scheduled.advanced(bySeconds: $0.roundedUpSeconds) }
    }

    private func deadline(of run: TaskMemory.OpenRun) -> Instant? {
        guard let begun = run.begun, let most = task.activeDeadline else { return nil }
        return begun.advanced(bySeconds: most.roundedUpSeconds)
    }

    /// The attempt came to nothing: another one later, or none.
    private mutating func failed(
        _ run: TaskMemory.OpenRun, _ failure: TaskResult.Failure, at time: Instant
    ) -> TaskMemory.OpenRun? {
        guard run.attempt <= task.retries.limit else { return end(run, .failed(failure), at: time) }
        var next = run
        next.notBefore = time.advanced(bySeconds: task.retries.pause(after: run.attempt).roundedUpSeconds)
        // As a Job of Kubernetes: the deadline is for all attempts together, and leaves no time for another one.
        if let deadline = deadline(of: run), deadline <= next.notBefore { return end(run, .failed(failure), at: time) }
        (next.attempt, next.isSeen) = (run.attempt + 1, false)
        var exitCode: Int?
        if case .exitCode(let code) = failure { exitCode = code }
        notes.append(.retries(next.current, at: next.notBefore, exitCode: exitCode))
        return follow(next)
    }

    private mutating func end(
        _ run: TaskMemory.OpenRun, _ outcome: TaskResult.Outcome, at time: Instant
    ) -> TaskMemory.OpenRun? {
        let result = TaskResult(scheduled: run.scheduled, attempts: run.attempt, outcome: outcome, ended: time)
        memory.ended.append(result)
        memory.lastResult = result
        notes.append(.ended(result))
        return nil
    }

    // MARK: What is due

    /// Of all that has become due, at most the last one is begun; what a person asks for is begun before that.
    private mutating func beginDue() {
        guard let due = memory.requested ?? (task.suspend ? nil : schedule.latest(after: memory.decided, through: now))
        else { return }
        let before = due.advanced(bySeconds: -1)
        let missed = schedule.count(after: memory.decided, through: before, limit: Self.mostMissed)
        if memory.requested == nil, let last = lastStart(of: due) {
            if last < now {
                notes.append(.missed(min(missed + 1, Self.mostMissed), last: due))
                memory.decided = due
                return
            }
            remind(last.advanced(bySeconds: 1))
        }
        guard mayBegin else {
            begins = true
            waiting = due
            return
        }
        giveWay()
        if !memory.open.isEmpty {
            switch task.concurrencyPolicy {
            case .allow: break
            // It stays due until it can begin, until the next is, or until its starting deadline.
            case .forbid:
                waiting = due
                return
            case .replace: return replaceOpen(due)
            }
        }
        begins = true
        if missed > 0 {
            notes.append(.missed(missed, last: schedule.latest(after: memory.decided, through: before) ?? before))
        }
        memory.decided = max(memory.decided, due)
        memory.lastScheduled = due
        memory.requested = nil
        notes.append(.begun(due))
        if let run = follow(TaskMemory.OpenRun(due)) { memory.open.append(run) }
    }

    /// What could not be started until the next one is due is missed, or all of them would begin at once when they can.
    private mutating func giveWay() {
        let late = memory.open.filter { run in
            run.attempt == 1 && run.begun == nil && (!run.isSeen || attempts[run.current] == .waiting)
        }
        guard let last = late.last else { return }
        memory.open.removeAll { late.contains($0) }
        for run in late { wishes[run.current] = nil }
        notes.append(.missed(late.count, last: last.scheduled))
    }

    /// The next one begins when they are gone.
    private mutating func replaceOpen(_ due: Instant) {
        begins = true
        for index in memory.open.indices {
            memory.open[index].ending = memory.open[index].ending ?? .replaced
            wishes[memory.open[index].current] = nil
        }
        followOpen()
        if memory.open.isEmpty { beginDue() } else { waiting = due }
    }

    // MARK: What is over

    /// The newest of either kind are kept with all their attempts, and the others removed.
    private mutating func keepHistory() {
        memory.ended.sort { $0.scheduled < $1.scheduled }
        let kept =
            memory.ended.filter(\.succeeded).suffix(task.history.successful)
            + memory.ended.filter { !$0.succeeded }.suffix(task.history.failed)
        memory.ended = kept.sorted { $0.scheduled < $1.scheduled }
        let stay = Set(memory.ended.map(\.scheduled) + memory.open.map(\.scheduled))
        for (attempt, state) in attempts where wishes[attempt] == nil {
            // Whoever has started the container of a run that is over may let it end.
            if case .running = state { wishes[attempt] = .keep }
            // What was never started has no logs to keep.
            if case .waiting = state { wishes[attempt] = .remove }
            wishes[attempt] = wishes[attempt] ?? (stay.contains(attempt.scheduled) ? .keep : .remove)
        }
    }

    private mutating func remind(_ moment: Instant?) {
        wake = [wake, moment].compactMap(\.self).min()
    }
}

extension ScheduledTask.Retries {
    /// How long the next attempt waits after so many: twice as long each time, up to `maxBackoff`.
    func pause(after attempts: Int) -> Duration {
        var pause = backoff
        for _ in 1..<max(1, attempts) where pause < maxBackoff { pause *= 2 }
        return min(pause, maxBackoff)
    }
}
