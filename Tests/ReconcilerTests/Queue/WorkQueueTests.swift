import ReconcileTesting
import Reconciler
import Testing

struct WorkQueueTests {
    @Test("any number of adds while a key is worked on cause exactly one more turn")
    func oneMoreTurn() {
        var queue = WorkQueue<String>()
        queue.add("a", lane: .heal, now: .zero)
        #expect(queue.get(now: .zero)?.key == "a")
        for _ in 0..<10 { queue.add("a", lane: .heal, now: .zero) }
        #expect(queue.get(now: .zero) == nil)
        queue.done("a", now: .zero)
        #expect(queue.get(now: .zero)?.key == "a")
        queue.done("a", now: .zero)
        #expect(queue.get(now: .zero) == nil)
        #expect(queue.isDrained)
    }

    @Test("keys that are due together keep the order of their adds")
    func tiesInOrder() {
        var queue = WorkQueue<Int>()
        for key in [3, 1, 2] { queue.add(key, lane: .heal, at: .seconds(1), now: .zero) }
        #expect((0..<3).map { _ in queue.get(now: .seconds(1))?.key } == [3, 1, 2])
    }

    @Test("the next deadline is that of a key which still waits")
    func deadline() {
        var queue = WorkQueue<String>()
        #expect(queue.nextDeadline == nil)
        queue.add("a", lane: .heal, at: .seconds(9), now: .zero)
        queue.add("a", lane: .heal, at: .seconds(3), now: .zero)
        queue.add("b", lane: .heal, at: .seconds(5), now: .zero)
        #expect(queue.nextDeadline == .seconds(3))
        #expect(queue.get(now: .seconds(3))?.key == "a")
        #expect(queue.nextDeadline == .seconds(5))
        #expect(queue.get(now: .seconds(5))?.key == "b")
        #expect(queue.nextDeadline == nil)
        #expect(!queue.hasDelayed)
    }

    @Test("lanes go in their order, and first come first served within one")
    func lanes() {
        var queue = WorkQueue<String>()
        for number in 0..<3 {
            for lane in Lane.allCases.reversed() { queue.add("\(lane)-\(number)", lane: lane, now: .zero) }
        }
        let order = (0..<21).map { _ in queue.get(now: .zero)?.key }
        #expect(order == Lane.allCases.flatMap { lane in (0..<3).map { "\(lane)-\($0)" } })
    }

    @Test("an add in a more urgent lane moves the key, one in a less urgent lane does not")
    func merge() {
        var queue = WorkQueue<String>()
        queue.add("a", lane: .prune, now: .zero)
        queue.add("b", lane: .heal, now: .zero)
        queue.add("a", lane: .heal, now: .zero)
        queue.add("a", lane: .resync, now: .zero)
        #expect(queue.get(now: .zero) == .init(key: "b", lane: .heal))
        #expect(queue.get(now: .zero) == .init(key: "a", lane: .heal))
        #expect(queue.lane(ofTurn: "a") == .heal)
    }

    @Test("becoming more urgent never costs a key the place that its waiting earned")
    func raisedLate() {
        var queue = WorkQueue<String>(ageing: .seconds(10))
        queue.add("old", lane: .resync, now: .zero)
        queue.add("new", lane: .prune, now: .seconds(11))
        queue.add("old", lane: .prune, now: .seconds(12))
        #expect(queue.get(now: .seconds(12)) == .init(key: "old", lane: .prune))
    }

    @Test("a key in the last lane has its turn under any load of urgent keys", arguments: Seeds.corpus(20))
    func nothingStarves(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let ageing = Duration.seconds(2)
        var queue = WorkQueue<Int>(ageing: ageing)
        var added: [Int: (time: Duration, lane: Lane)] = [:]
        // Three keys are added for every two turns, so that the queue only grows.
        for tick in 0..<300 {
            let now = Duration.milliseconds(100 * tick)
            for key in (3 * tick)..<(3 * tick + 3) {
                let lane = Lane.allCases.randomElement(using: &random) ?? .heal
                queue.add(key, lane: lane, now: now)
                added[key] = (now, lane)
            }
            for _ in 0..<2 {
                guard let turn = queue.get(now: now), let taken = added.removeValue(forKey: turn.key) else { return }
                // Whoever still waits was not overtaken by more than the lanes are apart.
                let place = taken.time + ageing * taken.lane.rawValue
                let overtaken = added.values.filter { $0.time + ageing * $0.lane.rawValue < place }
                #expect(overtaken.isEmpty)
                queue.done(turn.key, now: now)
            }
        }
    }

    @Test("the wait of a key is bounded by what was added before its head start was used up")
    func boundedWait() {
        var queue = WorkQueue<Int>(ageing: .seconds(10))
        queue.add(-1, lane: .resync, now: .zero)
        var turns = 0
        // A worker that is always busy with something urgent: one key comes, one goes.
        for second in 0..<1_000 {
            queue.add(second, lane: .policyRepair, now: .seconds(second))
            guard let turn = queue.get(now: .seconds(second)) else { break }
            queue.done(turn.key, now: .seconds(second))
            turns += 1
            if turn.key == -1 { break }
        }
        #expect(turns == 61)
    }

    @Test("a key that always fails delays no other")
    func poison() {
        var queue = WorkQueue<Int>()
        var limiter = RateLimiter<Int>(seed: 1)
        var turns: [Int: Int] = [:]
        for key in 0..<10 { queue.add(key, lane: .heal, now: .zero) }
        for tick in 0..<10_000 {
            let now = Duration.milliseconds(10 * tick)
            while let key = queue.get(now: now)?.key {
                turns[key, default: 0] += 1
                let delay = key == 0 ? limiter.delay(for: key, now: now) : .seconds(1)
                queue.add(key, lane: .heal, at: now + delay, now: now)
                queue.done(key, now: now)
            }
        }
        #expect((1..<10).allSatisfy { turns[$0] == 100 })
        #expect((turns[0] ?? 0) < 12)
    }
}
