import Reconciler
import Specs

// Runs of tasks: each attempt once, one run at a time where git says so, and none forgotten.

extension Checker {
    // MARK: What is begun

    /// A container is about to be made for an attempt.
    mutating func checkAttempt(_ call: CallFacts, _ member: MemberID, _ number: Int, _ task: TaskFacts) {
        let said = revisions.values.compactMap { $0.objects[member.object]?.task }
        if !said.contains(where: { $0.due.contains { Int($0.secondsSince1970) == member.slot } }) {
            violate(.oneAttempt, "\(words(call)), which was never due")
        }
        if number > 1 + (said.map(\.retries).max() ?? task.retries) {
            violate(.oneAttempt, "\(words(call)) is one attempt too many")
        }
        for other in mirror.known(of: member)
        where !tasks.startedLate.contains(MemberInstance(member, other.incarnation)) {
            if other.status == .running || other.status == .paused {
                violate(.oneAttempt, "\(words(call)) while '\(other.name)' is under way")
            } else if other.status == .exited, other.exitCode == 0 {
                violate(.oneAttempt, "\(words(call)), and '\(other.name)' has succeeded")
            }
        }
    }

    /// A container is about to be started.
    mutating func checkStart(_ call: CallFacts) {
        guard let member = call.member, let task = inForce?.objects[member.object]?.task, let id = call.container
        else { return }
        if let known = mirror.containers[id]?.known, known.status == .exited {
            violate(.oneAttempt, "\(words(call)), which has run already")
        }
        // Runs that overlapped when git let them go on to their end.
        let said = revisions.values.compactMap { $0.objects[member.object]?.task }
        guard said.allSatisfy({ $0.policy != .allow }) else { return }
        let others = mirror.containers.values.compactMap(\.known).filter { other in
            guard let theirs = other.member, theirs.object == member.object, other.id != id else { return false }
            return (other.status == .running || other.status == .paused)
                && !tasks.startedLate.contains(MemberInstance(theirs, other.incarnation))
        }
        if let other = others.min(by: { $0.name < $1.name }) {
            violate(.noOverlap, "\(words(call)) while '\(other.name)' is under way, and its policy is \(task.policy)")
        }
    }

    /// The container of a run is not as it was.
    mutating func noteRun(_ facts: ContainerFacts, _ before: ContainerFacts?, by cause: TraceEvent.Cause) {
        guard let member = facts.member, member.object.kind == .scheduledTask else { return }
        tasks.made[member.object, default: []].insert(member.slot)
        guard facts.status == .running, before?.status != .paused, facts.startedAt != before?.startedAt else { return }
        let instance = MemberInstance(member, facts.incarnation)
        let earlier = tasks.starts.updateValue(facts.startedAt, forKey: instance)
        let isSecond = earlier.map { $0 != facts.startedAt } ?? false
        if case .call(let id) = cause, calls[id]?.isGivenUp == false {
            if isSecond { violate(.oneAttempt, "'\(facts.name)' runs a second time") }
        } else if isSecond || isOver(member) {
            tasks.startedLate.insert(instance)
        }
    }

    /// The program has written down how the run ended, whatever is left of it.
    private func isOver(_ run: MemberID) -> Bool {
        tasks.memories[run.object].map { memory in
            !memory.open.contains { Int($0.scheduled.secondsSince1970) == run.slot }
        } ?? false
    }

    // MARK: What ends

    /// A container of a run is about to be stopped or removed.
    mutating func checkEnd(_ call: CallFacts, _ victim: ContainerFacts, _ object: ObjectFacts, _ task: TaskFacts) {
        let isUnderWay = victim.status == .running || victim.status == .paused
        let said = revisions.values.compactMap { $0.objects[object.id]?.task }
        let mayStop = said.contains { $0.hasDeadline || $0.policy == .replace } || isForcedOut(object.id)
        if call.verb == .stop, isUnderWay, !mayStop {
            violate(.justifiedDeletion, "\(words(call)), and nothing ends its run")
        }
        if call.verb == .remove, isUnderWay {
            violate(.justifiedDeletion, "\(words(call)), which is under way")
        }
    }

    // MARK: What is remembered

    /// What becomes due is begun or told of, and what was to begin is not dropped.
    mutating func remembered(_ id: ResourceID, _ new: TaskMemory) {
        defer { tasks.memories[id] = new }
        guard let old = tasks.memories[id], old.schedule == new.schedule, let task = inForce?.objects[id]?.task,
            task.isMeant(by: new.schedule)
        else { return }
        let due = task.due.filter { old.decided < $0 && $0 <= new.decided }
        if let last = due.max(), last != new.lastScheduled {
            violate(.noRunForgotten, "the run of \(id) at \(last) counts as decided, and was not begun")
        }
        for run in old.open where !new.open.contains(where: { $0.scheduled == run.scheduled }) {
            let wasMade = tasks.made[id]?.contains(Int(run.scheduled.secondsSince1970)) ?? false
            let gaveWay = new.lastScheduled.map { $0 > run.scheduled } ?? false
            if !wasMade && !gaveWay && run.ending == nil {
                violate(.noRunForgotten, "the run of \(id) at \(run.scheduled) was begun, and is dropped")
            }
        }
    }

    /// The world has been good for long enough: all runs are over, and history is as long as git says.
    mutating func checkRuns(of object: ObjectFacts, _ task: TaskFacts) {
        guard drains(of: object).isEmpty, let wall else { return }
        if let next = task.due.first(where: { $0 > wall && $0 < wall.advanced(bySeconds: 3_600) }) {
            violate(.noRunForgotten, "\(object.id) is still due at \(next)")
        }
        guard let memory = tasks.memories[object.id] else {
            return violate(.noRunForgotten, "nothing is remembered of \(object.id)")
        }
        if let last = task.due.last(where: { $0 <= wall }), last > memory.decided {
            violate(.noRunForgotten, "the run of \(object.id) at \(last) is forgotten")
        }
        if let open = memory.open.first {
            violate(.noRunForgotten, "the run of \(object.id) at \(open.scheduled) comes to no end")
        }
        checkHistory(of: object, task, memory)
    }

    /// What was stopped has failed whatever its exit code, so the memory says which run is of which kind.
    private mutating func checkHistory(of object: ObjectFacts, _ task: TaskFacts, _ memory: TaskMemory) {
        let members = mirror.containers.values.compactMap { $0.now?.member }.filter { $0.object == object.id }
        let known = Set(memory.ended.map { Int($0.scheduled.secondsSince1970) })
        let strangers = Set(members.map(\.slot)).subtracting(known).sorted()
        if !strangers.isEmpty {
            violate(.noRunForgotten, "containers of runs \(strangers) of \(object.id) stay that history has dropped")
        }
        let good = memory.ended.count(where: \.succeeded)
        let bad = memory.ended.count - good
        if good > task.successful || bad > task.failed {
            violate(
                .noRunForgotten,
                "of \(object.id) \(good) runs are kept that succeeded and \(bad) that failed, and git says \(task.successful) and \(task.failed)"
            )
        }
    }
}

extension TaskFacts {
    /// Whether a memory is about these times: a crash may leave it one revision ahead of what is known to be in force.
    fileprivate func isMeant(by schedule: String) -> Bool {
        schedule.split(separator: ",").count { $0.contains("-") } == due.count
            && due.allSatisfy { schedule.contains("\($0)".prefix(16)) }
    }
}
