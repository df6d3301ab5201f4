package import NIOCore
package import NIOPosix
import Synchronization

/// A listening socket that serves every connection in a task of its own from the moment it is accepted.
///
/// Not NIO's asynchronous `bind`: a connection that waits there to be taken up when the listener ends is dropped, which
/// traps (apple/swift-nio, issues 2637 and 2813).
package final class ConnectionListener<Inbound: Sendable, Outbound: Sendable>: Sendable {
    package typealias Connection = NIOAsyncChannel<Inbound, Outbound>

    private struct State {
        var isOver = false
        var last = 0
        var serving: [Int: Task<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    /// Listens while the body runs; afterwards all connections are closed.
    ///
    /// - Parameters:
    ///   - bind: makes the listening channel.
    ///   - open: wraps a connection; called on its event loop.
    ///   - serve: until it returns the connection is open. What it throws closes the connection and is nobody's failure:
    ///     clients that hang up are part of many tests.
    package static func with<Value>(
        _ bind: (ServerBootstrap) async throws -> any Channel,
        open: @escaping @Sendable (any Channel) throws -> Connection,
        serve:
            @escaping @Sendable (
                Connection, NIOAsyncChannelInboundStream<Inbound>, NIOAsyncChannelOutboundWriter<Outbound>
            ) async throws -> Void, _ body: (any Channel) async throws -> Value
    ) async throws -> Value {
        let listener = ConnectionListener()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { listener.accept(try open(channel), serve) }
            }
        let channel = try await bind(bootstrap)
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(channel)) } catch { outcome = .failure(error) }
        // One that is closed already is as good.
        try? await channel.close()
        await listener.end()
        return try outcome.get()
    }

    private func accept(
        _ connection: Connection,
        _ serve:
            @escaping @Sendable (
                Connection, NIOAsyncChannelInboundStream<Inbound>, NIOAsyncChannelOutboundWriter<Outbound>
            ) async throws -> Void
    ) {
        state.withLock { state in
            state.last += 1
            let id = state.last
            let task = Task {
                try? await connection.executeThenClose { try await serve(connection, $0, $1) }
                self.state.withLock { $0.serving[id] = nil }
            }
            if state.isOver { task.cancel() } else { state.serving[id] = task }
        }
    }

    private func end() async {
        let serving = state.withLock { state in
            state.isOver = true
            return Array(state.serving.values)
        }
        for task in serving { task.cancel() }
        for task in serving { await task.value }
    }
}
