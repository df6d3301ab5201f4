/// Slots in the order of a time, ties in the order of insertion; each slot is in it at most once.
///
/// A heap with four children per node that knows where each slot is, so that a slot can be taken out of the middle and
/// nothing outdated stays behind. Insertion and removal cost O(log n), and insertion in order O(1).
struct SlotHeap: Sendable {
    struct Entry: Sendable {
        var time: Duration
        var sequence: Int
        var slot: Int

        static func < (a: Self, b: Self) -> Bool { a.time < b.time || (a.time == b.time && a.sequence < b.sequence) }
    }

    private var entries: [Entry] = []
    /// Where each slot is; -1 for nowhere.
    private var places: [Int32] = []

    var isEmpty: Bool { entries.isEmpty }
    var count: Int { entries.count }
    var first: Entry? { entries.first }

    func contains(_ slot: Int) -> Bool { slot < places.count && places[slot] >= 0 }

    /// The entry of a slot; nil when it has none.
    subscript(slot: Int) -> Entry? { contains(slot) ? entries[Int(places[slot])] : nil }

    /// - Precondition: the slot is not in it.
    mutating func insert(_ entry: Entry) {
        while places.count <= entry.slot { places.append(-1) }
        precondition(places[entry.slot] < 0, "a slot cannot be in the heap twice")
        entries.append(entry)
        siftUp(entry, from: entries.count - 1)
    }

    @discardableResult
    mutating func remove(_ slot: Int) -> Entry? {
        guard contains(slot) else { return nil }
        let place = Int(places[slot])
        let removed = entries[place]
        places[slot] = -1
        let last = entries.removeLast()
        if place == entries.count { return removed }
        if place > 0 && last < entries[(place - 1) / 4] {
            siftUp(last, from: place)
        } else {
            siftDown(last, from: place)
        }
        return removed
    }

    private mutating func siftUp(_ entry: Entry, from start: Int) {
        var place = start
        while place > 0 {
            let parent = (place - 1) / 4
            guard entry < entries[parent] else { break }
            put(entries[parent], at: place)
            place = parent
        }
        put(entry, at: place)
    }

    private mutating func siftDown(_ entry: Entry, from start: Int) {
        var place = start
        while true {
            let first = 4 * place + 1
            guard first < entries.count else { break }
            var least = first
            for child in (first + 1)..<max(first + 1, min(first + 4, entries.count))
            where entries[child] < entries[least] {
                least = child
            }
            guard entries[least] < entry else { break }
            put(entries[least], at: place)
            place = least
        }
        put(entry, at: place)
    }

    private mutating func put(_ entry: Entry, at place: Int) {
        entries[place] = entry
        places[entry.slot] = Int32(truncatingIfNeeded: place)
    }
}
