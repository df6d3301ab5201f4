import Logging
import Specs

/// The rollout of one object between two inputs.
struct RolloutWatch: Sendable {
    var state: RolloutState
    /// When it has failed if it is no further, in time since the start.
    var deadline: Duration
    /// When it is looked at next: then, or when a member has been ready for long enough.
    var due: Duration

    init(_ state: RolloutState, deadline: Duration) {
        self.state = state
        self.deadline = deadline
        due = deadline
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
        let revision = object.pin?.revision ?? desired?.revision ?? Revision(id: "", reference: "")
        let stored = storedRollouts?.removeValue(forKey: id)
        guard var watch = rollouts[id] ?? stored.map({ recall($0, object) }) else {
            let state = RolloutState(generation: object.generation, revision: revision, at: now.wall)
            return write(RolloutWatch(state, deadline: now.uptime + object.strategy.progressDeadline), of: id)
        }
        let cause: RolloutState.Cause =
            switch object.pin?.cause {
            case nil: .commit
            case .quarantined: .rollback
            case .requested: .undo
            }
        if watch.state.generation != object.generation {
            watch.state.begin(
                generation: object.generation, revision: revision, cause: cause,
                lastGood: lastGood(id, watch.state, before: object.generation), at: now.wall)
            watch.deadline = now.uptime + object.strategy.progressDeadline
            return write(watch, of: id)
        }
        // Git has come to say by itself what was brought back.
        let isReturned = cause == .commit && [.undo, .rollback].contains(watch.state.cause)
        if isReturned { (watch.state.cause, watch.state.revision) = (cause, revision) }
        if isReturned || rollouts[id] == nil { write(watch, of: id, isNews: isReturned) }
        if watch.state.isOpen { dirtyRollouts.insert(id) }
    }

    /// What an earlier run remembered. The time in which nobody did anything counts, but for what every run has.
    private func recall(_ state: RolloutState, _ object: DesiredObject) -> RolloutWatch {
        let deadline = object.strategy.progressDeadline
        let past = Duration.seconds(max(0, now.wall.secondsSince1970 - state.lastProgress.secondsSince1970))
        let left = max(min(Self.leastTime, deadline), deadline - past)
        return RolloutWatch(state, deadline: now.uptime + left)
    }

    /// The last revision under which the object was complete with another template than this one.
    private func lastGood(_ id: ResourceID, _ state: RolloutState, before next: String) -> Revision? {
        func says(_ revision: Revision?, _ isMeant: (String) -> Bool) -> Revision? {
            guard let revision, let object = earlierRevisions[revision.id]?.objects[id] else { return nil }
            return isMeant(object.generation) ? revision : nil
        }
        if state.phase == .complete {
            // The newest that says the same, since that is kept for longest.
            let isSame = { $0 == state.generation }
            if let revision = says(previous, isSame) ?? says(state.revision, isSame) { return revision }
        }
        return says(state.lastGood) { $0 != next }
    }

    /// Has planning know what it must, and what the next run must know on the disk with the next commit.
    private mutating func write(_ watch: RolloutWatch, of id: ResourceID, isNews: Bool = true) {
        var watch = watch
        if watch.state.isOpen { watch.due = now.uptime }
        rollouts[id] = watch
        // What is brought back goes on being brought back.
        let isForward = [.commit, .restart].contains(watch.state.cause)
        let failure = watch.state.phase == .failed && isForward ? watch.state.message : nil
        let order = RolloutOrder(failure: failure, restart: watch.state.restart)
        gates.rollouts[id] = order == RolloutOrder() ? nil : order
        if isNews { note(.rollout(id, watch.state)) }
        if watch.state.isOpen { dirtyRollouts.insert(id) }
    }

    /// Takes over what a person asked for; it is on the disk.
    mutating func take(_ state: RolloutState, of id: ResourceID, deadline: Duration) {
        write(RolloutWatch(state, deadline: now.uptime + deadline), of: id, isNews: false)
    }

    // MARK: How far it is

    /// Looks at every rollout of which something is new, or whose time has come.
    mutating func tendRollouts() {
        if dirtyRollouts.isEmpty, nextRollout.map({ $0 > now.uptime }) ?? true { return }
        guard isRunning, !isStopping, desired != nil, informer.isCurrent else { return }
        let due = rollouts.filter { $0.value.state.isOpen && $0.value.due <= now.uptime }.map(\.key)
        let open = dirtyRollouts.union(due).sorted()
        dirtyRollouts = []
        for id in open { look(at: id) }
        let isTimed = if case .forever = mode { true } else { false }
        nextRollout = isTimed ? rollouts.values.lazy.filter(\.state.isOpen).map(\.due).min() : nil
    }

