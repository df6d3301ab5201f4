import NIOCore
import NIOPosix
import Specs

/// One question to one upstream resolver: over UDP from a socket, and so a port, of its own; over TCP if the answer does
/// not fit, or if somebody seems to be guessing.
struct UpstreamExchange: Sendable {
    enum Failure: Error, Hashable, Sendable {
        case timedOut
        case suspicious
        case unreachable
        case unusable
    }

    let group: any EventLoopGroup
    let server: ServerAddress
    let timeout: Duration

    /// The first bytes that answer the query; datagrams that do not are ignored, up to a number of them.
    func overUDP(_ query: UpstreamQuery) async throws(Failure) -> [UInt8] {
        try await exchange(query) { address, answer in
            try await DatagramBootstrap(group: answer.futureResult.eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(UpstreamDatagrams(query, answer))
                    }
                }
                // Connected, so that the kernel drops what others send, and says when nobody listens there.
                .connect(to: address).get()
        } send: { channel, bytes, address in
            AddressedEnvelope(remoteAddress: address, data: channel.allocator.buffer(bytes: bytes))
        }
    }

    func overTCP(_ query: UpstreamQuery) async throws(Failure) -> [UInt8] {
        try await exchange(query) { address, answer in
            try await ClientBootstrap(group: answer.futureResult.eventLoop)
                .connectTimeout(.nanoseconds(Int64(timeout / .nanoseconds(1))))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(UpstreamStream(query, answer))
                    }
                }
                .connect(to: address).get()
        } send: { channel, bytes, _ in
            channel.framed(bytes)
        }
    }

    private func exchange<Outbound: Sendable>(
        _ query: UpstreamQuery,
        connect: (SocketAddress, EventLoopPromise<[UInt8]>) async throws -> any Channel,
        send: (any Channel, [UInt8], SocketAddress) -> Outbound
    ) async throws(Failure) -> [UInt8] {
        let answer = group.next().makePromise(of: [UInt8].self)
        let timer = answer.futureResult.eventLoop.scheduleTask(
            in: .nanoseconds(Int64(timeout / .nanoseconds(1)))
        ) { answer.fail(Failure.timedOut) }
        defer { timer.cancel() }
        do {
            let address = try SocketAddress(server.address, port: server.port)
            let channel = try await connect(address, answer)
            // Whatever becomes of it, the socket is closed, and nobody waits for that.
            answer.futureResult.whenComplete { _ in channel.close(promise: nil) }
            channel.writeAndFlush(send(channel, query.bytes, address)).cascadeFailure(to: answer)
            return try await answer.futureResult.get()
        } catch let failure as Failure {
            answer.fail(failure)
            throw failure
        } catch {
            answer.fail(error)
            throw .unreachable
        }
    }
}

/// Waits for the datagram that is the answer.
private final class UpstreamDatagrams: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    /// So many wrong datagrams are a mistake of the network; more are somebody who guesses ids.
    private static let mostWrong = 3

    private let query: UpstreamQuery
    private let answer: EventLoopPromise<[UInt8]>
    private var wrong = 0

    init(_ query: UpstreamQuery, _ answer: EventLoopPromise<[UInt8]>) {
        self.query = query
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Array(unwrapInboundIn(data).data.readableBytesView)
        if query.isAnswered(by: bytes) { return answer.succeed(bytes) }
        wrong += 1
        if wrong > Self.mostWrong { answer.fail(UpstreamExchange.Failure.suspicious) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { answer.fail(error) }

    func channelInactive(context: ChannelHandlerContext) { answer.fail(UpstreamExchange.Failure.unreachable) }
}

/// Collects the one message that comes over a connection.
private final class UpstreamStream: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let query: UpstreamQuery
    private let answer: EventLoopPromise<[UInt8]>
    private var received = ByteBuffer()

    init(_ query: UpstreamQuery, _ answer: EventLoopPromise<[UInt8]>) {
        self.query = query
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        received.writeBuffer(&buffer)
        // The length has 16 bits, so no more than 64 KiB and what came with them is ever held.
        guard let message = received.readLengthPrefixedSlice(as: UInt16.self) else { return }
        let bytes = Array(message.readableBytesView)
        if query.isAnswered(by: bytes) {
            answer.succeed(bytes)
        } else {
            answer.fail(UpstreamExchange.Failure.unusable)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { answer.fail(error) }

    func channelInactive(context: ChannelHandlerContext) { answer.fail(UpstreamExchange.Failure.unreachable) }
}

extension SocketAddress {
    init(_ address: IPAddress, port: UInt16) throws {
        try self.init(ipAddress: address.description, port: Int(port))
    }

    /// nil for a path.
    var ip: IPAddress? {
        // The address is behind family and port, and in IPv6 behind the flow as well.
        switch self {
        case .v4(let address):
            withUnsafeBytes(of: address.address) { .v4($0[4..<8].reduce(0) { $0 << 8 | UInt32($1) }) }
        case .v6(let address):
            withUnsafeBytes(of: address.address) { .v6($0[8..<24].reduce(0) { $0 << 8 | UInt128($1) }) }
        case .unixDomainSocket: nil
        }
    }
}
