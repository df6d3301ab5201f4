import AsyncHTTPClient
import FoundationEssentials
import Logging
import NIOHTTP1
import NIOSSL
import ReconcileTesting
import Specs
import Testing

@testable import API

/// Who gets in over TCP, and with what.
struct AdmissionTests {
    /// The SHA-256 of `viewer-token`, and so on.
    private static let tokens = """
        # name   role     sha-256
        looks    viewer   \(digest("viewer-token"))
        acts     operator \(digest("operator-token")) 2100-01-01T00:00:00Z

        was      admin    \(digest("old-token"))      2020-01-01T00:00:00Z   # gone
        """

    private static func digest(_ text: String) -> String { TokenFile.digest(of: text) }

    private func withServer(_ body: (TestServer) async throws -> Void) async throws {
        try await TestServer.with { settings, folder in
            settings.listen = try ListenAddress("127.0.0.1:\(try TestServer.freePort())")
            settings.tokenFile = try folder.write("tokens", Self.tokens)
        } _: {
            try await body($0)
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var path: String
        var isPost = false
        var token: String?
        var headers: [String: String] = [:]
        var status: UInt

        var testDescription: String { "\(path) with \(token ?? "no token") \(headers): \(status)" }

        static let all = [
            Case(path: "/healthz", status: 200), Case(path: "/readyz", status: 503),
            Case(path: "/openapi.json", status: 200), Case(path: "/metrics", status: 401),
            Case(path: "/metrics", token: "viewer-token", status: 200), Case(path: "/v1/status", status: 401),
            Case(path: "/v1/status", token: "viewer-token", status: 200),
            Case(path: "/v1/status", token: "viewer-tokem", status: 401),
            Case(path: "/v1/status", token: "", status: 401),
            Case(path: "/v1/status", token: "old-token", status: 401),
            Case(path: "/v1/sync", isPost: true, token: "viewer-token", status: 403),
            Case(path: "/v1/sync", isPost: true, token: "operator-token", status: 200),
            Case(path: "/v1/logs", token: "viewer-token", status: 403),
            Case(path: "/v1/logs", token: "operator-token", status: 200),
            Case(path: "/v1/resume", isPost: true, status: 401), Case(path: "/v1/nothing", status: 404),
            Case(path: "/v1/status", headers: ["Authorization": "Basic dmlld2VyLXRva2Vu"], status: 401),
            // A page of somebody else, in a browser on this machine.
            Case(path: "/healthz", headers: ["Host": "evil.example"], status: 421),
            Case(path: "/healthz", headers: ["Host": "evil.example:80"], status: 421),
            Case(path: "/healthz", headers: ["Origin": "https://evil.example"], status: 403),
            Case(path: "/healthz", headers: ["Host": "localhost:1"], status: 200),
        ]
    }

    @Test("each caller may do what its role says, and no more", arguments: Case.all)
    func access(_ c: Case) async throws {
        try await withServer { server in
            var headers = c.headers.map { ($0.key, $0.value) }
            if let token = c.token { headers.append(("Authorization", "Bearer \(token)")) }
            let answer = try await server.call(
                c.path, method: c.isPost ? .POST : .GET, headers: headers, body: c.isPost ? [] : nil)
            #expect(answer.status == c.status, "\(answer.body)")
            if answer.status == 401 { #expect(answer.headers.first(name: "WWW-Authenticate") == "Bearer") }
        }
    }

    @Test("a path that takes another method says which")
    func methods() async throws {
        try await TestServer.with { server in
            let answer = try await server.ask("/v1/status", post: "{}")
            #expect(answer.code == 405)
            #expect(String(decoding: answer.body, as: UTF8.self) == "{\"message\":\"this path takes GET\"}\n")
        }
    }

    @Test("tokens that are added while the daemon runs are let in, and a broken file leaves the old ones")
    func reload() async throws {
        try await withServer { server in
            let file = try #require(server.settings.tokenFile)
            func status(_ token: String) async throws -> UInt {
                try await server.call("/v1/status", headers: [("Authorization", "Bearer \(token)")]).status
            }
            #expect(try await status("new-token") == 401)
            func write(_ text: String) throws { try Data(text.utf8).write(to: URL(filePath: file)) }
            try write(Self.tokens + "\nnew viewer \(Self.digest("new-token"))\n")
            let isIn = try await eventually { try await status("new-token") == 200 }
            #expect(isIn)
            try write("new viewer new-token\n")
            // Long enough for the change to be looked at.
            try await Task.sleep(for: .milliseconds(1_200))
            #expect(try await status("new-token") == 200)
        }
    }

    @Test(
        "a line of the file of tokens that cannot be used is named, with what would be right",
        arguments: [
            ("a", "tokens:1: a line is 'NAME ROLE SHA256 [EXPIRES]', and this one has 1 words"),
            ("a root 00", "tokens:1: 'root' is no role; it is viewer, user, operator or admin"),
            ("\na viewer secret", "tokens:2: the third word must be the SHA-256 of the token"),
            ("a viewer \(digest("x")) tomorrow", "tokens:1: "),
            ("a viewer \(digest("x"))\na viewer \(digest("y"))", "tokens:2: the name 'a' is there already"),
        ])
    func mistakes(text: String, message: String) {
        let error = #expect(throws: APISettingsError.self) { try TokenFile(text, path: "tokens") }
        #expect(error?.description.hasPrefix(message) == true, "\(String(describing: error))")
        #expect(error?.description.contains("secret'") == false)
    }

    @Test("over TLS the same holds, and nothing is said in clear")
    func tls() async throws {
        try await TestServer.with { settings, folder in
            settings.listen = try ListenAddress("127.0.0.1:\(try TestServer.freePort())")
            settings.certificateFile = folder.path + "/cert.pem"
            settings.privateKeyFile = folder.path + "/key.pem"
            settings.tokenFile = try folder.write("tokens", Self.tokens)
            try await Self.makeCertificate(settings)
        } _: { server in
            try await Self.withClient(of: server) { client in
                let answer = try await server.call(
                    "/v1/status", headers: [("Authorization", "Bearer viewer-token")], client: client)
                #expect(answer.status == 200)
                #expect(try await server.call("/v1/status", client: client).status == 401)
            }
            // Somebody who trusts only the new certificate is let in without a restart.
            try await Self.makeCertificate(server.settings)
            let isNew = try await eventually {
                try await Self.withClient(of: server) { client in
                    // Until the files are looked at, the server shows the old one, which is refused.
                    try? await server.call("/v1/status", client: client).status
                } == 401
            }
            #expect(isNew)
        }
    }

    private static func makeCertificate(_ settings: APISettings) async throws {
        _ = try await TestCommand.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                try #require(settings.privateKeyFile), "-out", try #require(settings.certificateFile),
            ])
    }

