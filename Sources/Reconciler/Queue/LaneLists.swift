import DequeModule

/// Slots that can be handed out, in the order of their times, ties in the order of insertion; each slot is in it at most
/// once.
///
/// Within a lane slots come in order, since all have the same head start and time does not go back: a list per lane, and
/// the first of all is the least of the heads. What was asked for while its key was being worked on comes late, and has a
/// heap for itself. Insertion, and removal of the first, cost O(1) with the number of lanes as the constant; O(log n) for
/// what came late.
///
/// A slot that leaves a list before it is the first leaves an outdated entry behind. It is dropped when it comes to the
/// head, and with all others of its kind as soon as they are more than 64 and more than those that count.
struct LaneLists: Sendable {
    typealias Entry = SlotHeap.Entry

    private struct List: Sendable {
        var entries = Deque<Entry>()
        var outdated = 0
    }

    /// Where the entry of a slot is.
    private struct Home: Sendable {
        /// The entry's sequence number; 0 where the slot has none.
        var sequence = 0
        /// The number of its list; -1 for the heap of those that came late.
        var list = -1
    }

    private var lists = Lane.allCases.map { _ in List() }
    private var late = SlotHeap()
    private var homes: [Home] = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// - Precondition: the slot is not in it.
    mutating func insert(_ entry: Entry, in lane: Lane) {
        while homes.count <= entry.slot { homes.append(Home()) }
        precondition(homes[entry.slot].sequence == 0, "a slot cannot be in the lists twice")
        count += 1
        let isLate = lists[lane.rawValue].entries.last.map { entry < $0 } ?? false
        homes[entry.slot] = Home(sequence: entry.sequence, list: isLate ? -1 : lane.rawValue)
        if isLate { late.insert(entry) } else { lists[lane.rawValue].entries.append(entry) }
    }

    /// Takes a slot out that is in it.
    mutating func remove(_ slot: Int) {
        let number = homes[slot].list
        homes[slot].sequence = 0
        count -= 1
        if number < 0 {
            late.remove(slot)
            return
        }
        lists[number].outdated += 1
        guard lists[number].outdated > max(64, lists[number].entries.count / 2) else { return }
        lists[number].entries.removeAll { homes[$0.slot].sequence != $0.sequence }
        lists[number].outdated = 0
    }

    mutating func popFirst() -> Entry? {
        var least = late.first
        var source: Int?
        for number in lists.indices {
            guard let head = head(of: number) else { continue }
            if let known = least, known < head { continue }
            least = head
            source = number
        }
        guard let least else { return nil }
        homes[least.slot].sequence = 0
        count -= 1
        if let source { lists[source].entries.removeFirst() } else { late.remove(least.slot) }
        return least
    }

    /// The first entry of a list that counts.
    private mutating func head(of number: Int) -> Entry? {
        while let head = lists[number].entries.first {
            if lists[number].outdated == 0 || homes[head.slot].sequence == head.sequence { return head }
            lists[number].entries.removeFirst()
            lists[number].outdated -= 1
        }
        return nil
    }
}
