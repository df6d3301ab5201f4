/// A deduplicating queue of keys with lanes and delayed adds: no key is handed out twice at once, and any number of adds
/// while a key is being worked on cause exactly one more turn.
///
/// A pure state machine: it never waits and reads no clock; times are durations since the controller started, and do
/// not go back. Calls cost O(1), or O(log n) for what is not in order (see `LaneLists`).
///
/// **Order.** The most urgent lane first, and within a lane the key that waits longest. Waiting makes urgent: each lane
/// below another gives it a head start of `ageing`, so that no turn is handed out before one that waits longer by more
/// than their lanes are apart. A key of the last lane is therefore overtaken only by keys that were added less than six
/// times `ageing` after it, whatever is added later.
///
/// **Merging.** A key is in the queue at most once, in the most urgent lane and at the earliest time of all that was
/// asked for since its last turn.
///
/// The rules are those of client-go's work queue and of controller-runtime's priority queue (`util/workqueue`,
/// `pkg/controller/priorityqueue`, both Apache-2.0). Deliberate differences: ageing; keys that are due together keep the
/// order of their adds; a drain waits for what is queued too; and `done` for a key that was not handed out is a
/// programming error.
///
/// Within this module the compiler makes a version for the controller's keys. Other modules call the one for plain
/// numbers, with which the queue is measured beside its peers, or the general one.
package struct WorkQueue<Key: Hashable & Sendable>: Sendable {
    /// One turn of a key, in the lane that was asked for.
    package struct Turn: Hashable, Sendable {
        package var key: Key
        package var lane: Lane

        package init(key: Key, lane: Lane) {
            self.key = key
            self.lane = lane
        }
    }

    /// What whoever shuts the queue down waits for. Both take no more adds and drop delayed keys.
    package enum ShutDown: Hashable, Sendable {
        /// For nothing.
        case atOnce
        /// Until everything that is queued or handed out is done.
        case afterDraining
    }

    private struct Slot: Sendable {
        var key: Key?
        /// What is asked for: the most urgent lane, since when the key could have been handed out, and its place in the
        /// order; nil where nothing is asked for now.
        var lane = Lane.resync
        var queuedAt = Duration.zero
        var place: SlotHeap.Entry?
        /// The lane of the turn that is under way.
        var turn: Lane?
    }

    private let headStarts: [Duration]
    private var index: [Key: Int] = [:]
    private var slots: [Slot] = []
    private var free: [Int] = []
    /// Keys that are asked for and not being worked on.
    private var ready = LaneLists()
    private var waiting = SlotHeap()
    private var running = SlotHeap()
    private var nextSequence = 0
    private var counts = WorkQueueMetrics()
    /// The sum of the times at which the turns under way began.
    private var begun = Duration.zero
    private(set) package var shutDown: ShutDown?

    /// - Parameter ageing: how long a key waits before it counts as one lane more urgent.
    package init(ageing: Duration = .seconds(10)) { headStarts = Lane.allCases.map { ageing * $0.rawValue } }

    /// Keys that `get` would hand out now, apart from delayed keys that have become due since the last call.
    package var count: Int { ready.count }
    /// Keys that are handed out and not done.
    package var processingCount: Int { running.count }
    package var hasDelayed: Bool { !waiting.isEmpty }
    /// Nothing queued and nothing handed out; delayed keys do not count.
    package var isDrained: Bool { ready.isEmpty && running.isEmpty }
    package var isShuttingDown: Bool { shutDown != nil }
    /// Whether whoever shut the queue down need not wait any longer.
    package var isStopped: Bool { shutDown == .atOnce || (shutDown == .afterDraining && isDrained) }
    /// When the next delayed key is due.
    package var nextDeadline: Duration? { waiting.first?.time }

    /// The lane of the turn that the key is at; nil when it is at none.
    package func lane(ofTurn key: Key) -> Lane? { index[key].flatMap { slots[$0].turn } }

    // MARK: Adding

    /// Asks for one turn of the key. Dropped when shutting down.
    @specialized(where Key == Int)
    package mutating func add(_ key: Key, lane: Lane, now: Duration) {
        guard !isShuttingDown else { return }
        queueDue(by: now)
        let slot = slot(of: key)
        if slots[slot].place != nil { return raise(slot, to: lane, now: now) }
        let wasWaiting = waiting.remove(slot) != nil
        enqueue(slot, wasWaiting ? min(lane, slots[slot].lane) : lane, at: now)
    }

    /// Asks for a turn at a later time. The earliest of several asked-for times wins, and no time at all over any.
    @specialized(where Key == Int)
    package mutating func add(_ key: Key, lane: Lane, at readyAt: Duration, now: Duration) {
        guard !isShuttingDown else { return }
        if readyAt <= now { return add(key, lane: lane, now: now) }
        queueDue(by: now)
        counts.retries += 1
        let slot = slot(of: key)
        if slots[slot].place != nil { return raise(slot, to: lane, now: now) }
        guard let known = waiting[slot] else {
            slots[slot].lane = lane
            return waiting.insert(entry(slot, readyAt))
        }
        slots[slot].lane = min(lane, slots[slot].lane)
        if known.time <= readyAt { return }
        waiting.remove(slot)
        waiting.insert(entry(slot, readyAt))
    }

    /// Queues delayed keys that are due by now, as of the time when they became so. Every other call does this first.
    package mutating func queueDue(by now: Duration) {
        while let due = waiting.first, due.time <= now {
            waiting.remove(due.slot)
            enqueue(due.slot, slots[due.slot].lane, at: due.time)
        }
    }

    private mutating func enqueue(_ slot: Int, _ lane: Lane, at time: Duration) {
        let place = entry(slot, time + headStarts[lane.rawValue])
        slots[slot].lane = lane
        slots[slot].queuedAt = time
        slots[slot].place = place
        counts.adds += 1
        counts.depths[lane.rawValue] += 1
        if slots[slot].turn == nil { ready.insert(place, in: lane) }
    }

    /// Moves a queued key to the end of a more urgent lane, unless it has waited so long that its place is better.
    private mutating func raise(_ slot: Int, to lane: Lane, now: Duration) {
        guard lane < slots[slot].lane else { return }
        counts.depths[slots[slot].lane.rawValue] -= 1
        counts.depths[lane.rawValue] += 1
        slots[slot].lane = lane
        let place = entry(slot, now + headStarts[lane.rawValue])
        guard let known = slots[slot].place, place < known else { return }
        slots[slot].place = place
        guard slots[slot].turn == nil else { return }
        ready.remove(slot)
        ready.insert(place, in: lane)
    }

    // MARK: Turns

    /// Hands out the next key; nil when there is none.
    @specialized(where Key == Int)
    package mutating func get(now: Duration) -> Turn? {
        queueDue(by: now)
        guard let slot = ready.popFirst()?.slot, let key = slots[slot].key else { return nil }
        let lane = slots[slot].lane
        slots[slot].place = nil
        slots[slot].turn = lane
        counts.depths[lane.rawValue] -= 1
        counts.queueDuration.observe(now - slots[slot].queuedAt)
        running.insert(entry(slot, now))
        begun += now
        return Turn(key: key, lane: lane)
    }

    /// Ends the turn of a key that `get` handed out. If it was added meanwhile it is queued, in the place of that add.
    @specialized(where Key == Int)
    package mutating func done(_ key: Key, now: Duration) {
        guard let place = index.index(forKey: key), let turn = running.remove(index[place].value) else {
            preconditionFailure("done for a key that was not handed out")
        }
        let slot = turn.slot
        counts.workDuration.observe(now - turn.time)
        begun -= turn.time
        slots[slot].turn = nil
        if let again = slots[slot].place {
            ready.insert(again, in: slots[slot].lane)
        } else if !waiting.contains(slot) {
            index.remove(at: place)
            release(slot)
        }
        queueDue(by: now)
    }

    /// Takes no more adds and drops delayed keys; what is queued is still handed out. A later call decides anew.
    package mutating func shutDown(_ how: ShutDown) {
        shutDown = how
        while let dropped = waiting.first?.slot {
            waiting.remove(dropped)
            guard slots[dropped].turn == nil, let key = slots[dropped].key else { continue }
            index[key] = nil
            release(dropped)
        }
    }

    /// What it has done so far, and what it holds as of now.
    package func metrics(now: Duration) -> WorkQueueMetrics {
        var metrics = counts
        metrics.unfinishedWork = now * running.count - begun
        metrics.longestRunning = running.first.map { now - $0.time } ?? .zero
        return metrics
    }

    // MARK: Slots

    private mutating func entry(_ slot: Int, _ time: Duration) -> SlotHeap.Entry {
        nextSequence += 1
        return SlotHeap.Entry(time: time, sequence: nextSequence, slot: slot)
    }

    /// The slot of a key, a new one if it has none.
    private mutating func slot(of key: Key) -> Int {
        let fresh = free.last ?? slots.count
        // One lookup both finds and inserts.
        let slot = Self.value(of: &index[key, default: fresh])
        if slot != fresh { return slot }
        if free.popLast() == nil { slots.append(Slot(key: key)) } else { slots[slot].key = key }
        return slot
    }

    private static func value(of slot: inout Int) -> Int { slot }

    /// Keeps no reference to the key.
    private mutating func release(_ slot: Int) {
        slots[slot].key = nil
        free.append(slot)
    }
}
