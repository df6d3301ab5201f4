import NIOCore
import NIOPosix
import Specs
import Synchronization

/// The two sockets of one listener, on the same port.
struct ListenerSockets: Sendable {
    let datagrams: any Channel
    let connections: any Channel

    /// The port that the kernel picked, if it was asked to.
    var port: UInt16 { UInt16(clamping: connections.localAddress?.port ?? 0) }

    /// Datagrams that are read with one call.
    private static let vector = 16
    /// The longest query that is read; what is longer is cut, and then malformed.
    private static let queryBytes = 2_048

    /// - Throws: what the kernel says, such as that another program has the port.
    static func open(_ listener: Listener, _ engine: FilterEngine, on group: any EventLoopGroup) async throws -> Self {
        let connections = try await openStream(listener, engine, on: group)
        do {
            let port = UInt16(clamping: connections.localAddress?.port ?? 0)
            let datagrams = try await openDatagrams(listener, port, engine, on: group)
            return Self(datagrams: datagrams, connections: connections)
        } catch {
            connections.close(promise: nil)
            throw error
        }
    }

    private static func openDatagrams(
        _ listener: Listener, _ port: UInt16, _ engine: FilterEngine, on group: any EventLoopGroup
    ) async throws -> any Channel {
        let channel = try await DatagramBootstrap(group: group)
            .channelOption(freebind(listener.address), value: 1)
            .channelOption(.socketOption(.so_rcvbuf), value: receiveBytes)
            .channelOption(.datagramVectorReadMessageCount, value: vector)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: queryBytes * vector))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DatagramHandler(engine, bridge: listener.bridge))
                }
            }
            .bind(to: SocketAddress(listener.address, port: port)).get()
        // More than hosts allow everybody (net.core.rmem_max is 208 KiB, some 500 queries), where CAP_NET_ADMIN is ours: a burst
        // that comes while the daemon waits for a core is then answered late and not lost. Without it the above holds.
        _ = try? await channel.setOption(forcedReceiveBuffer, value: receiveBytes).get()
        return channel
    }

    /// The kernel counts some 800 bytes for each query, and keeps twice as many as it is told.
    private static let receiveBytes = 4 << 20

    /// SO_RCVBUFFORCE of Linux, which NIO does not name.
    private static let forcedReceiveBuffer = ChannelOptions.Types.SocketOption(
        level: SocketOptionLevel(SOL_SOCKET), name: 33)

    private static func openStream(
        _ listener: Listener, _ engine: FilterEngine, on group: any EventLoopGroup
    ) async throws -> any Channel {
        let gate = ConnectionGate()
        return try await ServerBootstrap(group: group)
            .serverChannelOption(freebind(listener.address), value: 1)
            // Connections of before a restart may still be closing.
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 128)
            .childChannelInitializer { channel in
                let limits = engine.configuration.limits
                guard gate.enter(most: limits.connectionsPerListener) else { return channel.close() }
                channel.closeFuture.whenComplete { _ in gate.leave() }
                return channel.eventLoop.makeCompletedFuture {
                    let idle = TimeAmount.nanoseconds(Int64(limits.idleConnection / .nanoseconds(1)))
                    try channel.pipeline.syncOperations.addHandlers([
                        IdleStateHandler(readTimeout: idle), StreamHandler(engine, bridge: listener.bridge),
                    ])
                }
            }
            .bind(to: SocketAddress(listener.address, port: listener.port)).get()
    }

    /// Binding works before the bridge has the address: the rules, the filter and only then the bridge are made.
    private static func freebind(_ address: IPAddress) -> ChannelOptions.Types.SocketOption {
        // IP_FREEBIND and IPV6_FREEBIND of Linux, which NIO does not name.
        address.width == 32
            ? ChannelOptions.Types.SocketOption(level: SocketOptionLevel(IPPROTO_IP), name: 15)
            : ChannelOptions.Types.SocketOption(level: SocketOptionLevel(IPPROTO_IPV6), name: 78)
    }

    /// Returns when one of them is closed; then both are. A cancelled caller closes them.
    func untilClosed() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isResumed = Atomic(false)
                let end: @Sendable (Result<Void, any Error>) -> Void = { _ in
                    if !isResumed.exchange(true, ordering: .relaxed) { continuation.resume() }
                }
                datagrams.closeFuture.whenComplete(end)
                connections.closeFuture.whenComplete(end)
            }
        } onCancel: {
            close()
        }
        close()
        // They are closed for the caller when the kernel says so, and errors say that they were.
        _ = try? await datagrams.closeFuture.get()
        _ = try? await connections.closeFuture.get()
    }

    private func close() {
        datagrams.close(promise: nil)
        connections.close(promise: nil)
    }
}

/// Bounds the connections of one listener.
private final class ConnectionGate: Sendable {
    private let open = Atomic(0)

    func enter(most: Int) -> Bool {
        guard open.add(1, ordering: .relaxed).newValue <= most else {
            open.subtract(1, ordering: .relaxed)
            return false
        }
        return true
    }

    func leave() { open.subtract(1, ordering: .relaxed) }
}
