import NIOCore
import NIOHTTP1
import NIOPosix

/// The proxy's side of a connection that a program has opened.
struct ClientChannel: Sendable {
    let channel: NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    /// Must be called on the channel's event loop.
    init(_ channel: any Channel) throws {
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: false)
        self.channel = try NIOAsyncChannel(wrappingChannelSynchronously: channel)
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
