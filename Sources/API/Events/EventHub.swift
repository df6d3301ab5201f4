import NIOCore
package import Reconciler
import Synchronization

/// Hands every event that the journal has written to all who listen, each at its own pace.
///
/// Whoever listens has a buffer of its own, of `bufferSize` messages. One that reads so slowly that its buffer is full is
/// cut off and told so; nobody else waits for it, and least of all the controller, which only leaves a note here.
package final class EventHub: Sendable {
    /// Messages that one listener may be behind.
    static let bufferSize = 256
    /// Past events that a listener who was cut off can still have.
    private static let remembered = 1_000
    static let mostSubscribers = 4_096

    /// One event with its number in this run of the program.
    struct Numbered: Sendable {
        var number: UInt64
        var event: EventRecord
    }

    private struct Contents {
        var last: UInt64 = 0
        var recent: [Numbered] = []
        /// Of earlier runs, oldest first; all that there are, or the newest.
        var earlier: (events: [EventRecord], isAll: Bool) = ([], false)
        var subscribers: [Int: EventSubscription] = [:]
        var lastSubscriber = 0
        var cutOff = 0
        var isClosed = false
    }

    /// Tells the numbers of one run from those of the next.
    private let run: String
    private let contents = Mutex(Contents())
    private let notes: AsyncStream<Numbered>
    private let note: AsyncStream<Numbered>.Continuation

    package init() {
        run = String(UInt32.random(in: 0x1000_0000...(.max)), radix: 16)
        // A note is small, and the pump behind it waits for nobody.
        (notes, note) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(65_536))
    }

    /// How many listen, and how many were cut off so far.
    package var figures: (subscribers: Int, cutOff: Int) {
        contents.withLock { ($0.subscribers.count, $0.cutOff) }
    }

    /// Takes in what was written just now.
    package func publish(_ changes: [StateChange]) {
        for change in changes {
            guard case .event(let event) = change else { continue }
            contents.withLock { contents in
                contents.last += 1
                let numbered = Numbered(number: contents.last, event: event)
                contents.recent.append(numbered)
                // Now and then, or every event would move all of them.
                if contents.recent.count >= 2 * Self.remembered {
                    contents.recent.removeFirst(contents.recent.count - Self.remembered)
                }
                if !contents.subscribers.isEmpty { note.yield(numbered) }
            }
        }
    }

    /// Takes in what the journal knows from earlier runs of the program, before anything is published.
    ///
    /// - Parameter journal: the newest events up to a limit, oldest first.
    package func recall(_ journal: (_ limit: Int) throws(StateStoreError) -> [EventRecord]) throws(StateStoreError) {
        let earlier = try journal(Self.remembered)
        contents.withLock { $0.earlier = (earlier, isAll: earlier.count < Self.remembered) }
    }

    /// The newest events, oldest first, as the journal would tell them; nil where it must be asked.
    func newest(_ count: Int) -> [EventRecord]? {
        contents.withLock { contents in
            let recent = contents.recent.suffix(count).map(\.event)
            if recent.count == count { return recent }
            guard UInt64(contents.recent.count) == contents.last else { return nil }
            let events = contents.earlier.events.suffix(count - recent.count) + recent
            return events.count == count || contents.earlier.isAll ? events : nil
        }
    }

    /// Hands out messages until the task is cancelled; then everybody's stream ends.
    func deliver() async {
        await withTaskGroup { group in
            group.addTask {
                while !Task.isCancelled {
                    do { try await Task.sleep(for: .seconds(15)) } catch { return }
                    // Whoever is gone without a word fills up its buffer with these.
                    self.send(EventMessage.keepAlive) { _ in true }
                }
            }
            for await numbered in notes {
                send(message(numbered)) { $0.query.matches(numbered.event) && numbered.number > $0.after }
            }
            group.cancelAll()
        }
        close()
    }

    func message(_ numbered: Numbered) -> ByteBuffer {
        EventMessage.event(numbered.event, id: "\(run)-\(numbered.number)")
    }

    private func send(_ message: ByteBuffer, to isWanted: (EventSubscription) -> Bool) {
        let subscribers = contents.withLock { Array($0.subscribers.values) }
        for subscriber in subscribers where isWanted(subscriber) && !subscriber.send(message) {
            contents.withLock { $0.cutOff += 1 }
            remove(subscriber)
        }
    }

    private func close() {
        let subscribers = contents.withLock { contents in
            contents.isClosed = true
            defer { contents.subscribers = [:] }
            return Array(contents.subscribers.values)
        }
        for subscriber in subscribers { subscriber.finish() }
    }

    /// - Parameter lastID: the last message that the listener had, to go on after it.
    /// - Returns: nil when there are too many listeners, or no more.
    func subscribe(to query: EventQuery, after lastID: String?) -> EventSubscription? {
        contents.withLock { contents in
            guard !contents.isClosed, contents.subscribers.count < Self.mostSubscribers else { return nil }
            contents.lastSubscriber += 1
            let missed = lastID.map { self.missed(since: $0, contents) }
            // Whoever writes to the listener puts them into words: nobody waits for that here.
            let subscription = EventSubscription(
                contents.lastSubscriber, query, after: contents.last,
                missed: (missed ?? []).map { $0.filter { query.matches($0.event) } } ?? [])
            contents.subscribers[contents.lastSubscriber] = subscription
            if case .some(nil) = missed { _ = subscription.send(EventMessage.gap) }
            return subscription
        }
    }

    /// nil when they cannot be known any more, or are too many.
    private func missed(since id: String, _ contents: Contents) -> [Numbered]? {
        let parts = id.split(separator: "-")
        guard parts.count == 2, parts[0] == run, let number = UInt64(parts[1]), number <= contents.last else {
            return nil
        }
        let missed = contents.recent.filter { $0.number > number }
        guard missed.count == Int(contents.last - number), missed.count < Self.bufferSize else { return nil }
        return missed
    }

    func remove(_ subscription: EventSubscription) {
        contents.withLock { _ = $0.subscribers.removeValue(forKey: subscription.number) }
        subscription.finish()
    }
}