    private mutating func look(at id: ResourceID) {
        guard var watch = rollouts[id], let desired, let object = desired.objects[id] else { return }
        let view = PlanContext(desired, informer.observed, currentGates, now).view(id)
        let turns = view.turns
        wakeGranted(turns, of: id)
        guard view.hold == nil, watch.state.isOpen, informer.observed.isComplete else {
            watch.due = now.uptime + object.strategy.progressDeadline
            rollouts[id] = watch
            return
        }
        if turns.counts.isComplete { return complete(id, watch, turns.counts) }
        if watch.state.advance(to: turns.counts, at: now.wall) {
            watch.deadline = now.uptime + object.strategy.progressDeadline
            if watch.state.phase == .failed { return resume(id, watch) }
            note(.rollout(id, watch.state))
        }
        watch.due = max(watch.deadline, now.uptime)
        if let until = turns.unreadyUntil { watch.due = min(watch.due, until) }
        rollouts[id] = watch
        guard case .forever = mode, watch.state.phase == .progressing, watch.deadline <= now.uptime else {
            if watch.state.phase == .failed { rollouts[id]?.due = now.uptime + object.strategy.progressDeadline }
            return
        }
        expire(id, watch, object, view)
    }

    private mutating func complete(_ id: ResourceID, _ watch: RolloutWatch, _ counts: RolloutCounts) {
        var watch = watch
        watch.state.complete(at: now.wall)
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
        for (id, watch) in rollouts where watch.state.isOpen {
            guard let object = desired?.objects[id] else { continue }
            rollouts[id]?.deadline = max(watch.deadline, now.uptime + object.strategy.progressDeadline)
        }
    }

    /// No progress for as long as the spec allows.
    private mutating func expire(
        _ id: ResourceID, _ watch: RolloutWatch, _ object: DesiredObject, _ view: ObjectView
    ) {
        var watch = watch
        guard let why = RolloutFailure.words(of: view, stalls: stalls) else {
            // What a gate holds, or another object, fails nobody.
            watch.state.excuse(at: now.wall)
            watch.deadline = now.uptime + object.strategy.progressDeadline
            watch.due = watch.deadline
            rollouts[id] = watch
            return
        }
        let deadline = object.strategy.progressDeadline.goText
        watch.state.fail("no progress for \(deadline): \(why)", at: now.wall)
        let pin = rollback(of: id, watch.state, object)
        do throws(StateStoreError) {
            try writeDown(records(of: watch.state, pin, id), pin.map { auditEntry($0) })
        } catch {
            // Written down or not done: again as soon as the store may take it.
            complain(error)
            rollouts[id]?.deadline = now.uptime + .seconds(1)
            rollouts[id]?.due = now.uptime + .seconds(1)
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
            event(.warning, key, Stall.Code.progressDeadlineExceeded.rawValue, state.message),
        ]
        if let pin, let target = pin.revision {
            records += [.pin(pin), event(.warning, key, "RolledBack", "back to \(target): \(state.message)")]
        } else if desired?.objects[id]?.strategy.autoRollback == true {
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
        guard object.strategy.autoRollback, object.pin == nil, let rejected = accepted?.objects[id],
            let target = wayBack(of: id, from: state)
        else { return nil }
        return Pin(
            object: id, revision: target, cause: .quarantined, reason: state.message, rejected: rejected.meaning,
            since: now.wall)
    }

    /// The revision that a rollback goes back to: good, still known, and with another template.
    func wayBack(of id: ResourceID, from state: RolloutState) -> Revision? {
        guard let good = state.lastGood, let object = earlierRevisions[good.id]?.objects[id],
            object.generation != state.generation
        else { return nil }
        return good
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

    // MARK: What is said of them

    /// How all rollouts stand, in the order of the objects' names.
    var rolloutReports: [RolloutReport] {
        let context = desired.map { PlanContext($0, informer.observed, currentGates, now) }
        return rollouts.sorted { $0.key < $1.key }.map { id, watch in
            var report = RolloutReport(id, watch.state)
            report.counts = informer.isCurrent ? context?.view(id).turns.counts : nil
            if watch.state.phase == .progressing, case .forever = mode {
                report.secondsLeft = Int(max(.zero, watch.deadline - now.uptime) / .seconds(1))
            }
            return report
        }
    }

    /// Rollouts that have failed, as stalls of their objects.
    var failedRollouts: [Key: Stall] {
        Dictionary(
            uniqueKeysWithValues: rollouts.filter { $0.value.state.phase == .failed }.map { id, watch in
                (Key.object(id), Stall(.progressDeadlineExceeded, watch.state.message))
            })
    }
}
