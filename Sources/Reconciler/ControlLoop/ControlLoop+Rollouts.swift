import Logging
import Specs

/// The rollout of one object between two inputs.
struct RolloutWatch: Sendable {
    var state: RolloutState
    /// When it became better the last time, or its time began anew, in time since the start; before it, where an earlier
    /// run saw that.
    var progressAt: Duration
    /// When it is asked next what stands against it.
    var trialAt: Duration
    /// When ports were led to the new members of a blue-green rollout, in time since the start.
    var switchedAt: Duration?
    var canary = CanaryWatch()
    /// When it is looked at next: then, or when a member has been ready for long enough.
    var due: Duration

    init(_ state: RolloutState, since progressAt: Duration) {
        self.state = state
        self.progressAt = progressAt
        (trialAt, due) = (progressAt, progressAt)
    }
}

/// Rollouts: which template each Workload is brought to, how far that is, and what becomes of it when it fails.
///
/// Who is replaced when is the planner's business (`ReplacementTurns`), which counts from what is there. Here is what it
/// cannot see: since when nothing has become better, and where there is a way back to.
extension ControlLoop {
    /// How many revisions that nobody needs but an undo of a complete rollout are kept.
    static let mostUndoRevisions = JournalBounds().undoRevisions

    /// A run that has just begun had no time to do anything yet: so much of the deadline is its own, or all of it.
    private static let leastTime = Duration.seconds(30)

    /// How often within its deadline it is asked what stands against a rollout.
    private static let trials = 20

    /// After the store refused to take that one has failed.
    private static let storeRetry = Duration.seconds(10)

    // MARK: What is rolled out

    /// Takes in what every Workload should be now: another template begins another rollout.
    mutating func followRollouts() {
        // Before a start nobody knows what is new.
        guard let desired, let stored = storedRollouts else { return }
        func isHere(_ object: DesiredObject) -> Bool { gates.shares[object.hostPool] ?? .notSelected != .notSelected }
        let here = desired.objects.filter { $0.key.kind == .workload && isHere($0.value) }
        for id in Set(rollouts.keys).union(stored.keys).sorted() where here[id] == nil {
            rollouts[id] = nil
            storedRollouts?[id] = nil
            gates.rollouts[id] = nil
            note(.forgetRollout(id))
        }
        for (id, object) in here.sorted(by: { $0.key < $1.key }) { follow(id, object) }
        let timed = desired.objects.values.filter { $0.strategy.minHealthyTime > .zero }.map(\.id)
        informer.time(Set(timed))
    }

    private mutating func follow(_ id: ResourceID, _ object: DesiredObject) {
        let revision = desired?.revision ?? Revision(id: "", reference: "")
        let stored = storedRollouts?.removeValue(forKey: id)
        guard var watch = rollouts[id] ?? stored.map({ recall($0, object) }) else {
            let state = RolloutState.first(of: object, object.pin?.revision ?? revision, at: now.wall)
            return write(RolloutWatch(state, since: now.uptime), of: id)
        }
        let before = watch.state
        let earlier = EarlierRevisions(states: earlierRevisions, last: previous)
        let news = watch.state.follow(object, of: revision, after: earlier, on: informer.observed, at: now.wall)
        switch news {
        case .another: (watch.progressAt, watch.canary) = (now.uptime, CanaryWatch())
        case .returned: watch.progressAt = now.uptime
        case .none: break
        }
        if watch.state != before || rollouts[id] == nil || gates.rollouts[id] != order(for: watch, object) {
            write(watch, of: id, isNews: watch.state != before)
        }
        if watch.state.isOpen { dirtyRollouts.insert(id) }
    }

    /// What an earlier run remembered. The time in which nobody did anything counts, but for what every run has; a deadline
    /// that passed while nobody was there begins anew, since nobody knows what held the rollout.
    private func recall(_ state: RolloutState, _ object: DesiredObject) -> RolloutWatch {
        let deadline = object.strategy.progressDeadline
        let past = Duration.seconds(max(0, now.wall.secondsSince1970 - state.lastProgress.secondsSince1970))
        let least = min(Self.leastTime + object.strategy.minHealthyTime, deadline)
        let left = past > deadline ? deadline : max(least, deadline - past)
        var watch = RolloutWatch(state, since: now.uptime + left - deadline)
        watch.switchedAt = state.blueGreen?.switched.map { switched in
            now.uptime - .seconds(max(0, now.wall.secondsSince1970 - switched.secondsSince1970))
        }
        watch.canary.reachedAt = state.canary?.reached.map { reached in
            now.uptime - .seconds(max(0, now.wall.secondsSince1970 - reached.secondsSince1970))
        }
        return watch
    }

    /// Has planning know what it must, and what the next run must know on the disk with the next commit.
    mutating func write(_ watch: RolloutWatch, of id: ResourceID, isNews: Bool = true) {
        var watch = watch
        if watch.state.isOpen { watch.due = now.uptime }
        rollouts[id] = watch
        gates.rollouts[id] = desired?.objects[id].flatMap { order(for: watch, $0) }
        isTrafficDirty = true
        if isNews { note(.rollout(id, watch.state)) }
        if watch.state.isOpen { dirtyRollouts.insert(id) }
    }

