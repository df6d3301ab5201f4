import Specs

/// What people ask for: written down first, and only then obeyed.
extension ControlLoop {
    /// Takes in a person's word, which is on the disk and holds when this returns.
    ///
    /// - Throws: `StateStoreError` when the audit log or the journal refuses it; it has no effect then.
    package mutating func take(_ command: Command, now: Now) throws(StateStoreError) -> [Effect] {
        self.now = now
        try hear(command)
        return conclude()
    }

    /// Takes in what a person asks for by name, and answers what holds now, as a sentence for them.
    ///
    /// - Parameter name: who asks, for the audit log.
    /// - Throws: `CommandRefusal`; nothing has changed then.
    package mutating func take(
        _ request: CommandRequest, by name: String, now: Now
    ) throws(CommandRefusal) -> (message: String, effects: [Effect]) {
        self.now = now
        let answer = try answer(to: request, by: name)
        // What holds already is not written down a second time.
        guard let command = answer.command else { return (answer.message, []) }
        do throws(StateStoreError) {
            return (answer.message, try take(command, now: now))
        } catch {
            complain(error)
            throw CommandRefusal(.unavailable, "it cannot be written down, so nothing is changed: \(error)")
        }
    }

    /// - Throws: when it cannot be written down; nothing of it holds then.
    mutating func hear(_ command: Command) throws(StateStoreError) {
        let entry = command.auditEntry(at: now.wall, accepted?.revision.id)
        try writeDown(records(of: command), entry)
        obey(command)
        noticedAllTasks()
        if informer.isCurrent { enqueueChanges() }
    }

    /// First the audit log, then the journal: what has an effect is in both.
    ///
    /// - Throws: when one of them refuses; the audit log says so then.
    mutating func writeDown(_ changes: [StateChange], _ entry: AuditEntry?) throws(StateStoreError) {
        if let entry { try audit?.append([entry], isSynced: true) }
        do throws(StateStoreError) {
            try commit(changes)
        } catch {
            if let entry { noteRefusal(of: entry, error) }
            throw error
        }
    }

    /// That it was asked for is in the log; who reads it must see as well that it never held.
    private func noteRefusal(of entry: AuditEntry, _ refusal: StateStoreError) {
        var entry = entry
        entry.action += "-failed"
        entry.detail = refusal.message
        do throws(StateStoreError) { try audit?.append([entry], isSynced: false) } catch { complain(error) }
    }

    private func records(of command: Command) -> [StateChange] {
        switch command {
        case .pause(let pause):
            let key = pause.object.map { Key.object($0) }
            return [.pause(pause), event(.normal, key, "Paused", "by \(pause.by): \(pause.reason)")]
        case .resume(let object, let by):
            return [.resume(object), event(.normal, object.map { .object($0) }, "Resumed", "by \(by)")]
        case .approve(let approval):
            let message = "by \(approval.by): \(approval.removals.count) removals of \(approval.revision)"
            return [.approve(approval), event(.normal, nil, "Approved", message)]
        case .pin(let pin, let by):
            return [
                .pin(pin), event(.warning, .object(pin.object), pin.cause.rawValue, "by \(by): \(pin.reason)"),
            ]
        case .unpin(let object, let by):
            return [.unpin(object), event(.normal, .object(object), "Unpinned", "by \(by)")]
        case .override(let override):
            let message = "by \(override.by) until \(override.until): \(override.reason)"
            let key = override.object.map { Key.object($0) }
            return [.override(override), event(.warning, key, "WindowsOverridden", message)]
        case .endOverride(let object, let by):
            let key = object.map { Key.object($0) }
            return [.endOverride(object), event(.normal, key, "OverrideEnded", "by \(by)")]
        case .drain(let drain):
            return [.drain(drain), event(.warning, nil, drain.stage.rawValue, drain.announcement)]
        case .uncordon(let by):
            return [.endDrain(pool: nil), event(.normal, nil, "Uncordoned", "by \(by)")]
        case .restart(let object, let state, let by):
            return [.rollout(object, state), event(.normal, .object(object), "RolloutRestarted", "by \(by)")]
        case .promote(let object, let state, let by):
            return [.rollout(object, state), event(.normal, .object(object), "Promoted", "by \(by)")]
        case .runTask(let task, let memory, let by):
            return [.task(task, memory), event(.normal, .object(task), "RunRequested", "by \(by)")]
        case .syncManually(_, let by):
            return [event(.normal, nil, "ManualSync", "by \(by), past windows that let persons through")]
        }
    }

    private mutating func obey(_ command: Command) {
        switch command {
        case .pause(let pause):
            gates.pauses.removeAll { $0.object == pause.object }
            gates.pauses.append(pause)
        case .resume(let object, _): gates.pauses.removeAll { $0.object == object }
        case .approve(let approval): gates.approvals.append(approval)
        case .pin(let pin, _):
            pins[pin.object] = pin
            applyPins()
        case .unpin(let object, _):
            pins[object] = nil
            applyPins()
        case .override(let override):
            gates.windowOverrides.removeAll { $0.object == override.object }
            gates.windowOverrides.append(override)
            windowsAreTended = false
        case .endOverride(let object, _): gates.windowOverrides.removeAll { $0.object == object }
        case .runTask(let task, let memory, _): tasks[task]?.memory = memory
        case .syncManually(let objects, _): gates.manualSyncs.formUnion(objects)
        case .drain(let drain):
            put(drain)
            noticedAllPools()
        case .uncordon:
            gates.drains.removeAll { $0.pool == nil }
            noticedAllPools()
        case .promote(let object, let state, _):
            take(state, of: object)
            wakeHeldKeys(of: object)
        case .restart(let object, let state, _): obey(restartOf: object, state)
        }
    }
}