    /// A client that trusts what the file of the server's certificate says now.
    private static func withClient<Value: Sendable>(
        of server: TestServer, _ body: (HTTPClient) async throws -> Value
    ) async throws -> Value {
        var configuration = HTTPClient.Configuration()
        configuration.tlsConfiguration = .clientDefault
        configuration.tlsConfiguration?.trustRoots = .file(try #require(server.settings.certificateFile))
        let client = HTTPClient(configuration: configuration)
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await body(client)) } catch { outcome = .failure(error) }
        try await client.shutdown()
        return try outcome.get()
    }

    @Test(
        "settings that would let anybody in, or nobody, are refused",
        arguments: [
            ("0.0.0.0:9480", nil, nil, "api.listen '0.0.0.0:9480' can be reached by others"),
            ("[::]:9480", nil, nil, "can be reached by others"),
            ("127.0.0.1:9480", "/cert", nil, "api.certificateFile and api.privateKeyFile need each other"),
            (nil, "/cert", "/key", "they need api.listen"),
            ("127.0.0.1:9480", "/no/cert", "/no/key", "the file of the TLS key '/no/key' cannot be opened"),
        ] as [(String?, String?, String?, String)])
    func settings(listen: String?, certificate: String?, key: String?, message: String) {
        let error = #expect(throws: APISettingsError.self) {
            var settings = APISettings(socketPath: "/s")
            settings.listen = try listen.map { try ListenAddress($0) }
            settings.certificateFile = certificate
            settings.privateKeyFile = key
            _ = try APIServer(
                settings, serving: TestHost(), hub: EventHub(), logger: .init(label: "test"), now: { TestServer.now })
        }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }

    @Test(
        "an address is an IP and a port, and nothing else",
        arguments: [
            ("127.0.0.1:80", true), ("127.9.9.9:0", true), ("[::1]:9480", true), ("localhost:9480", true),
            ("10.0.0.1:80", false), ("[2001:db8::1]:65535", false),
        ])
    func addresses(text: String, isLoopback: Bool) throws {
        #expect(try ListenAddress(text).isLoopback == isLoopback)
    }

    @Test(
        "what is no address is refused", arguments: ["9480", "example.org:80", "127.0.0.1:", "127.0.0.1:70000", ":80"])
    func noAddress(text: String) {
        #expect(throws: APISettingsError.self) { try ListenAddress(text) }
    }
}
