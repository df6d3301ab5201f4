import Foundation
import Reconciler

/// What one key costs in the work queue, with lanes, ageing, delayed adds and metrics: add, get and done, a real clock
/// read for each.
struct QueueMeasurement {
    let repetitions: Int
    var keys = 1_000_000

    /// client-go v0.26.1 on Go 1.19 and the same machine; its queue has no priorities, and these runs no metrics.
    private static let peer = (inline: 317, fourAndFour: 819)

    func measure(into report: inout Report) {
        add("queue, one worker inline", (0..<repetitions).map { _ in inline() }, below: 1_000, to: &report)
        report.add("client-go, InlineAddGetDone", "\(Self.peer.inline) ns", "264-378; measured apart, see below")
        add("queue, one worker, all keys queued first", (0..<repetitions).map { _ in queuedFirst() }, to: &report)
        add("queue, four adders and four workers", (0..<repetitions).map { _ in parallel() }, below: 2_000, to: &report)
        report.add("client-go, 4P4C", "\(Self.peer.fourAndFour) ns", "791-875; measured apart, see below")
    }

    private func add(_ figure: String, _ times: [Duration], below limit: Int? = nil, to report: inout Report) {
        let samples = Samples(times.map { $0 / .nanoseconds(1) / Double(keys) })
        report.add(
            "\(figure), per key", "\(samples.median.text(0)) ns",
            "\(samples.minimum.text(0))-\(samples.maximum.text(0)), \(samples.count) runs of \(keys) keys",
            goal: limit.map { .init(text: "< \($0) ns", isMet: samples.median < Double($0)) })
        progress("\(figure): \(samples.median.text(0)) ns")
    }

    /// Every key in a lane of its own turn; one in sixteen comes by way of a delay.
    private static func add(_ key: Int, to queue: inout WorkQueue<Int>, now: Duration) {
        let lane = Lane(rawValue: key % 7) ?? .resync
        if key % 16 == 0 {
            queue.add(key, lane: lane, at: now + .nanoseconds(1), now: now)
        } else {
            queue.add(key, lane: lane, now: now)
        }
    }

    /// A key is done before the next is added.
    private func inline() -> Duration {
        let clock = Stopwatch()
        var queue = WorkQueue<Int>()
        for key in 0..<keys {
            Self.add(key, to: &queue, now: clock.elapsed)
            // A delayed key is due a moment later, maybe only with the next one.
            if let turn = queue.get(now: clock.elapsed) { queue.done(turn.key, now: clock.elapsed) }
        }
        while let turn = queue.get(now: clock.elapsed) { queue.done(turn.key, now: clock.elapsed) }
        precondition(queue.metrics(now: clock.elapsed).workDuration.count == keys)
        return clock.elapsed
    }

    private func queuedFirst() -> Duration {
        let clock = Stopwatch()
        var queue = WorkQueue<Int>()
        for key in 0..<keys { Self.add(key, to: &queue, now: clock.elapsed) }
        while let turn = queue.get(now: clock.elapsed) { queue.done(turn.key, now: clock.elapsed) }
        precondition(queue.metrics(now: clock.elapsed).workDuration.count == keys)
        return clock.elapsed
    }

    private func parallel() -> Duration {
        let shared = SharedQueue()
        let share = keys / 4
        let threads = (0..<8).map { number in
            Thread {
                if number < 4 {
                    for key in (number * share)..<((number + 1) * share) {
                        shared.add { Self.add(key, to: &$0, now: $1) }
                    }
                    shared.adderEnds()
                } else {
                    shared.work()
                }
                shared.ended.signal()
            }
        }
        for thread in threads { thread.start() }
        for _ in threads { shared.ended.wait() }
        precondition(shared.count == 4 * share)
        return shared.clock.elapsed
    }
}

private struct Stopwatch: Sendable {
    private let begun = ContinuousClock.now
    var elapsed: Duration { begun.duration(to: .now) }
}

/// A queue behind a lock. The lock guards every property that changes.
private final class SharedQueue: @unchecked Sendable {
    let clock = Stopwatch()
    let ended = DispatchSemaphore(value: 0)
    private let condition = NSCondition()
    private var queue = WorkQueue<Int>()
    private var adders = 4
    private var sleepers = 0

    var count: Int { condition.withLock { queue.metrics(now: clock.elapsed).workDuration.count } }

    func add(_ body: (inout WorkQueue<Int>, Duration) -> Void) {
        condition.withLock {
            body(&queue, clock.elapsed)
            if sleepers > 0 { condition.signal() }
        }
    }

    func adderEnds() {
        condition.withLock {
            adders -= 1
            condition.broadcast()
        }
    }

    /// Takes keys until there are none and nobody adds any.
    func work() {
        while let key = next() { condition.withLock { queue.done(key, now: clock.elapsed) } }
    }

    private func next() -> Int? {
        condition.withLock {
            while true {
                if let key = queue.get(now: clock.elapsed)?.key { return key }
                if adders == 0 && !queue.hasDelayed { return nil }
                if queue.hasDelayed { continue }
                sleepers += 1
                condition.wait()
                sleepers -= 1
            }
        }
    }
}
