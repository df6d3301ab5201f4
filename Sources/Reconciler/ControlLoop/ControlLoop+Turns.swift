import Logging
import Specs

extension ControlLoop {
    /// Hands out keys as long as the engine bears more steps.
    mutating func startTurns() {
        // Also while nobody can have a turn, or `nextDeadline` would stay in the past and be asked for again and again.
        queue.queueDue(by: now.uptime)
        // Each turn without a step is over at once; a bound keeps keys that wake each other from holding up the world.
        var left = 100_000
        var planning: Planning?
        while left > 0, desired != nil, informer.isCurrent, slotsInUse < concurrency.current,
            let turn = queue.get(now: now.uptime)
        {
            left -= 1
            var current = planning ?? Planning(context)
            // A turn that begins nothing leaves everything as it was planned from.
            planning = begin(turn.key, &current) ? nil : current
        }
    }

    /// A pull takes none: it may last many minutes, in which other keys have work to do. How many layers are fetched at
    /// once is the engine's business, which has a limit of its own.
    private var slotsInUse: Int { queue.processingCount - flights.values.count(where: \.step.isPull) }

    /// One turn of one key: plans it from what is known now, and takes at most one step.
    ///
    /// - Returns: whether something may have begun.
    private mutating func begin(_ key: Key, _ planning: inout Planning) -> Bool {
        if doubts[key] != nil {
            // A look was asked for when the doubt arose; one that misses something is repeated after a pause.
            doubts[key]?.waitingIn = queue.lane(ofTurn: key) ?? .resync
            end(key)
            return false
        }
        guard let action = planning.nextAction(of: key) else {
            settled(key)
            end(key)
            return false
        }
        // What was made last stands as it should; if it differs later, somebody else changed it, and that is no loop.
        if action.reason == .surplus { repairs.forget(key) }
        switch action.verdict {
        case .go:
            if let other = keyAtWork(on: action.steps.first?.network) {
                wait(key, for: other, &planning)
                break
            }
            if !pursue(action) { end(key) }
            return true
        case .notBefore(let time): delayed(key, until: time, action)
        // These wait for something else than time: a failure of before must not keep them from being queued again.
        case .held(let hold):
            limiter.forget(key)
            wait(key, queue.lane(ofTurn: key) ?? .resync, until: hold.until)
        case .stalled(let stall): giveUp(key, stall)
        case .waitFor(let other): wait(key, for: other, &planning)
        }
        end(key)
        return false
    }

    /// Whose step on the network has no answer yet, or may have happened. Objects of two kinds may share a name and thus a network, and Docker
    /// makes two networks of one name when it is asked twice.
    private func keyAtWork(on network: String?) -> Key? {
        guard let network else { return nil }
        if let flight = flights.values.first(where: { $0.step.network == network }) { return flight.action.key }
        return doubts.filter { $0.value.network == network }.keys.min()
    }

    /// The turn is over.
    mutating func end(_ key: Key) { queue.done(key, now: now.uptime) }

    mutating func giveUp(_ key: Key, _ stall: Stall) {
        limiter.forget(key)
        markStalled(key, stall)
    }

    /// What a person, a commit or a full look opens is queued then. What time opens is queued for that time, and what
    /// another member opens as soon as something is seen of one.
    private mutating func wait(_ key: Key, _ lane: Lane, until: Until?) {
        switch until {
        // The wall clock may be set: a look now and then finds out, and nothing rests on the length of the sleep. A single
        // run does not wait for it.
        case .time(let moment):
            if case .untilSettled = mode { return }
            add(key, lane, at: now.uptime + max(.seconds(1), moment.wall - now.wall.wall))
        case .uptime(let time): add(key, lane, at: time)
        case .ready, nil: if let object = key.object { heldKeys[object, default: [:]][key] = lane }
        case .approved, .resumed, .uncordoned, .commit, .rollout, .diskFree, .memoryInUse, .engineRestart, .observed:
            break
        }
    }

    /// Something was seen of a container of the object.
    mutating func wakeHeldKeys(of object: ResourceID) {
        guard let held = heldKeys.removeValue(forKey: object) else { return }
        for (key, lane) in held.sorted(by: { $0.key < $1.key }) { add(key, lane) }
    }

