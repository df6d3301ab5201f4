import NIOCore
import Specs

/// Answers queries that come as datagrams.
final class DatagramHandler: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>
    typealias OutboundOut = AddressedEnvelope<ByteBuffer>

    private let engine: FilterEngine
    private let bridge: String
    private var hasWritten = false

    init(_ engine: FilterEngine, bridge: String) {
        self.engine = engine
        self.bridge = bridge
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        let sender = envelope.remoteAddress
        guard let client = sender.ip else { return }
        let bytes = Array(envelope.data.readableBytesView)
        switch engine.receive(bytes, from: client, bridge: bridge, overUDP: true) {
        case .drop: return
        case .reply(let reply):
            let buffer = context.channel.allocator.buffer(bytes: reply)
            context.write(wrapOutboundOut(AddressedEnvelope(remoteAddress: sender, data: buffer)), promise: nil)
            hasWritten = true
        case .resolve(let ticket):
            let (engine, channel) = (engine, context.channel)
            Task {
                let buffer = await channel.allocator.buffer(bytes: engine.finish(ticket))
                channel.writeAndFlush(AddressedEnvelope(remoteAddress: sender, data: buffer), promise: nil)
            }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Datagrams that were read together are answered together.
        if hasWritten { context.flush() }
        hasWritten = false
    }

    /// A client that is gone shows as an error of the socket (ICMP); the socket stays.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
