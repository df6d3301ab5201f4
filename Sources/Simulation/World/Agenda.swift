/// What will happen, by time; what is due at one moment comes in the order in which it was asked for.
struct Agenda<Item> {
    private struct Entry {
        var time: Duration
        var number: UInt64
        var item: Item
    }

    /// A binary heap, the earliest first.
    private var entries: [Entry] = []
    private var lastNumber: UInt64 = 0

    var isEmpty: Bool { entries.isEmpty }
    var nextTime: Duration? { entries.isEmpty ? nil : entries[0].time }

    mutating func add(_ item: Item, at time: Duration) {
        lastNumber += 1
        entries.append(Entry(time: time, number: lastNumber, item: item))
        var child = entries.count - 1
        while child > 0, isEarlier(child, (child - 1) / 2) {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes the earliest; nil when there is none.
    mutating func popFirst() -> (time: Duration, item: Item)? {
        guard let last = entries.indices.last else { return nil }
        entries.swapAt(0, last)
        let first = entries.removeLast()
        var parent = 0
        while true {
            var next = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < entries.count && isEarlier(child, next) {
                next = child
            }
            if next == parent { return (first.time, first.item) }
            entries.swapAt(parent, next)
            parent = next
        }
    }

    private func isEarlier(_ a: Int, _ b: Int) -> Bool {
        (entries[a].time, entries[a].number) < (entries[b].time, entries[b].number)
    }
}
