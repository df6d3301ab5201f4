import Logging
import Specs

/// What the host is brought to: revisions, pins, and what people asked for.
extension ControlLoop {
    /// Takes over what the runs before left behind.
    mutating func recall(_ stored: StoredState) {
        phases = stored.phases
        gates.pauses = stored.pauses
        gates.approvals = stored.approvals
        pins = Dictionary(stored.pins.map { ($0.object, $0) }) { _, last in last }
        for revision in stored.earlierRevisions { remember(revision) }
        for unknown in stored.unknownIntents { hold(unknown) }
        if accepted != nil { applyPins() }
    }

    /// A newer version began something that this one does not understand: its object is left alone.
    private mutating func hold(_ intent: UnknownIntent) {
        guard let key = Key(intent.key) else { return }
        let reason = "step \(intent.id) was begun by a newer version of reconcile; run that version to end it"
        gates.pauses.append(Pause(object: key.object, reason: reason, by: "reconcile", since: now.wall))
    }

    /// What an earlier revision said, as far as this version can read it.
    private mutating func remember(_ earlier: AcceptedRevision) {
        guard let specs = SpecLoader.load(earlier.files, environment: host.environment).specs else { return }
        earlierRevisions[earlier.revision.id] = DesiredState(specs: specs, revision: earlier.revision, host: host)
    }

    // MARK: Revisions

    mutating func accept(_ state: DesiredState) {
        nextDesired = state
        // Before the loop runs there is nothing to bring up to date.
        if isRunning && !isStopping { observe() } else { putInForce() }
    }

    /// A new revision is what a stalled key was waiting for, and a reason to look behind moving tags again.
    mutating func putInForce() {
        guard let state = nextDesired else { return }
        nextDesired = nil
        if let accepted, accepted.revision != state.revision {
            previous = accepted.revision
            earlierRevisions[accepted.revision.id] = accepted
        }
        accepted = state
        gates.approvals.removeAll { $0.revision != state.revision.id }
        gates.shares = SolitaryCoordinator.shares(of: state.hostPools, for: host.identity)
        applyPins()
        informer.forgetRefreshedImages()
        isApplied = false
        if isRunning { note(event(.normal, nil, "RevisionInForce", state.revision.description)) }
        logger.info(
            "revision in force",
            metadata: [
                "event": "revision.accepted", "revision": "\(state.revision.id)", "objects": "\(state.objects.count)",
            ])
    }

    /// Desired is the accepted revision plus pins; a commit that says something else of an object releases its pin.
    private mutating func applyPins() {
        guard let accepted else { return }
        let (state, released) = accepted.applying(pins: Array(pins.values), revisions: earlierRevisions)
        desired = state
        // What failed before need not fail again, nor is it a loop.
        limiter.forgetAll()
        stalls = [:]
        lastRepair = [:]
        for pin in released {
            pins[pin.object] = nil
            note(.unpin(pin.object))
            note(event(.normal, .object(pin.object), "Unpinned", "\(accepted.revision) says something else of it"))
        }
        // Of those that no pin names, only the one before is kept: it is what a rollback goes back to.
        guard let previous else { return }
        let named = Set(pins.values.compactMap(\.revision?.id))
        earlierRevisions = earlierRevisions.filter { named.contains($0.key) || $0.key == previous.id }
    }

    /// Once the host is as the revision says, that is a part of its history.
    mutating func noteApplied() {
        guard let accepted, !isApplied, informer.observed.isComplete else { return }
        isApplied = true
        note(.history(RevisionRecord(revision: accepted.revision, outcome: .applied, time: now.wall)))
        note(event(.normal, nil, "RevisionApplied", accepted.revision.description))
    }

    // MARK: People

    /// A command that cannot be written down has no effect.
    mutating func hear(_ command: Command) {
        do throws(StateStoreError) {
            try audit?.append([command.auditEntry(at: now.wall, accepted?.revision.id)], isSynced: true)
            try commit(changes(by: command))
        } catch {
            return complain(error)
        }
        obey(command)
    }

    private func changes(by command: Command) -> [StateChange] {
        switch command {
        case .pause(let pause):
            let object = pause.object.map { Key.object($0) }
            return [.pause(pause), event(.normal, object, "Paused", "by \(pause.by): \(pause.reason)")]
        case .resume(let object, let by):
            return [.resume(object), event(.normal, object.map { .object($0) }, "Resumed", "by \(by)")]
        case .approve(let approval):
            let what = "\(approval.removals.count) removals of \(approval.revision)"
            return [.approve(approval), event(.normal, nil, "Approved", "by \(approval.by): \(what)")]
        case .pin(let pin, _):
            return [.pin(pin), event(.warning, .object(pin.object), pin.cause.rawValue, pin.reason)]
        case .unpin(let object, let by):
            return [.unpin(object), event(.normal, .object(object), "Unpinned", "by \(by)")]
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
        }
        if informer.isCurrent { enqueueChanges() }
    }
}
