import AsyncHTTPClient
import FoundationEssentials
import Glibc
import Logging
import NIOCore
import NIOHTTP1
import ReconcileTesting
import Reconciler
import ServiceLifecycle
import Specs
import Testing

@testable import API

/// A server on a socket of its own, and on TCP where a test asks for it.
struct TestServer: Sendable {
    let settings: APISettings
    let hub: EventHub
    let host: TestHost

    static let now = Instant(secondsSince1970: 1_800_000_000)

    /// Runs the body beside the server, and takes it down again.
    static func with(
        _ host: TestHost = TestHost(),
        settings change: (inout APISettings, ScratchFolder) async throws -> Void = { _, _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        try await ScratchFolder.with { folder in
            var settings = APISettings(socketPath: folder.path + "/s")
            try await change(&settings, folder)
            let hub = EventHub()
            host.desk.tell { hub.publish([.claim($0)]) }
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let server = try APIServer(settings, serving: host, hub: hub, logger: logger, now: { Self.now })
            let group = ServiceGroup(services: [server], logger: logger)
            let run = Task { try await group.run() }
            let (socket, address) = (settings.socketPath, settings.listen)
            try #require(
                await eventually {
                    RawConnection.isAccepted(socket) && (address.map { isListening($0.port) } ?? true)
                }, "nobody listens")
            let outcome: Result<Void, any Error>
            do {
                try await body(TestServer(settings: settings, hub: hub, host: host))
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            await group.triggerGracefulShutdown()
            try await run.value
            try outcome.get()
        }
    }

    /// What a request over the socket is answered with.
    func ask(
        _ path: String, post body: String? = nil, method: HTTPMethod? = nil, headers: [String: String] = [:]
    ) async throws -> SocketClient.Answer {
        try await SocketClient(socketPath: settings.socketPath).send(
            .init(path: path, method: method, body: body.map { Data($0.utf8) }, headers: headers)
        ) { $0 }
    }

    var client: DaemonClient { DaemonClient(socketPath: settings.socketPath) }

    struct Answer: Sendable {
        var status: UInt
        var headers: HTTPHeaders
        var body: String
    }

    /// What a request over TCP is answered with.
    func call(
        _ path: String, method: HTTPMethod = .GET, headers: [(String, String)] = [], body: [UInt8]? = nil,
        client: HTTPClient = .shared
    ) async throws -> Answer {
        let address = try #require(settings.listen)
        let scheme = settings.certificateFile == nil ? "http" : "https"
        var request = HTTPClientRequest(url: "\(scheme)://\(address)\(path)")
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await client.execute(request, timeout: .seconds(10))
        let text = try await response.body.collect(upTo: 16 << 20)
        return Answer(status: response.status.code, headers: response.headers, body: String(buffer: text))
    }

    /// A port of this machine that nobody listens on.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
            }
        }
        try #require(result == 0)
        return Int(UInt16(bigEndian: address.sin_port))
    }

    private static func isListening(_ port: Int) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(UInt16(port))
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return address
    }
}
