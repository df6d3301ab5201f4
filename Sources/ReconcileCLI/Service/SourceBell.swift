import API
import Synchronization

/// Asks for a look at the source before its time. Those who ask while one is under way share the next one.
final class SourceBell: Sendable {
    private struct Contents {
        /// Whoever waits for a look that begins after they asked.
        var waiting: [CheckedContinuation<SyncAnswer, Never>] = []
        /// Whoever waits for the look that is under way.
        var served: [CheckedContinuation<SyncAnswer, Never>] = []
        var isClosed = false
    }

    private static let stopping = SyncAnswer(.stopping, "the daemon is being stopped; the source was not looked at")

    private let contents = Mutex(Contents())
    private let rings: AsyncStream<Void>
    private let ringer: AsyncStream<Void>.Continuation

    init() { (rings, ringer) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    // MARK: For whoever wants a look

    func ring() { ringer.yield() }

    /// Answers what the look came to.
    func ringAndWait() async -> SyncAnswer {
        await withCheckedContinuation { continuation in
            let isClosed = contents.withLock { contents in
                if !contents.isClosed { contents.waiting.append(continuation) }
                return contents.isClosed
            }
            if isClosed { continuation.resume(returning: Self.stopping) } else { ring() }
        }
    }

    // MARK: For whoever looks

    /// Waits until somebody rings, or until the time is over.
    func wait(upTo time: Duration) async {
        let alarm = Task {
            // A cancelled sleep rings too early, which nobody hears any more.
            try? await Task.sleep(for: time)
            if !Task.isCancelled { ring() }
        }
        var iterator = rings.makeAsyncIterator()
        await iterator.next()
        alarm.cancel()
    }

    func begin() {
        contents.withLock { contents in
            contents.served = contents.waiting
            contents.waiting = []
        }
    }

    func end(_ answer: SyncAnswer) {
        let served = contents.withLock { contents in
            defer { contents.served = [] }
            return contents.served
        }
        for continuation in served { continuation.resume(returning: answer) }
    }

    /// Nobody looks any more.
    func close() {
        let left = contents.withLock { contents in
            contents.isClosed = true
            defer { (contents.waiting, contents.served) = ([], []) }
            return contents.waiting + contents.served
        }
        for continuation in left { continuation.resume(returning: Self.stopping) }
    }
}
