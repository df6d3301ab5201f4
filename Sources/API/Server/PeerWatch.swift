import NIOCore
import ServiceLifecycle
import Synchronization

/// Notices that whoever is at the other end of a connection has closed it, also while their request is being answered.
final class PeerWatch: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = Never

    private struct State {
        var isGone = false
        var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
        var lastWaiting = 0
    }

    private let state = Mutex(State())

    var isGone: Bool { state.withLock { $0.isGone } }

    /// Ends when they have gone.
    var departure: AsyncStream<Void> {
        let (stream, continuation) = AsyncStream<Void>.makeStream()
        let number = state.withLock { state -> Int? in
            if state.isGone { return nil }
            state.lastWaiting += 1
            state.waiting[state.lastWaiting] = continuation
            return state.lastWaiting
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { _ = $0.waiting.removeValue(forKey: number) }
        }
        return stream
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // Nobody who still waits for an answer closes their half of it.
        if let event = event as? ChannelEvent, event == .inputClosed { leave() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    private func leave() {
        let waiting = state.withLock { state in
            state.isGone = true
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for continuation in waiting { continuation.finish() }
    }
}

extension CallContext {
    /// Does what is worth something only to whoever asked: it is cancelled when they close the connection, and when the
    /// daemon is told to stop.
    ///
    /// - Returns: what it came to, and whether they are still there.
    func whileThere<Value: Sendable>(
        _ body: @escaping @Sendable () async -> Value
    ) async throws -> (value: Value, isThere: Bool) {
        let watch = try await channel.pipeline.handler(type: PeerWatch.self).get()
        let departure = watch.departure
        return await withTaskGroup(of: Value?.self) { group in
            group.addTask { await body() }
            group.addTask {
                await cancelWhenGracefulShutdown { for await _ in departure {} }
                return nil
            }
            while let outcome = await group.next() {
                // Either way the other one has nothing more to do.
                group.cancelAll()
                if let outcome { return (outcome, !watch.isGone) }
            }
            preconditionFailure("the work ends with a value")
        }
    }
}
