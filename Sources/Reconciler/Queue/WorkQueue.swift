import DequeModule

/// A deduplicating queue of keys with delayed adds: no key is handed out twice at once, and any number of adds while
/// a key is being worked on cause exactly one more turn.
///
/// A pure state machine: it never waits and reads no clock; times are durations since the controller started. The
/// rules are those of client-go's work queue (`util/workqueue/queue.go`, `delaying_queue.go`, Apache-2.0), with three
/// differences: delayed keys that are due together keep the order of their adds, `isDrained` looks at queued keys too,
/// and `done` for a key that was not handed out is a programming error.
package struct WorkQueue<Key: Hashable & Sendable>: Sendable {
    private var queue = Deque<Key>()
    /// Needs work: what is queued, and what was added again while it is being worked on.
    private var dirty: Set<Key> = []
    /// Handed out and not done.
    private(set) package var processing: Set<Key> = []
    private var delayed = DelayedKeys<Key>()
    private(set) package var isShuttingDown = false

    package init() {}

    /// Keys that `get` would hand out now.
    package var count: Int { queue.count }
    package var hasDelayed: Bool { !delayed.isEmpty }
    /// Nothing queued and nothing handed out; delayed keys do not count.
    package var isDrained: Bool { queue.isEmpty && processing.isEmpty }
    /// When the next delayed key is due.
    package var nextDeadline: Duration? { delayed.first?.readyAt }

    /// Asks for one turn of the key. Dropped when shutting down.
    package mutating func add(_ key: Key) {
        guard !isShuttingDown, dirty.insert(key).inserted else { return }
        if !processing.contains(key) { queue.append(key) }
    }

    /// Asks for a turn at a later time. The earliest of several asked-for times wins.
    package mutating func add(_ key: Key, at readyAt: Duration, now: Duration) {
        guard !isShuttingDown else { return }
        if readyAt <= now { add(key) } else { delayed.insert(key, readyAt: readyAt) }
    }

    /// Hands out the next key, after delayed keys that are due by now were queued; nil when there is none.
    package mutating func get(now: Duration) -> Key? {
        while let due = delayed.popFirst(dueBy: now) { add(due) }
        guard let key = queue.popFirst() else { return nil }
        processing.insert(key)
        dirty.remove(key)
        return key
    }

    /// Ends the turn of a key that `get` handed out; it is queued again if it was added meanwhile.
    package mutating func done(_ key: Key) {
        let wasProcessing = processing.remove(key) != nil
        precondition(wasProcessing, "done for a key that was not handed out")
        if dirty.contains(key) { queue.append(key) }
    }

    /// Takes no more adds and drops delayed keys; what is queued is still handed out.
    package mutating func shutDown() {
        isShuttingDown = true
        delayed = DelayedKeys()
    }
}
