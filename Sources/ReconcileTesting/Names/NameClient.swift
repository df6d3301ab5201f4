import NIOCore
import NIOPosix

/// Asks name servers as a stub resolver does, one query for each socket.
package enum NameClient {
    /// The reply to a query over UDP; nil if none comes in time.
    package static func ask(
        _ query: [UInt8], at address: String = "127.0.0.1", port: UInt16, from local: String? = nil,
        within limit: Duration = .seconds(10)
    ) async throws -> NameReply? {
        let server = try SocketAddress(ipAddress: address, port: Int(port))
        return try await collect(limit) { replies in
            let bootstrap = DatagramBootstrap(group: replies.futureResult.eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(FirstDatagram(replies))
                    }
                }
            // Not by `host`, which asks the resolver whether this host has such addresses at all.
            let channel = try await bootstrap.bind(to: SocketAddress(ipAddress: local ?? "0.0.0.0", port: 0)).get()
            let buffer = channel.allocator.buffer(bytes: query)
            try await channel.writeAndFlush(AddressedEnvelope(remoteAddress: server, data: buffer))
            return channel
        }
    }

    /// The reply over a connection; nil if it is closed without one, or none comes in time.
    ///
    /// - Parameter length: what is said of the query's length; nil is the truth.
    package static func askOverTCP(
        _ query: [UInt8], length: Int? = nil, at address: String = "127.0.0.1", port: UInt16,
        within limit: Duration = .seconds(10)
    ) async throws -> NameReply? {
        try await collect(limit) { replies in
            let channel = try await ClientBootstrap(group: replies.futureResult.eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(FirstMessage(replies))
                    }
                }
                .connect(host: address, port: Int(port)).get()
            var buffer = channel.allocator.buffer(capacity: query.count + 2)
            buffer.writeInteger(UInt16(length ?? query.count))
            buffer.writeBytes(query)
            try await channel.writeAndFlush(buffer)
            return channel
        }
    }

    private static func collect(
        _ limit: Duration, _ send: (EventLoopPromise<[UInt8]?>) async throws -> any Channel
    ) async throws -> NameReply? {
        let promise = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: [UInt8]?.self)
        let timer = promise.futureResult.eventLoop.scheduleTask(in: .nanoseconds(Int64(limit / .nanoseconds(1)))) {
            promise.succeed(nil)
        }
        defer { timer.cancel() }
        do {
            let channel = try await send(promise)
            promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
        } catch {
            promise.fail(error)
        }
        return try await promise.futureResult.get().flatMap { NameReply($0) }
    }
}

private final class FirstDatagram: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let reply: EventLoopPromise<[UInt8]?>

    init(_ reply: EventLoopPromise<[UInt8]?>) { self.reply = reply }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reply.succeed(Array(unwrapInboundIn(data).data.readableBytesView))
    }
}

private final class FirstMessage: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let reply: EventLoopPromise<[UInt8]?>
    private var received = ByteBuffer()

    init(_ reply: EventLoopPromise<[UInt8]?>) { self.reply = reply }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        received.writeBuffer(&buffer)
        if let message = received.readLengthPrefixedSlice(as: UInt16.self) {
            reply.succeed(Array(message.readableBytesView))
        }
    }

    func channelInactive(context: ChannelHandlerContext) { reply.succeed(nil) }
}