    private mutating func wait(_ key: Key, for other: Key, _ planning: inout Planning) {
        limiter.forget(key)
        let lane = queue.lane(ofTurn: key) ?? .resync
        if case .member(let member) = key, case .member(let first) = other, member.object == first.object {
            // Its turn comes when some member or other is done, see `wakeGranted`.
            turnWaiters[member.object, default: [:]][key] = lane
        } else {
            waiters[other, default: [:]][key] = lane
        }
        // What it waits for may be news, such as a network that somebody removed. Where nothing can be done about it, as
        // in an object that is held, its turn would end at once and wake this key again: the next look is soon enough.
        // Nor is it news where that key waits itself: two could wake each other for ever.
        if limiter.failures(of: other) == 0, stalls[other] == nil,
            !waiters.values.contains(where: { $0[other] != nil }),
            planning.nextAction(of: other) != nil
        {
            add(other, lane)
        }
    }

    func nextAction(of key: Key) -> Action? {
        var planning = Planning(context)
        return planning.nextAction(of: key)
    }

    /// Nothing is left to do for the key: whoever waited for it may go on.
    private mutating func settled(_ key: Key) {
        limiter.forget(key)
        repairs.forget(key)
        stalls[key] = nil
        hasSettled = true
        if let object = key.object, turnWaiters[object] != nil { dirtyRollouts.insert(object) }
        let waiting = waiters.removeValue(forKey: key) ?? [:]
        for (waiter, lane) in waiting.sorted(by: { $0.key < $1.key }) { add(waiter, lane) }
    }

    private mutating func delayed(_ key: Key, until time: Duration, _ action: Action) {
        if case .untilSettled = mode, case .member(let member) = key,
            restarts.starts(of: member) >= settings.failuresBeforeStall
        {
            return markStalled(
                key, Stall(.crashLoop, "\(action.reason), \(restarts.starts(of: member)) times in a row"))
        }
        addAgain(key, at: time)
    }

    mutating func markStalled(_ key: Key, _ stall: Stall) {
        if stalls.updateValue(stall, forKey: key) == stall { return }
        note(event(.warning, key, stall.code.rawValue, stall.message))
        logger.error(
            "stalled",
            metadata: [
                "event": "key.stalled", "object": "\(key)", "reason": "\(stall.code.rawValue)",
                "message": "\(stall.message)",
            ])
    }

    // MARK: Asking for turns

    /// Queues every key for which something could be done.
    mutating func enqueueChanges() {
        // What is asked of pools comes first, or their members would be planned once more when it is known.
        // A claim that is over by now is not lost as well.
        if isRunning, !isStopping { endOverdue() }
        lookAtDirtyPools()
        let plan = plan(.everything)
        let actions = plan.actions
        // What a person had synced is done, once nothing is left of it: what another gate holds meanwhile is not done.
        if !gates.manualSyncs.isEmpty, informer.observed.isComplete {
            gates.manualSyncs.formIntersection(actions.filter(\.isChange).compactMap(\.key.object))
        }
        // Somebody may have put right what only a person could.
        let open = Set(actions.map(\.key))
        stalls = stalls.filter { open.contains($0.key) }
        noteApplied(by: plan)
        // Whoever still waits for something, or is still held, says so below or at its next turn.
        waiters = waiters.filter { open.contains($0.key) }.mapValues { $0.filter { open.contains($0.key) } }
        heldKeys = [:]
        turnWaiters = [:]
        // A single run gives up on a key once, or it would never end.
        let givenUp: Set<Key> = if case .untilSettled = mode { Set(stalls.keys) } else { [] }
        for action in actions where !givenUp.contains(action.key) {
            switch action.verdict {
            case .held(let hold): wait(action.key, lane(of: action), until: hold.until)
            case .notBefore(let time): add(action.key, lane(of: action), at: time)
            case .stalled(let stall): markStalled(action.key, stall)
            // A key that failed comes back by itself when its backoff is over, and not before.
            case .go, .waitFor: if limiter.failures(of: action.key) == 0 { add(action.key, lane(of: action)) }
            }
        }
    }

    func lane(of action: Action) -> Lane {
        guard case .member(let member) = action.key else { return Lane(action, wasMade: false) }
        // A member of a pool is made for whoever comes, or for somebody who waits.
        if action.reason == .missing, desired?.objects[member.object]?.pool != nil {
            return claims.waiting[member.object] == nil ? .refill : .claim
        }
        return Lane(action, wasMade: informer.observed.storedIncarnations[member] != nil)
    }

    mutating func add(_ key: Key, _ lane: Lane) { queue.add(key, lane: lane, now: now.uptime) }

    mutating func add(_ key: Key, _ lane: Lane, at time: Duration) {
        queue.add(key, lane: lane, at: time, now: now.uptime)
    }

    /// Asks for another turn of a key at its turn, as urgent as this one: what was begun is finished.
    mutating func addAgain(_ key: Key, at time: Duration = .zero) {
        add(key, queue.lane(ofTurn: key) ?? .resync, at: time)
    }
}
