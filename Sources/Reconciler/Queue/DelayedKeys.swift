import HeapModule

/// Keys that wait for a time, the earliest first, ties in the order of insertion.
struct DelayedKeys<Key: Hashable & Sendable>: Sendable {
    struct Entry: Comparable, Sendable {
        var key: Key
        var readyAt: Duration
        var sequence: Int

        static func < (a: Self, b: Self) -> Bool { (a.readyAt, a.sequence) < (b.readyAt, b.sequence) }
        static func == (a: Self, b: Self) -> Bool { a.sequence == b.sequence }
    }

    private var heap = Heap<Entry>()
    /// The due time in force of each key; an entry of the heap that does not match it was overtaken.
    private var readyAt: [Key: Duration] = [:]
    private var nextSequence = 0

    var isEmpty: Bool { readyAt.isEmpty }
    var first: Entry? { heap.min }

    /// Keeps the earlier time when the key waits already.
    mutating func insert(_ key: Key, readyAt time: Duration) {
        if let known = readyAt[key], known <= time { return }
        readyAt[key] = time
        heap.insert(Entry(key: key, readyAt: time, sequence: nextSequence))
        nextSequence += 1
    }

    mutating func popFirst(dueBy now: Duration) -> Key? {
        guard let first = heap.min, first.readyAt <= now else { return nil }
        heap.removeMin()
        readyAt[first.key] = nil
        dropOvertaken()
        return first.key
    }

    /// Keeps the front in force, so that `first` never names a time at which nothing is due.
    private mutating func dropOvertaken() {
        while let first = heap.min, readyAt[first.key] != first.readyAt { heap.removeMin() }
    }
}
