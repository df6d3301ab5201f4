import ReconcileTesting
import Reconciler
import Testing

/// Random calls on the queue, checked against the simplest thing that could be right.
struct WorkQueueModelTests {
    @Test("the queue does what its contract says under any order of calls", arguments: Seeds.corpus(50))
    func model(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var model = QueueModel()
        for _ in 0..<1_000 {
            let key = Int.random(in: 0..<6, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0...2: model.add(key)
            case 3...4: model.add(key, after: Int.random(in: 0..<50, using: &random))
            case 5...6: model.get()
            case 7...8: if let held = model.processing.randomElement(using: &random) { model.done(held) }
            default: model.now += Int.random(in: 0..<20, using: &random)
            }
        }
        model.drain()
    }

    @Test("any number of adds while a key is worked on cause exactly one more turn")
    func oneMoreTurn() {
        var queue = WorkQueue<String>()
        queue.add("a")
        #expect(queue.get(now: .zero) == "a")
        for _ in 0..<10 { queue.add("a") }
        #expect(queue.get(now: .zero) == nil)
        queue.done("a")
        #expect(queue.get(now: .zero) == "a")
        queue.done("a")
        #expect(queue.get(now: .zero) == nil)
        #expect(queue.isDrained)
    }

    @Test("keys that are due together keep the order of their adds")
    func tiesInOrder() {
        var queue = WorkQueue<Int>()
        for key in [3, 1, 2] { queue.add(key, at: .seconds(1), now: .zero) }
        #expect((0..<3).map { _ in queue.get(now: .seconds(1)) } == [3, 1, 2])
    }

    @Test("the next deadline is that of a key which still waits")
    func deadline() {
        var queue = WorkQueue<String>()
        #expect(queue.nextDeadline == nil)
        queue.add("a", at: .seconds(9), now: .zero)
        queue.add("a", at: .seconds(3), now: .zero)
        queue.add("b", at: .seconds(5), now: .zero)
        #expect(queue.nextDeadline == .seconds(3))
        #expect(queue.get(now: .seconds(3)) == "a")
        #expect(queue.nextDeadline == .seconds(5))
        #expect(queue.get(now: .seconds(5)) == "b")
        #expect(queue.nextDeadline == nil)
        #expect(!queue.hasDelayed)
    }

    @Test("shutting down drops what waits for a time, and hands out what is queued")
    func shutDown() {
        var queue = WorkQueue<String>()
        queue.add("a")
        queue.add("b", at: .seconds(1), now: .zero)
        queue.shutDown()
        queue.add("c")
        queue.add("d", at: .zero, now: .zero)
        #expect(!queue.isDrained)
        #expect(queue.get(now: .seconds(9)) == "a")
        #expect(queue.get(now: .seconds(9)) == nil)
        queue.done("a")
        #expect(queue.isDrained)
    }
}

/// Sets and a list: what is queued, what is worked on, what was added meanwhile, and what waits.
private struct QueueModel {
    var now = 0
    var processing: Set<Int> = []
    private var queue = WorkQueue<Int>()
    private var queued: [Int] = []
    private var again: Set<Int> = []
    private var waiting: [(key: Int, readyAt: Int, sequence: Int)] = []
    private var sequence = 0

    mutating func add(_ key: Int) {
        queue.add(key)
        note(key)
    }

    private mutating func note(_ key: Int) {
        if processing.contains(key) { again.insert(key) } else if !queued.contains(key) { queued.append(key) }
    }

    mutating func add(_ key: Int, after delay: Int) {
        queue.add(key, at: .milliseconds(now + delay), now: .milliseconds(now))
        if delay == 0 { return note(key) }
        if let index = waiting.firstIndex(where: { $0.key == key }) {
            if waiting[index].readyAt <= now + delay { return }
            waiting.remove(at: index)
        }
        waiting.append((key, now + delay, sequence))
        sequence += 1
    }

    mutating func get() {
        let due = waiting.filter { $0.readyAt <= now }.sorted { ($0.readyAt, $0.sequence) < ($1.readyAt, $1.sequence) }
        waiting.removeAll { $0.readyAt <= now }
        for entry in due { note(entry.key) }
        let expected = queued.isEmpty ? nil : queued.removeFirst()
        let key = queue.get(now: .milliseconds(now))
        #expect(key == expected)
        if let key { #expect(processing.insert(key).inserted, "handed out twice") }
        #expect(queue.processing == processing)
        #expect(queue.count == queued.count)
        #expect(queue.nextDeadline == waiting.map(\.readyAt).min().map { .milliseconds($0) })
    }

    mutating func done(_ key: Int) {
        queue.done(key)
        processing.remove(key)
        if again.remove(key) != nil { queued.append(key) }
    }

    mutating func drain() {
        now += 1_000
        while !queue.isDrained || queue.hasDelayed {
            get()
            for key in processing.sorted() { done(key) }
        }
        #expect(queued.isEmpty && waiting.isEmpty && again.isEmpty)
    }
}
