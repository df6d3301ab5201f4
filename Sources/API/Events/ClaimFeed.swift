import Reconciler
import Synchronization

/// Hands every change of a claim that the journal has written to whoever watches that claim.
///
/// What is shown is a state and not a history: one who reads slowly finds the newest changes, and nobody waits for them.
final class ClaimFeed: Sendable {
    static let mostWatchers = 4_096

    private struct Contents {
        var watches: [ClaimID: [Int: ClaimWatch]] = [:]
        var count = 0
        var lastNumber = 0
        var isClosed = false
    }

    private let contents = Mutex(Contents())

    /// How many watch.
    var count: Int { contents.withLock { $0.count } }

    /// - Returns: nil when too many watch, or when nobody is told anything any more.
    func watch(_ id: ClaimID) -> ClaimWatch? {
        contents.withLock { contents in
            guard !contents.isClosed, contents.count < Self.mostWatchers else { return nil }
            contents.lastNumber += 1
            contents.count += 1
            let watch = ClaimWatch(contents.lastNumber, of: id)
            contents.watches[id, default: [:]][watch.number] = watch
            return watch
        }
    }

    func publish(_ claim: Claim) {
        let watches = contents.withLock { $0.watches[claim.id].map { Array($0.values) } ?? [] }
        for watch in watches { watch.add(claim) }
    }

    /// Has everybody who watches look up, although nothing has happened.
    func wake() {
        let watches = contents.withLock { $0.watches.values.flatMap(\.values) }
        for watch in watches { watch.wake() }
    }

    func remove(_ watch: ClaimWatch) {
        contents.withLock { contents in
            guard contents.watches[watch.id]?.removeValue(forKey: watch.number) != nil else { return }
            contents.count -= 1
            if contents.watches[watch.id]?.isEmpty == true { contents.watches[watch.id] = nil }
        }
        watch.finish()
    }

    func close() {
        let watches = contents.withLock { contents in
            (contents.isClosed, contents.count) = (true, 0)
            defer { contents.watches = [:] }
            return contents.watches.values.flatMap(\.values)
        }
        for watch in watches { watch.finish() }
    }
}

/// What somebody who watches a claim was not told yet.
final class ClaimWatch: Sendable {
    /// Of more changes than these only the newest are kept.
    private static let mostChanges = 64

    let number: Int
    let id: ClaimID
    /// An element when there may be something new; ends when nothing more comes.
    let wakes: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation
    private let changes = Mutex<[Claim]>([])

    init(_ number: Int, of id: ClaimID) {
        self.number = number
        self.id = id
        (wakes, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func add(_ claim: Claim) {
        changes.withLock { changes in
            if changes.count == Self.mostChanges { changes.removeFirst() }
            changes.append(claim)
        }
        wake()
    }

    func wake() { continuation.yield() }

    func finish() { continuation.finish() }

    /// All that is new, oldest first.
    func take() -> [Claim] {
        changes.withLock { changes in
            defer { changes = [] }
            return changes
        }
    }

    /// All that is newer than a claim that was looked up after the watch had begun.
    func take(after claim: Claim) -> [Claim] {
        let changes = take()
        // What was looked up was announced before, so that it is among them unless nothing has happened.
        return Array(changes.dropFirst((changes.lastIndex(of: claim) ?? -1) + 1))
    }
}
