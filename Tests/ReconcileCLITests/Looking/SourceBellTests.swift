import API
import Testing

@testable import ReconcileCLI

/// Looks at the source before their time.
struct SourceBellTests {
    @Test("who rings is answered by a look that began after the ring")
    func answers() async {
        let bell = SourceBell()
        let first = Task { await bell.ringAndWait() }
        await bell.wait(upTo: .seconds(60))
        bell.begin()
        // While that look is under way.
        let second = Task { await bell.ringAndWait() }
        await bell.wait(upTo: .seconds(60))
        bell.end(SyncAnswer(.current, "one"))
        #expect(await first.value.message == "one")
        bell.begin()
        bell.end(SyncAnswer(.failed, "two"))
        #expect(await second.value == SyncAnswer(.failed, "two"))
    }

    @Test("the time is over when nobody rings, and many rings are one")
    func waiting() async {
        let bell = SourceBell()
        for _ in 0..<10 { bell.ring() }
        await bell.wait(upTo: .seconds(60))
        let begun = ContinuousClock.now
        await bell.wait(upTo: .milliseconds(30))
        #expect(begun.duration(to: .now) >= .milliseconds(30))
    }

    @Test("nobody waits for a daemon that stops")
    func closing() async {
        let bell = SourceBell()
        let waiting = Task { await bell.ringAndWait() }
        await bell.wait(upTo: .seconds(60))
        bell.close()
        #expect(await waiting.value.outcome == .stopping)
        #expect(await bell.ringAndWait().outcome == .stopping)
    }
}