    /// nil where planning need not know anything.
    func order(for watch: RolloutWatch, _ object: DesiredObject) -> RolloutOrder? {
        let isHoldOver = holdEnd(of: watch, object).map { $0 <= now.uptime } ?? false
        return RolloutOrder(watch.state, of: object, isHoldOver: isHoldOver)
    }

    /// Takes over what a person asked for; it is on the disk.
    mutating func take(_ state: RolloutState, of id: ResourceID) {
        var watch = RolloutWatch(state, since: now.uptime)
        // What a person says of a step changes nothing about what was seen of it.
        if let before = rollouts[id], before.state.started == state.started, before.state.cause == state.cause,
            before.state.canary?.step == state.canary?.step
        {
            watch.canary = before.canary
        }
        write(watch, of: id, isNews: false)
    }

    // MARK: How far it is

    /// Looks at every rollout of which something is new, or whose time has come.
    mutating func tendRollouts() {
        if dirtyRollouts.isEmpty, nextRollout.map({ $0 > now.uptime }) ?? true { return }
        guard isRunning, !isStopping, desired != nil, informer.isCurrent else { return }
        let due = rollouts.filter { $0.value.state.isOpen && $0.value.due <= now.uptime }.map(\.key)
        let open = dirtyRollouts.union(due).sorted()
        dirtyRollouts = []
        // A rollback lets everything that had stalled try again, and others are judged by what had.
        let stalls = stalls
        for id in open { look(at: id, stalls) }
        let isTimed = if case .forever = mode { true } else { false }
        nextRollout = isTimed ? rollouts.values.lazy.filter(\.state.isOpen).map(\.due).min() : nil
    }

    private mutating func look(at id: ResourceID, _ stalls: [Key: Stall]) {
        guard var watch = rollouts[id], let view = view(of: id), let object = view.object else { return }
        let turns = view.turns
        wakeGranted(turns, of: id)
        guard watch.state.isOpen else { return }
        // Nothing is complete, or further, on the word of a look that may have missed something.
        if informer.observed.isComplete, view.hold == nil {
            if !turns.counts.isComplete, tendSwitch(of: object, watch, view) { return }
            if tendCanary(of: object, watch, view) { return }
            let isEmpty = turns.counts.desired == 0 && watch.state.canary?.isRejected != true
            let isDone = watch.state.canary?.isDone ?? true || isEmpty
            if turns.counts.isComplete, isDone { return complete(id, watch, turns.counts) }
            if watch.state.advance(to: turns.counts, at: now.wall) {
                watch.progressAt = now.uptime
                if watch.state.phase == .failed, watch.state.canary?.isRejected != true { return resume(id, watch) }
                note(.rollout(id, watch.state))
            }
        }
        let patience = object.strategy.progressDeadline
        guard case .forever = mode, watch.state.phase == .progressing else {
            watch.due = now.uptime + patience
            rollouts[id] = watch
            return
        }
        if watch.trialAt <= now.uptime {
            let trial = RolloutTrial(of: view, stalls: stalls) { limiter.failures(of: $0) }
            let isOver = RolloutCounts.isTimedOut(
                after: now.uptime - watch.progressAt, deadline: patience, wasComplete: false)
            if isOver, informer.observed.isComplete, let fault = trial.fault {
                return fail(id, watch, object, because: "no progress for \(patience.goText): \(fault)")
            }
            // What a gate holds, or another object, fails nobody, for as long as it does.
            if isOver || trial.fault == nil && trial.isHeld { excuse(id, &watch, patience) }
            watch.trialAt = now.uptime + max(.seconds(1), patience / Self.trials)
        }
        // Just behind the deadline it is over.
        let end = max(watch.progressAt + patience, now.uptime) + .milliseconds(1)
        watch.trialAt = min(end, watch.trialAt)
        let holdEnd = holdEnd(of: watch, object).flatMap { $0 > now.uptime ? $0 : nil }
        let canaryDue = canaryDue(of: watch, object)
        let switchDue = switchDue(of: watch, object, view)
        watch.due =
            [watch.trialAt, turns.unreadyUntil, holdEnd, canaryDue, switchDue].compactMap(\.self).min() ?? watch.trialAt
        rollouts[id] = watch
    }

    /// Its time begins anew. That is written down now and then, for the next run.
    private mutating func excuse(_ id: ResourceID, _ watch: inout RolloutWatch, _ patience: Duration) {
        let written = watch.state.lastProgress
        watch.state.excuse(at: now.wall)
        watch.progressAt = now.uptime
        if .seconds(now.wall.secondsSince1970 - written.secondsSince1970) >= patience / 4 {
            note(.rollout(id, watch.state))
        } else {
            watch.state.lastProgress = written
        }
    }

