import FoundationEssentials
import GitSource
import ReconcileTesting
import Reconciler
import Testing

@Suite("servers that misbehave")
struct FaultyServerTests {
    /// A source at a server that never says a word, with a mirror of its own.
    private static func silent(
        _ world: World, scheme: String, port: UInt16, deadline: Duration
    ) throws -> GitSource {
        let key = try world.folder.write("key", "key")
        return try world.source {
            $0.url = "\(scheme)://127.0.0.1:\(port)/a"
            $0.mirrorDirectory += "-silent"
            $0.deadline = deadline
            $0.credentials.privateKeyFile = key
            $0.credentials.knownHostsFile = key
        }
    }

    @Test("a silent server is given up at the deadline", .timeLimit(.minutes(2)), arguments: ["http", "https", "ssh"])
    func silence(scheme: String) async throws {
        try await World.with { world in
            try await CannedServer.with(response: nil) { port in
                let silent = try Self.silent(world, scheme: scheme, port: port, deadline: .milliseconds(1_500))
                let start = ContinuousClock.now
                #expect(await expect(.timedOut, silent).contains("within 1.5 seconds"))
                #expect(ContinuousClock.now - start >= .milliseconds(1_500))
            }
        }
    }

    @Test("a silent server delays nobody else, and a cancelled fetch does not wait for its deadline")
    func silenceDelaysNobody() async throws {
        try await World.with { world in
            try await world.repository.commit(["a.yaml": "1"], parent: nil)
            try await CannedServer.with(response: nil) { port in
                let silent = try Self.silent(world, scheme: "http", port: port, deadline: .seconds(600))
                let waiting = Task { await expect(.timedOut, silent) }
                let mirror = world.mirror + "-silent/repository.git"
                #expect(await eventually { FileManager.default.fileExists(atPath: mirror) })
                #expect(try await world.fetch().texts == ["a.yaml": "1"])
                waiting.cancel()
                #expect(await waiting.value == "the fetch was cancelled")
            }
        }
    }

    struct Canned: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var response: String
        var code: SourceError.Code

        private static let git = "HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n"

        static let all = [
            Canned(
                testDescription: "an empty 200", response: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
                code: .unreachable),
            Canned(
                testDescription: "a captive portal",
                response: "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello",
                code: .unreachable),
            Canned(
                testDescription: "an empty 200 of the right type", response: git + "Content-Length: 0\r\n\r\n",
                code: .unreachable),
            Canned(
                testDescription: "no references at all",
                response: git + "Content-Length: 38\r\n\r\n001e# service=git-upload-pack\n00000000",
                code: .referenceMissing),
            Canned(testDescription: "nothing", response: "", code: .unreachable),
            Canned(testDescription: "noise", response: "\u{0}\u{1}\u{2}noise\r\n\r\n", code: .unreachable),
            Canned(
                testDescription: "403", response: "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
                code: .unauthorized),
            Canned(
                testDescription: "404", response: "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
                code: .repositoryNotFound),
            Canned(
                testDescription: "503", response: "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", code: .unreachable),
        ]
    }

    @Test("nonsense is an error, never an empty success", arguments: Canned.all)
    func canned(_ c: Canned) async throws {
        try await World.with { world in
            try await CannedServer.with(response: c.response) { port in
                _ = try await world.refusal(c.code) { $0.url = "http://127.0.0.1:\(port)/a.git" }
            }
        }
    }

    @Test("a redirect to another host is not followed")
    func redirect() async throws {
        try await World.with { world in
            try await world.repository.commit(["a.yaml": "1"], parent: nil)
            try await GitHTTPServer.with(root: world.folder.path + "/served") { server in
                let target =
                    server.url.replacing("127.0.0.1", with: "localhost")
                    + "/origin.git/info/refs?service=git-upload-pack"
                let response = "HTTP/1.1 301 Moved\r\nLocation: \(target)\r\nContent-Length: 0\r\n\r\n"
                try await CannedServer.with(response: response) { port in
                    try await world.refusal(.unreachable) { $0.url = "http://127.0.0.1:\(port)/origin.git" }
                }
            }
        }
    }

    @Test("a server that is gone is unreachable, and what was mirrored is kept")
    func gone() async throws {
        try await World.with { world in
            let id = try await world.repository.commit(["a.yaml": "1"], parent: nil)
            try await GitHTTPServer.with(root: world.folder.path + "/served") { server in
                _ = try await world.fetch { $0.url = server.url + "/origin.git" }
            }
            try await world.refusal(.repositoryNotFound) { $0.url = "file:///nonexistent/a.git" }
            // Nothing listens on port 1, and this name cannot exist (RFC 6761).
            try await world.refusal(.unreachable) { $0.url = "http://127.0.0.1:1/a.git" }
            try await world.refusal(.unreachable) { $0.url = "https://nowhere.invalid/a.git" }
            try await CannedServer.with(response: "") { port in
                try await world.refusal(.unreachable) { $0.url = "http://127.0.0.1:\(port)/a.git" }
            }
            _ = try await world.fetch()
            try await TestCommand.run("mv", [world.repository.path, world.repository.path + "-moved"])
            try await world.refusal(.repositoryNotFound)
            try await world.mirrorRepository.git("cat-file", "-e", id)
        }
    }
}
