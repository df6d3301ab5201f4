import Drivers
import FoundationEssentials
import NIOCore
import NIOPosix
import ReconcileTesting
import Synchronization

/// An engine on a Unix socket that answers what a test tells it to, byte by byte if need be.
final class StubEngine: Sendable {
    let socketPath: String
    private let handler: @Sendable (StubRequest) -> [StubAction]
    private let received = Mutex<[StubRequest]>([])

    private init(socketPath: String, handler: @escaping @Sendable (StubRequest) -> [StubAction]) {
        self.socketPath = socketPath
        self.handler = handler
    }

    /// What has been asked so far, pings left out.
    var requests: [StubRequest] { received.withLock { $0 } }

    /// Serves while the body runs. Pings are answered as by an engine of API 1.41 unless `ping` says otherwise.
    static func serving<Value>(
        ping: StubAction = .reply(200, headers: ["Api-Version: 1.41", "Server: Docker/20.10.24 (linux)"], "OK"),
        _ handler: @escaping @Sendable (StubRequest) -> [StubAction],
        _ body: (StubEngine) async throws -> Value
    ) async throws -> Value {
        let directory = try TemporaryFolder()
        defer { directory.remove() }
        let stub = StubEngine(socketPath: directory.path + "/stub.sock") { request in
            request.path == "/_ping" ? [ping] : handler(request)
        }
        return try await stub.listening({ try await $0.bind(unixDomainSocketPath: stub.socketPath).get() }) { _ in
            try await body(stub)
        }
    }

    /// Serves on a port of loopback, for what is asked over TCP; the body gets the address of it.
    static func servingOnLoopback<Value>(
        _ handler: @escaping @Sendable (StubRequest) -> [StubAction],
        _ body: (_ stub: StubEngine, _ address: String) async throws -> Value
    ) async throws -> Value {
        let stub = StubEngine(socketPath: "", handler: handler)
        return try await stub.listening({ try await $0.bind(host: "127.0.0.1", port: 0).get() }) { channel in
            try await body(stub, "http://127.0.0.1:\(channel.localAddress?.port ?? 0)")
        }
    }

    private func listening<Value>(
        _ bind: (ServerBootstrap) async throws -> any Channel, _ body: (any Channel) async throws -> Value
    ) async throws -> Value {
        try await ConnectionListener<ByteBuffer, ByteBuffer>.with(
            bind, open: { try NIOAsyncChannel(wrappingChannelSynchronously: $0) },
            serve: { connection, inbound, outbound in
                try await self.serve(inbound, outbound, on: connection.channel.eventLoop)
            }, body)
    }

    private func serve(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>, _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        on eventLoop: any EventLoop
    ) async throws {
        var pending = Data()
        for try await buffer in inbound {
            pending.append(contentsOf: buffer.readableBytesView)
            while let request = StubRequest(takingFrom: &pending) {
                if request.path != "/_ping" { received.withLock { $0.append(request) } }
                for action in handler(request) {
                    switch action {
                    case .send(let text): try await outbound.write(ByteBuffer(string: text))
                    case .note(let note):
                        // Until its event loop has run, a writer takes more than the connection does.
                        try await eventLoop.submit {}.get()
                        note()
                    case .hang: try await Task.sleep(for: .seconds(3600))
                    case .close: return
                    }
                }
            }
        }
    }
}

/// One thing that the stub does after a request.
enum StubAction: Sendable {
    case send(String)
    /// What was to be sent before has been taken by the connection.
    case note(@Sendable () -> Void)
    /// Says nothing more, and keeps the connection.
    case hang
    case close

    static func reply(_ status: Int, headers: [String] = [], _ body: String) -> StubAction {
        let lines = ["HTTP/1.1 \(status) Status"] + headers + ["Content-Length: \(body.utf8.count)", "", body]
        return .send(lines.joined(separator: "\r\n"))
    }
}

/// A request as the stub received it.
struct StubRequest: Sendable {
    var method: String
    /// Without version and query.
    var path: String
    /// Such as `v1.41`; nil where the request names none.
    var version: String?
    var query: String
    var headers: [String: String]
    var body: String

    /// Takes one whole request from the front of the bytes; nil when it is not all there yet.
    init?(takingFrom data: inout Data) {
        guard let end = data.firstRange(of: Data("\r\n\r\n".utf8)) else { return nil }
        var lines = String(decoding: data[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
        let words = lines.removeFirst().split(separator: " ")
        guard words.count == 3 else { return nil }
        headers = [:]
        for line in lines {
            let pair = line.split(separator: ":", maxSplits: 1)
            if pair.count == 2 { headers[pair[0].lowercased()] = pair[1].trimmingPrefix(" ").description }
        }
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        guard data[end.upperBound...].count >= length else { return nil }
        body = String(decoding: data[end.upperBound...].prefix(length), as: UTF8.self)
        data = Data(data[end.upperBound...].dropFirst(length))

        method = String(words[0])
        let parts = words[1].split(separator: "?", maxSplits: 1)
        query = parts.count == 2 ? String(parts[1]) : ""
        path = String(parts[0])
        if path.hasPrefix("/v1.") {
            let pieces = path.split(separator: "/", maxSplits: 1)
            version = String(pieces[0])
            path = "/" + pieces[1]
        }
    }
}

extension StubEngine {
    func transport() -> UnixSocketTransport { UnixSocketTransport(EngineAddress(socketPath: socketPath)) }

    func client(_ deadlines: DockerDeadlines = DockerDeadlines()) -> DockerClient<UnixSocketTransport> {
        DockerClient(transport(), deadlines: deadlines)
    }

    func driver(_ deadlines: DockerDeadlines = DockerDeadlines()) -> DockerDriver<UnixSocketTransport> {
        DockerDriver(client(deadlines))
    }
}
