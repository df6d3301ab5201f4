import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix

/// The proxy's side of a connection that a program has opened.
enum ProxyPipeline {
    /// Must be called on the channel's event loop.
    @Sendable
    static func open(
        _ channel: any Channel
    ) throws -> NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart> {
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: false)
        return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
    }
}

/// One request, as a whole.
struct EngineRequest: Sendable {
    var head: HTTPRequestHead
    var body: ByteBuffer

    var parts: [HTTPClientRequestPart] {
        [.head(head)] + (body.readableBytes > 0 ? [.body(.byteBuffer(body))] : []) + [.end(nil)]
    }
}

/// Connections to the engine.
enum EngineChannel {
    typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>

    /// - Parameter client: when it is closed, this one is closed as well, so that no stream outlives its reader.
    static func connect(to socketPath: String, closingWith client: any Channel) async throws -> Connection {
        let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(unixDomainSocketPath: socketPath) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        client.closeFuture.whenComplete { _ in connection.channel.close(promise: nil) }
        return connection
    }
}

/// Answers a program.
struct ClientWriter: Sendable {
    let channel: any Channel
    let outbound: NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

    /// Passes one part of the engine's answer on.
    ///
    /// - Returns: true after the last one.
    func pass(_ part: HTTPClientResponsePart) async throws -> Bool {
        switch part {
        case .head(let head): try await outbound.write(.head(head))
        case .body(let buffer): try await outbound.write(.body(.byteBuffer(buffer)))
        case .end:
            try await outbound.write(.end(nil))
            return true
        }
        return false
    }

    /// Passes the head and some bytes of the body on; whoever reads the rest waits for the connection to close.
    func passBeginning(of reply: [HTTPClientResponsePart], bodyBytes count: Int) async throws {
        var left = count
        for part in reply {
            switch part {
            case .body(var buffer):
                guard let piece = buffer.readSlice(length: min(left, buffer.readableBytes)), left > 0 else { continue }
                left -= piece.readableBytes
                try await outbound.write(.body(.byteBuffer(piece)))
            case .head: _ = try await pass(part)
            case .end: break
            }
        }
    }

    /// Answers as the engine would with an error.
    func answer(status: Int, message: String) async throws {
        let body = ByteBuffer(string: "{\"message\":\"\(message)\"}")
        let headers: HTTPHeaders = [
            "Content-Type": "application/json", "Content-Length": String(body.readableBytes), "Api-Version": "1.41",
        ]
        try await outbound.write(
            .head(HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers))
        )
        try await outbound.write(.body(.byteBuffer(body)))
        try await outbound.write(.end(nil))
    }
}

/// A whole answer of the engine.
enum EngineReply {
    /// The same answer with another body.
    static func changing(
        _ reply: [HTTPClientResponsePart], _ change: (Data) -> Data
    ) -> [HTTPClientResponsePart] {
        var body = Data()
        var head: HTTPResponseHead?
        for part in reply {
            switch part {
            case .head(let received): head = received
            case .body(let buffer): body.append(contentsOf: buffer.readableBytesView)
            case .end: break
            }
        }
        guard var head else { return reply }
        let changed = change(body)
        head.headers.remove(name: "Transfer-Encoding")
        head.headers.replaceOrAdd(name: "Content-Length", value: String(changed.count))
        return [.head(head), .body(ByteBuffer(bytes: changed)), .end(nil)]
    }
}
