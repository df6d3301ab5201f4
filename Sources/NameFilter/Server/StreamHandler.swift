import NIOCore
import Specs

/// Answers queries that come over one connection, each when it is ready (RFC 7766).
final class StreamHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Queries have one name and a few options.
    private static let mostBytes = 4_096

    private let engine: FilterEngine
    private let bridge: String
    private var received = ByteBuffer()
    private var answered = 0

    init(_ engine: FilterEngine, bridge: String) {
        self.engine = engine
        self.bridge = bridge
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        received.writeBuffer(&buffer)
        // A client that does not read what it asked for gets no more.
        guard let client = context.channel.remoteAddress?.ip, context.channel.isWritable else {
            return context.close(promise: nil)
        }
        while let length = received.getInteger(at: received.readerIndex, as: UInt16.self) {
            guard Int(length) <= Self.mostBytes else { return context.close(promise: nil) }
            guard let message = received.readLengthPrefixedSlice(as: UInt16.self) else { break }
            guard answer(Array(message.readableBytesView), client, context) else { return context.close(promise: nil) }
        }
        received.discardReadBytes()
        context.flush()
    }

    /// Whether the connection stays.
    private func answer(_ bytes: [UInt8], _ client: IPAddress, _ context: ChannelHandlerContext) -> Bool {
        answered += 1
        guard answered <= engine.configuration.limits.queriesPerConnection else { return false }
        switch engine.receive(bytes, from: client, bridge: bridge, overUDP: false) {
        case .drop: return false
        case .reply(let reply): context.write(wrapOutboundOut(context.channel.framed(reply)), promise: nil)
        case .resolve(let ticket):
            let engine = engine
            let channel = context.channel
            Task {
                let reply = await engine.finish(ticket)
                channel.writeAndFlush(channel.framed(reply), promise: nil)
            }
        }
        return true
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension Channel {
    /// A message of a connection, with its length in front.
    func framed(_ bytes: [UInt8]) -> ByteBuffer {
        var buffer = allocator.buffer(capacity: bytes.count + 2)
        buffer.writeInteger(UInt16(bytes.count))
        buffer.writeBytes(bytes)
        return buffer
    }
}
