package import Specs

extension Planner {
    /// What one slot of a task needs next: one run, with its attempts. nil when nothing is to be done, and before
    /// anybody has asked the agenda.
    ///
    /// A run under way is left alone: it keeps the template that it began with, and a drain or a taint ends it only when
    /// it must go.
    static func taskNeed(of slot: Int, _ object: DesiredObject, _ view: ObjectView) -> Action? {
        guard let order = view.context.gates.tasks[view.id] else { return nil }
        let all = view.containers(slot)
        let old = all.filter { $0.status != .removing && (order.wish(for: $0) == .remove || view.isRetiring($0)) }
        if !old.isEmpty { return removal(of: old, slot, view, because: .outOfHistory) }
        for container in all {
            if let need = need(
                of: container, order.wish(for: container), Member(slot: slot, object: object, view: view))
            {
                return need
            }
        }
        if let attempt = order.attempt(of: slot), !all.contains(where: { $0.incarnation == attempt.number }) {
            return Member(slot: slot, object: object, view: view, attempt: attempt.number).creation()
        }
        guard let held = order.held, slot == Int(held.secondsSince1970), all.isEmpty else { return nil }
        // The gates say what holds it; where nothing does any more, the agenda is asked before it begins.
        let action = Member(slot: slot, object: object, view: view, attempt: 1).creation()
        return view.gated(action).isHeld ? action : nil
    }

    private static func need(of container: ObservedContainer, _ wish: TaskAgenda.Wish?, _ member: Member) -> Action? {
        if container.isUnderWay, let end = end(of: container, wish, member) { return end }
        switch (wish, container.status) {
        case (.run, .created), (.run, .paused), (.keep, .paused): return member.repair(of: container)
        default: return nil
        }
    }

    /// What ends a run that is under way; nil where nothing does.
    private static func end(of container: ObservedContainer, _ wish: TaskAgenda.Wish?, _ member: Member) -> Action? {
        if case .stop(let failure) = wish { return member.stop(container, because: .runEnds(failure), class: .safe) }
        if let taint = member.view.evictingTaint {
            return member.stop(container, because: .tainted(key: taint.key), class: .disruptive)
        }
        guard let drain = member.view.drain else { return nil }
        switch drain.stage {
        case .draining, .drained: return nil
        case .forced: return member.stop(container, because: .draining, class: .disruptive)
        case .exceeded:
            var action = member.stop(container, because: .draining, class: .disruptive)
            action.steps = []
            let message = "it was still under way when the time was up; \(drain.what)"
            action.verdict = .held(Hold(.drainDeadlineExceeded, message, until: drain.end))
            return action
        }
    }
}

extension Planner.Member {
    /// Ends a container, and keeps it with its logs.
    fileprivate func stop(
        _ container: ObservedContainer, because reason: Reason, class actionClass: ActionClass
    ) -> Action {
        let reference = ContainerReference(container)
        // Docker refuses to stop a paused container.
        let thaw: [Step] = container.status == .paused ? [.unpause(reference)] : []
        let timeout = container.stopTimeout ?? object.container.template.stopTimeout
        // What is frozen runs for a moment before it stops, and not without its rules.
        let isAwaited = !thaw.isEmpty && view.context.firewall.isAwaited(by: object.id)
        return action(
            .stop, reason, at: object.origin, class: actionClass, steps: thaw + [.stop(reference, timeout: timeout)],
            verdict: isAwaited ? .waitFor(.firewall) : .go)
    }
}

extension ObjectView {
    /// What the containers of a task show of its attempts.
    func findAttempts() -> [TaskAttempt: TaskAttempt.State] {
        let now = context.now.wall
        let pairs = allContainers.map { container in
            let state = TaskAttempt.State(container, now: now)
            // Its start may have happened: it is not given up for another run before that is known.
            let isStarting = state == .waiting && context.gates.startingRuns.contains(container.instance.member)
            return (TaskAttempt(container.instance), isStarting ? .running(since: now) : state)
        }
        return Dictionary(pairs) { _, last in last }
    }

    /// What becomes of the runs of a task now, and what keeps one from beginning that is due.
    func agenda(of task: DesiredTask, _ memory: TaskMemory) -> (agenda: TaskAgenda, hold: Hold?) {
        let (attempts, now) = (attempts, context.now.wall)
        let agenda = TaskAgenda(task.spec, task.schedule, attempts, memory, now: now)
        guard agenda.begins, let hold = holdOnRun(at: now) else { return (agenda, nil) }
        return (TaskAgenda(task.spec, task.schedule, attempts, memory, now: now, mayBegin: false), hold)
    }

    /// What would keep a run that is due at this time from being made now; nil where nothing would.
    func holdOnRun(at due: Instant) -> Hold? {
        if let hold { return hold }
        guard let object else { return nil }
        let member = Planner.Member(slot: Int(due.secondsSince1970), object: object, view: self, attempt: 1)
        guard case .held(let hold) = gated(member.creation()).verdict else { return nil }
        return hold
    }

    /// How many runs of a task take room besides this one. One that replaces another gets its room.
    func runsBeside(_ slot: Int) -> Int {
        if object?.task?.spec.concurrencyPolicy == .replace { return 0 }
        return context.slotsInUse(of: id).count { $0 != slot }
    }

    /// How many containers others of its HostPool have beyond what is declared, where that is what this one would come to:
    /// runs of other tasks, and for a run also what pools have grown to.
    func neighbours(beside place: Int) -> Int {
        guard let object, pool?.capacity.containersPerHost != nil, object.task != nil || place >= object.slots else {
            return 0
        }
        return context.desired.objects.values.reduce(0) { sum, other in
            guard other.hostPool == object.hostPool, other.id != id else { return sum }
            if other.task != nil { return sum + context.slotsInUse(of: other.id).count }
            guard other.pool != nil, object.task != nil else { return sum }
            return sum + max(0, context.slotsInUse(of: other.id).count - other.slots)
        }
    }
}

extension DesiredState {
    /// What would become of all tasks now.
    ///
    /// - Parameter stored: what is remembered of them.
    package func taskOrders(
        on observed: ObservedState, _ gates: Gates, stored: [ResourceID: TaskMemory], now: Now
    ) -> [ResourceID: TaskOrder] {
        let context = PlanContext(self, observed, gates, now)
        return objects.compactMapValues { object in
            guard let task = object.task else { return nil }
            let view = context.view(object.id)
            let memory = stored[object.id] ?? TaskMemory(task.schedule, now: now.wall, found: view.attempts)
            let (agenda, hold) = view.agenda(of: task, memory)
            return TaskOrder(agenda, isHeld: hold != nil)
        }
    }
}

extension PlanContext {
    /// Slots of which something takes room or does work: of a task none that has ended.
    func slotsInUse(of id: ResourceID) -> [Int] {
        guard id.kind == .scheduledTask else { return Array(observed.slots(of: id)) }
        let seen = observed.containers(of: id).filter { container in
            container.isUnderWay || TaskAttempt.State(container, now: now.wall) == .waiting
        }
        // What is being made is not seen yet.
        return Array(Set(seen.map(\.slot)).union(gates.underWay.lazy.filter { $0.object == id }.map(\.slot)))
    }
}
