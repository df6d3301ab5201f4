import NIOCore
import NIOPosix
import Synchronization

/// A name server on the loopback, over UDP and TCP, that answers as a test wants: rightly, late, twice, or with lies.
package final class ScriptedNameServer: Sendable {
    /// A query that came.
    package struct Question: Hashable, Sendable {
        /// In lower case, without a final dot.
        package var name: String
        package var type: UInt16
        package var id: UInt16
        /// Name, type and class as they came.
        package var bytes: [UInt8]
        package var hasEDNS: Bool
        package var isOverTCP: Bool
        /// The client's port.
        package var port: Int

        package func answer(
            _ records: [NameMessage.Record], code: UInt8 = 0, isTruncated: Bool = false,
            authority: [NameMessage.Record] = []
        ) -> [Answer] {
            [
                Answer(
                    NameMessage.answer(
                        id: id, question: bytes, code: code, isTruncated: isTruncated, records, authority: authority))
            ]
        }
    }

    /// Bytes that are sent, after a while.
    package struct Answer: Hashable, Sendable {
        package var bytes: [UInt8]
        package var delay: Duration

        package init(_ bytes: [UInt8], after delay: Duration = .zero) {
            self.bytes = bytes
            self.delay = delay
        }
    }

    package typealias Script = @Sendable (Question) -> [Answer]

    package let port: UInt16
    private let channels: [any Channel]
    private let log: QuestionLog

    private init(port: UInt16, channels: [any Channel], log: QuestionLog) {
        self.port = port
        self.channels = channels
        self.log = log
    }

    /// Every query so far.
    package var questions: [Question] { log.questions.withLock { $0 } }

    /// Serves on a port of 127.0.0.1 while the body runs.
    package static func with<Value: Sendable>(
        _ script: @escaping Script, _ body: (ScriptedNameServer) async throws -> Value
    ) async throws -> Value {
        let server = try await start(script)
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(server)) } catch { outcome = .failure(error) }
        for channel in server.channels { try await channel.close() }
        return try outcome.get()
    }

    private static func start(_ script: @escaping Script) async throws -> ScriptedNameServer {
        let log = QuestionLog()
        let group = MultiThreadedEventLoopGroup.singleton
        let stream = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(StreamAnswers(script, log))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = stream.localAddress?.port ?? 0
        let datagrams = try await DatagramBootstrap(group: group)
            .channelOption(.socketOption(.so_rcvbuf), value: 1 << 20)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(DatagramAnswers(script, log))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
        return ScriptedNameServer(port: UInt16(port), channels: [stream, datagrams], log: log)
    }
}

private final class QuestionLog: Sendable {
    let questions = Mutex<[ScriptedNameServer.Question]>([])

    /// nil for what is no query.
    func read(_ bytes: [UInt8], isOverTCP: Bool, port: Int?) -> ScriptedNameServer.Question? {
        guard bytes.count > 16 else { return nil }
        var labels: [String] = []
        var place = 12
        while place < bytes.count, bytes[place] > 0 {
            let end = place + 1 + Int(bytes[place])
            guard end < bytes.count else { return nil }
            labels.append(String(decoding: bytes[(place + 1)..<end], as: UTF8.self).lowercased())
            place = end
        }
        guard place + 5 <= bytes.count else { return nil }
        let question = ScriptedNameServer.Question(
            name: labels.joined(separator: "."), type: UInt16(bytes[place + 1]) << 8 | UInt16(bytes[place + 2]),
            id: UInt16(bytes[0]) << 8 | UInt16(bytes[1]), bytes: Array(bytes[12..<place + 5]), hasEDNS: bytes[11] == 1,
            isOverTCP: isOverTCP, port: port ?? 0)
        questions.withLock { $0.append(question) }
        return question
    }
}

private final class DatagramAnswers: ChannelInboundHandler {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private let script: ScriptedNameServer.Script
    private let log: QuestionLog

    init(_ script: @escaping ScriptedNameServer.Script, _ log: QuestionLog) {
        self.script = script
        self.log = log
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        let client = envelope.remoteAddress
        let bytes = Array(envelope.data.readableBytesView)
        guard let question = log.read(bytes, isOverTCP: false, port: client.port) else { return }
        let channel = context.channel
        for answer in script(question) {
            channel.eventLoop.scheduleTask(in: .nanoseconds(Int64(answer.delay / .nanoseconds(1)))) {
                let buffer = channel.allocator.buffer(bytes: answer.bytes)
                channel.writeAndFlush(AddressedEnvelope(remoteAddress: client, data: buffer), promise: nil)
            }
        }
    }
}

private final class StreamAnswers: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let script: ScriptedNameServer.Script
    private let log: QuestionLog
    private var received = ByteBuffer()

    init(_ script: @escaping ScriptedNameServer.Script, _ log: QuestionLog) {
        self.script = script
        self.log = log
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var buffer = unwrapInboundIn(data)
        received.writeBuffer(&buffer)
        guard let message = received.readLengthPrefixedSlice(as: UInt16.self) else { return }
        let port = context.channel.remoteAddress?.port
        guard let question = log.read(Array(message.readableBytesView), isOverTCP: true, port: port) else { return }
        let channel = context.channel
        for answer in script(question) {
            channel.eventLoop.scheduleTask(in: .nanoseconds(Int64(answer.delay / .nanoseconds(1)))) {
                var buffer = channel.allocator.buffer(capacity: answer.bytes.count + 2)
                buffer.writeInteger(UInt16(answer.bytes.count))
                buffer.writeBytes(answer.bytes)
                channel.writeAndFlush(buffer, promise: nil)
            }
        }
    }
}