    private mutating func complete(_ id: ResourceID, _ watch: RolloutWatch, _ counts: RolloutCounts) {
        var watch = watch
        watch.state.complete(with: counts.available, at: now.wall)
        write(watch, of: id)
        let message = "\(watch.state.revision): \(counts.updated) members are available"
        note(event(.normal, .object(id), "RolloutComplete", message))
    }

    /// New members have come up after all.
    private mutating func resume(_ id: ResourceID, _ watch: RolloutWatch) {
        var watch = watch
        watch.state.resume()
        write(watch, of: id)
        note(
            event(.normal, .object(id), "RolloutResumed", "\(watch.state.revision): new members have come up after all")
        )
        wakeHeldKeys(of: id)
    }

    /// While the engine could not be seen, nothing could become better.
    mutating func excuseRollouts() {
        for (id, watch) in rollouts where watch.state.phase == .progressing {
            guard let object = desired?.objects[id] else { continue }
            var watch = watch
            excuse(id, &watch, object.strategy.progressDeadline)
            rollouts[id] = watch
        }
    }

    /// No progress for as long as the spec allows, or what a canary is judged by was bad too often.
    mutating func fail(_ id: ResourceID, _ watch: RolloutWatch, _ object: DesiredObject, because why: String) {
        var watch = watch
        watch.state.fail(why, at: now.wall)
        let pin = rollback(of: id, watch.state, object)
        do throws(StateStoreError) {
            try writeDown(records(of: watch.state, pin, id), pin.map { auditEntry($0) })
        } catch {
            // Written down or not done: again as soon as the store may take it.
            complain(error)
            rollouts[id]?.trialAt = now.uptime + Self.storeRetry
            rollouts[id]?.due = now.uptime + Self.storeRetry
            return
        }
        logger.error(
            "rollout failed",
            metadata: ["event": "rollout.failed", "object": "\(id)", "message": "\(watch.state.message)"])
        write(watch, of: id, isNews: false)
        if let pin {
            pins[id] = pin
            applyPins()
        }
        if informer.isCurrent { enqueueChanges() }
    }

    private func records(of state: RolloutState, _ pin: Pin?, _ id: ResourceID) -> [StateChange] {
        let key = Key.object(id)
        var records: [StateChange] = [
            .rollout(id, state),
            event(.warning, key, state.failureCode.rawValue, state.message),
        ]
        if let pin, let target = pin.revision {
            records += [.pin(pin), event(.warning, key, "RolledBack", "back to \(target): \(state.message)")]
        } else if let object = desired?.objects[id], object.strategy.autoRollback, object.pin == nil, !state.isProven {
            records.append(event(.warning, key, "NoWayBack", "no earlier revision of it is known to be good"))
        }
        return records
    }

    private func auditEntry(_ pin: Pin) -> AuditEntry {
        AuditEntry(
            time: now.wall, actor: "reconcile", action: "rollback", object: pin.object.description,
            detail: "to \(pin.revision?.id ?? "nothing"): \(pin.reason)", revision: accepted?.revision.id)
    }

    /// What brings the last good template back, once: what was brought back is never rolled back again.
    private func rollback(of id: ResourceID, _ state: RolloutState, _ object: DesiredObject) -> Pin? {
        guard object.strategy.autoRollback, object.pin == nil, !state.isProven, let rejected = accepted?.objects[id],
            let target = wayBack(of: id, from: state)
        else { return nil }
        return Pin(
            object: id, revision: target, cause: .quarantined, reason: state.message, rejected: rejected.meaning,
            since: now.wall)
    }

    /// The revision that a rollback goes back to: good, still known, and with another template.
    func wayBack(of id: ResourceID, from state: RolloutState) -> Revision? {
        guard let good = state.lastGood, let generation = generation(of: id, under: good),
            generation != state.generation
        else { return nil }
        return good
    }

    /// What the members of an object would be with a pin to this revision; nil where that says nothing of it. Policies are
    /// those in force: they are no part of a pin, and may ask for other containers.
    func generation(of id: ResourceID, under revision: Revision) -> String? {
        guard let accepted, let declared = accepted.objects[id], earlierRevisions[revision.id]?.objects[id] != nil
        else { return nil }
        let pin = Pin(
            object: id, revision: revision, cause: .requested, reason: "", rejected: declared.meaning, since: now.wall)
        let others = pins.values.filter { $0.object != id }
        return accepted.applying(pins: others + [pin], revisions: earlierRevisions).state.objects[id]?.generation
    }

    // MARK: Who goes on

    /// Members that may be replaced now and waited for their turn.
    private mutating func wakeGranted(_ turns: ReplacementTurns, of id: ResourceID) {
        guard let waiting = turnWaiters[id] else { return }
        for slot in turns.granted.keys.sorted() {
            let key = Key.member(MemberID(id, slot))
            guard let lane = waiting[key] else { continue }
            turnWaiters[id]?[key] = nil
            add(key, lane)
        }
    }
}
