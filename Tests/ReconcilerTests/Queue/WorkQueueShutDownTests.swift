import Reconciler
import Testing

struct WorkQueueShutDownTests {
    @Test("shutting down drops what waits for a time, and hands out what is queued")
    func shutDown() {
        var queue = WorkQueue<String>()
        queue.add("a", lane: .heal, now: .zero)
        queue.add("b", lane: .heal, at: .seconds(1), now: .zero)
        queue.shutDown(.afterDraining)
        queue.add("c", lane: .heal, now: .zero)
        queue.add("d", lane: .heal, at: .zero, now: .zero)
        #expect(!queue.isDrained && !queue.isStopped && !queue.hasDelayed)
        #expect(queue.get(now: .seconds(9))?.key == "a")
        #expect(queue.get(now: .seconds(9)) == nil)
        #expect(!queue.isStopped)
        queue.done("a", now: .seconds(9))
        #expect(queue.isDrained && queue.isStopped)
    }

    @Test("a drain waits for a key that was added while it was worked on, before and during its last turn")
    func drainWaitsForTheQueue() {
        var queue = WorkQueue<String>()
        queue.add("a", lane: .heal, now: .zero)
        _ = queue.get(now: .zero)
        queue.add("a", lane: .heal, now: .zero)
        queue.shutDown(.afterDraining)
        queue.done("a", now: .zero)
        // Nothing is handed out at this moment, and yet there is something left.
        #expect(!queue.isStopped)
        #expect(queue.get(now: .zero)?.key == "a")
        queue.done("a", now: .zero)
        #expect(queue.isStopped)
    }

    @Test("a second shutdown at once ends the wait for a drain")
    func atOnce() {
        var queue = WorkQueue<String>()
        queue.add("a", lane: .heal, now: .zero)
        _ = queue.get(now: .zero)
        queue.shutDown(.afterDraining)
        #expect(!queue.isStopped)
        queue.shutDown(.atOnce)
        #expect(queue.isStopped)
    }

    @Test("a key that waits for a time while it is worked on is dropped and can still be done")
    func delayedWhileWorkedOn() {
        var queue = WorkQueue<String>()
        queue.add("a", lane: .heal, now: .zero)
        _ = queue.get(now: .zero)
        queue.add("a", lane: .heal, at: .seconds(1), now: .zero)
        queue.shutDown(.afterDraining)
        queue.done("a", now: .seconds(2))
        #expect(queue.isStopped && queue.get(now: .seconds(2)) == nil)
    }
}
