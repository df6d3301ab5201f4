import Logging
import Specs

/// What the host is brought to: revisions, pins, and what people asked for.
extension ControlLoop {
    /// Takes over what the runs before left behind.
    mutating func recall(_ stored: StoredState) throws(StateStoreError) {
        phases = stored.phases
        storedScaling = stored.scaling
        autoscalers = [:]
        storedRollouts = stored.rollouts
        (rollouts, gates.rollouts) = ([:], [:])
        storedTasks = stored.tasks
        (tasks, gates.tasks) = ([:], [:])
        gates.pauses = stored.pauses
        gates.approvals = stored.approvals
        gates.windowOverrides = stored.overrides
        gates.drains = stored.drains
        pins = Dictionary(stored.pins.map { ($0.object, $0) }) { _, last in last }
        for revision in stored.earlierRevisions { remember(revision) }
        inForceBefore = nil
        if accepted == nil, let last = stored.accepted, earlierRevisions[last.revision.id] == nil {
            remember(last)
            if earlierRevisions[last.revision.id] != nil { inForceBefore = last.revision }
        }
        previous = try previousRevision(before: accepted?.revision ?? stored.accepted?.revision)
        for unknown in stored.unknownIntents { hold(unknown) }
        if accepted != nil { applyPins() }
    }

    /// A newer version began something that this one does not understand: its object is left alone.
    private mutating func hold(_ intent: UnknownIntent) {
        // Applying rules twice equals once, whichever version does it.
        guard let object = Key(intent.key)?.object else { return }
        let reason = "step \(intent.id) was begun by a newer version of reconcile; run that version to end it"
        gates.pauses.append(Pause(object: object, reason: reason, by: "reconcile", since: now.wall))
    }

    /// What an earlier revision said, as far as this version can read it.
    private mutating func remember(_ earlier: AcceptedRevision) {
        guard let specs = SpecLoader.load(earlier.files, environment: host.environment).specs else { return }
        undoOrder.append(earlier.revision.id)
        earlierRevisions[earlier.revision.id] = DesiredState(specs: specs, revision: earlier.revision, host: host)
    }

    /// The last one that was in force before this one, where what it says is still known.
    private func previousRevision(before current: Revision?) throws(StateStoreError) -> Revision? {
        if earlierRevisions.isEmpty { return nil }
        return try journal.history(limit: 1_000).last { record in
            let wasInForce = record.outcome == .accepted || record.outcome == .applied
            return wasInForce && record.revision.id != current?.id && earlierRevisions[record.revision.id] != nil
        }?.revision
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
        followEarlierRun(with: state.revision)
        if let accepted, accepted.revision != state.revision {
            previous = accepted.revision
            earlierRevisions[accepted.revision.id] = accepted
            undoOrder.removeAll { $0 == accepted.revision.id }
            undoOrder.append(accepted.revision.id)
        }
        accepted = state
        gates.approvals.removeAll { $0.revision != state.revision.id }
        gates.shares = SolitaryCoordinator.shares(of: state.hostPools, for: host.identity)
        // Who asked for the revision of before did not ask for this one.
        gates.manualSyncs = []
        applyPins()
        informer.forgetRefreshedImages()
        (isApplied, hasSettled) = (false, false)
        windowsAreTended = false
        if isRunning { note(event(.normal, nil, "RevisionInForce", state.revision.description)) }
        logger.info(
            "revision in force",
            metadata: [
                "event": "revision.accepted", "revision": "\(state.revision.id)",
                "objects": .stringConvertible(state.objects.count),
            ])
    }

    /// Whatever comes first may not be what an earlier run had in force: then that is where there is a way back to.
    private mutating func followEarlierRun(with revision: Revision) {
        guard let last = inForceBefore else { return }
        inForceBefore = nil
        if last.id != revision.id {
            previous = last
        } else {
            earlierRevisions[last.id] = nil
            undoOrder.removeAll { $0 == last.id }
        }
    }

    /// Desired is the accepted revision plus pins; a commit that says something else of an object releases its pin.
    mutating func applyPins() {
        guard let accepted else { return }
        let (state, released) = accepted.applying(pins: Array(pins.values), revisions: earlierRevisions)
        desired = state
        drainsFollowGit = false
        followAutoscalers()
        followRollouts()
        followTasks()
        for pool in Array(pools.keys) { pools[pool]?.free = [] }
        // If git names a pool again, what is asked of it now is of another time.
        gates.pools = gates.pools.filter { state.objects[$0.key] != nil }
        // Nothing is decided about an image that nobody has looked for.
        if isRunning, !state.images.isSubset(of: informer.coveredImages) {
            informer.void()
            observe()
        }
        // What failed before need not fail again, nor is it a loop.
        limiter.forgetAll()
        stalls = [:]
        repairs.forgetAll()
        for pin in released {
            pins[pin.object] = nil
            note(.unpin(pin.object))
            note(event(.normal, .object(pin.object), "Unpinned", "\(accepted.revision) says something else of it"))
        }
        forgetUnneededRevisions()
    }

    /// Keeps those that pins name, the one before, what a rollback of an open rollout goes back to, and some for an undo.
    private mutating func forgetUnneededRevisions() {
        guard let previous else { return }
        var named = Set(pins.values.compactMap(\.revision?.id))
        named.insert(previous.id)
        var undoable: Set<String> = []
        for state in rollouts.values.map(\.state) {
            guard let good = state.lastGood?.id else { continue }
            if state.isOpen { named.insert(good) } else { undoable.insert(good) }
        }
        named.formUnion(undoOrder.filter(undoable.contains).suffix(Self.mostUndoRevisions))
        earlierRevisions = earlierRevisions.filter { named.contains($0.key) }
        undoOrder.removeAll { !named.contains($0) }
    }

    /// Once the host is as the revision says, that is a part of its history: nothing is to be changed or awaited but what a
    /// gate holds, and no rollout has failed.
    ///
    /// - Parameter plan: of everything, where it was made anyway.
    mutating func noteApplied(by plan: Plan? = nil) {
        guard let accepted, !isApplied, informer.observed.isComplete, failedRollouts.isEmpty,
            !(plan ?? self.plan(.everything)).actions.contains(where: isOfRevision)
        else { return }
        isApplied = true
        note(.history(RevisionRecord(revision: accepted.revision, outcome: .applied, time: now.wall)))
        note(event(.normal, nil, "RevisionApplied", accepted.revision.description))
    }

    /// Whether the revision is not applied as long as this is to be done.
    private func isOfRevision(_ action: Action) -> Bool {
        if action.isHeld { return false }
        return switch action.verb {
        // A tag that nobody could look behind leads where it led before, as far as anybody knows.
        case .pull: limiter.failures(of: action.key) == 0 && stalls[action.key] == nil
        // A pool makes members for whoever comes next, all the time.
        case .await: action.key.object?.kind != .warmPool
        default: true
        }
    }
}
