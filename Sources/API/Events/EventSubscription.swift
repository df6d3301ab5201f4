import NIOCore
import Reconciler
import Synchronization

/// One listener of the event stream, and what it has not read yet.
final class EventSubscription: Sendable {
    let number: Int
    let query: EventQuery
    /// Events up to this number were there before it.
    let after: UInt64
    /// Events before that, which the listener did not have yet; for whoever writes to it, before all messages.
    let missed: [EventHub.Numbered]
    /// Ends when the listener is cut off or the program ends.
    let messages: AsyncStream<ByteBuffer>
    private let continuation: AsyncStream<ByteBuffer>.Continuation
    private let state = Mutex(State())

    private struct State {
        var isCut = false
        /// Everything was written, the word that it was cut off included.
        var isWritten = false
        var whenCut: (@Sendable () -> Void)?
    }

    init(_ number: Int, _ query: EventQuery, after: UInt64, missed: [EventHub.Numbered] = []) {
        self.number = number
        self.query = query
        self.after = after
        self.missed = missed
        (messages, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(EventHub.bufferSize))
    }

    /// The buffer was full: what the listener reads now has an end.
    var wasCutOff: Bool { state.withLock { $0.isCut } }

    /// Whoever writes to the listener has come to the end.
    var isWritten: Bool {
        get { state.withLock { $0.isWritten } }
        set { state.withLock { $0.isWritten = newValue } }
    }

    /// - Parameter body: called once, on any thread, when the listener is cut off.
    func whenCutOff(_ body: @escaping @Sendable () -> Void) {
        let isCut = state.withLock { state in
            if !state.isCut { state.whenCut = body }
            return state.isCut
        }
        if isCut { body() }
    }

    /// - Returns: false when there was no room for it: the listener is cut off then.
    func send(_ message: ByteBuffer) -> Bool {
        switch continuation.yield(message) {
        case .dropped:
            let whenCut = state.withLock { state in
                state.isCut = true
                defer { state.whenCut = nil }
                return state.whenCut
            }
            continuation.finish()
            whenCut?()
            return false
        default: return true
        }
    }

    func finish() {
        // What it would call may hold on to this.
        state.withLock { $0.whenCut = nil }
        continuation.finish()
    }
}

/// Messages of a stream of server-sent events (WHATWG HTML, section 9.2).
enum EventMessage {
    /// Says that the stream has begun, and after how many milliseconds to come back when it breaks.
    static let hello = ByteBuffer(string: "retry: 2000\n: connected\n\n")
    static let keepAlive = ByteBuffer(string: ": keep-alive\n\n")
    static let cutOff = notice("cut-off", "you read too slowly, and events were dropped: come again with Last-Event-ID")
    static let tokenEnded = notice("unauthorized", "your token is not known any more, or has expired")
    static let gap = notice("gap", "events since your Last-Event-ID are not kept here any more: read /v1/events")

    static func event(_ event: EventRecord, id: String) -> ByteBuffer {
        // An event is texts and a time, which are always written; the line break at its end is one of the two needed.
        let body = (try? JSONBody.encode(EventDocument(event))) ?? ByteBuffer()
        var message = ByteBuffer(string: "id: \(id)\ndata: ")
        message.writeImmutableBuffer(body)
        message.writeString("\n")
        return message
    }

    private static func notice(_ name: String, _ text: String) -> ByteBuffer {
        ByteBuffer(string: "event: \(name)\ndata: {\"message\":\"\(text)\"}\n\n")
    }
}
