import NIOCore
import NIOHTTP1
import NIOPosix

/// Connections to an engine for short reads: each carries one request at a time, and is kept for the next one.
///
/// A look at a host asks the engine hundreds of times, and a general client spends most of its work on what a socket of
/// this machine never needs: redirects, TLS, other versions of HTTP, requests that are streamed. Nothing is sent twice.
final class EngineConnections: Sendable {
    struct Answer: Sendable {
        var head: HTTPResponseHead
        var body: ByteBuffer
    }

    private struct Connection {
        var channel: any Channel
        var collector: AnswerCollector
    }

    private struct State {
        /// The one that was used last is at the end.
        var idle: [Connection] = []
        var isClosed = false
    }

    private static let connectTimeout = TimeAmount.seconds(5)
    /// As many as are asked at once by a look at the whole host.
    private static let mostIdle = 16

    private let path: String
    private let loop: any EventLoop
    private let state: NIOLoopBoundBox<State>

    init(_ address: EngineAddress) {
        path = address.socketPath
        // One loop for all of them: answers that come together are read together.
        loop = MultiThreadedEventLoopGroup.singleton.next()
        state = NIOLoopBoundBox.makeBoxSendingValue(State(), eventLoop: loop)
    }

    /// The whole answer to a request without a body.
    ///
    /// - Parameters:
    ///   - bodyLimit: bytes.
    ///   - deadline: for everything, connecting included.
    func answer(to request: HTTPRequestHead, bodyLimit: Int, deadline: Duration) async throws -> Answer {
        let promise = loop.makePromise(of: Answer.self)
        loop.execute { [self] in
            let alarm = loop.scheduleTask(in: .nanoseconds(deadline.wholeNanoseconds)) {
                promise.fail(DeadlineExceeded(limit: deadline))
            }
            promise.futureResult.whenComplete { _ in alarm.cancel() }
            begin(request, bodyLimit, promise)
        }
        return try await withTaskCancellationHandler {
            try await promise.futureResult.get()
        } onCancel: {
            promise.fail(CancellationError())
        }
    }

    /// Ends all connections, now and for good.
    func close() {
        loop.execute { [state] in
            state.value.isClosed = true
            for connection in state.value.idle { connection.channel.close(promise: nil) }
            state.value.idle = []
        }
    }

    // MARK: On the loop

    private func begin(_ request: HTTPRequestHead, _ bodyLimit: Int, _ promise: EventLoopPromise<Answer>) {
        if state.value.isClosed { return promise.fail(TransportFailure.notConnected("the client was shut down")) }
        if let connection = state.value.idle.popLast() { return send(request, bodyLimit, promise, on: connection) }
        let collector = AnswerCollector()
        let bound = NIOLoopBound(collector, eventLoop: loop)
        ClientBootstrap(group: loop).connectTimeout(Self.connectTimeout).channelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                try channel.pipeline.syncOperations.addHandler(bound.value)
            }
        }.connect(unixDomainSocketPath: path).assumeIsolated().whenComplete { [self] result in
            switch result {
            case .failure(let error): promise.fail(error)
            case .success(let channel):
                channel.closeFuture.assumeIsolated().whenComplete { [state] _ in
                    state.value.idle.removeAll { $0.channel === channel }
                }
                send(request, bodyLimit, promise, on: Connection(channel: channel, collector: collector))
            }
        }
    }

    private func send(
        _ request: HTTPRequestHead, _ bodyLimit: Int, _ promise: EventLoopPromise<Answer>, on connection: Connection
    ) {
        let channel = connection.channel
        connection.collector.begin(bodyLimit) { [self] outcome in
            let isReusable = if case .success(let answer) = outcome { answer.head.isKeepAlive } else { false }
            if isReusable && !state.value.isClosed && state.value.idle.count < Self.mostIdle {
                state.value.idle.append(connection)
            } else {
                channel.close(promise: nil)
            }
            promise.completeWith(outcome)
        }
        // Past its deadline, or left by whoever asked: what still comes is of no use for the next.
        promise.futureResult.assumeIsolated().whenFailure { connection.collector.fail($0) }
        channel.write(HTTPClientRequestPart.head(request), promise: nil)
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }
}

/// Puts the pieces of one answer together.
private final class AnswerCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias Completion = (Result<EngineConnections.Answer, any Error>) -> Void

    private var completion: Completion?
    private var bodyLimit = 0
    private var head: HTTPResponseHead?
    private var body = ByteBuffer()

    func begin(_ bodyLimit: Int, _ completion: @escaping Completion) {
        self.completion = completion
        self.bodyLimit = bodyLimit
    }

    /// Nothing, where the answer is complete already.
    func fail(_ error: any Error) { finish(.failure(error)) }

    private func finish(_ outcome: Result<EngineConnections.Answer, any Error>) {
        let completion = completion
        (self.completion, head, body) = (nil, nil, ByteBuffer())
        completion?(outcome)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(var part):
            guard body.readableBytes + part.readableBytes <= bodyLimit else {
                return fail(TransportFailure.bodyTooLarge)
            }
            if body.readableBytes == 0 { body = part } else { body.writeBuffer(&part) }
        case .end:
            // The decoder sends no end without a head.
            guard let head else { return }
            finish(.success(EngineConnections.Answer(head: head, body: body)))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(TransportFailure.replyLost("the connection was closed before the answer was complete"))
        context.fireChannelInactive()
    }
}
