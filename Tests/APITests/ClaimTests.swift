import Foundation
import NIOHTTP1
import ReconcileTesting
import Reconciler
import Specs
import Synchronization
import Testing

@testable import API

/// Claims over a real server: what is heard, what is answered, and what a caller that goes away leaves behind.
struct ClaimTests {
    private static func claim(_ answer: SocketClient.Answer) throws -> ClaimDocument {
        try JSONDecoder().decode(ClaimDocument.self, from: answer.body)
    }

    private static func message(_ answer: SocketClient.Answer) throws -> String {
        try JSONDecoder().decode(MessageDocument.self, from: answer.body).message
    }

    @Test("a claim is answered with all that its holder needs, and nothing of what it brought along but names")
    func make() async throws {
        try await TestServer.with { server in
            let body = """
                {"holder": "agent-7", "labels": {"conversation_id": "42/é", "tenant_id": "acme"}, "ttl": "1h30m", \
                "wait": "10s", "env": {"TOKEN": "very secret"}, "files": {"a.txt": "plain", "b": {"base64": "AAEC"}}, \
                "limits": {"cpus": "500m", "memory": 67108864, "pids": 64}}
                """
            let answer = try await server.ask(
                "/v1/pools/agents/claims", post: body, headers: ["Idempotency-Key": "k-1"])
            #expect(answer.code == 201)
            let claim = try Self.claim(answer)
            #expect(claim.pool == "agents" && claim.holder == "agent-7" && claim.phase == .bound)
            #expect(claim.labels == ["conversation_id": "42/é", "tenant_id": "acme"])
            #expect(claim.container == .init(id: "c0ffee1", name: "agents-1-1") && claim.source == .warm)
            #expect(claim.address == "172.30.0.1" && claim.ports == ["8080/tcp"] && claim.durationMs == 1.25)
            #expect(claim.ttl == "1h30m" && claim.expires == TestServer.now.advanced(bySeconds: 5_400))
            #expect(claim.env == ["TOKEN"] && claim.files == ["a.txt", "b"])
            #expect(claim.limits == .init(cpus: "500m", memory: "64Mi", pids: 64))
            #expect(!String(decoding: answer.body, as: UTF8.self).contains("very secret"))

            let heard = try #require(server.host.desk.requests.first)
            #expect(heard.environment == ["TOKEN": "very secret"] && heard.wait == .seconds(10))
            #expect(
                heard.files == [.init(name: "a.txt", bytes: Array("plain".utf8)), .init(name: "b", bytes: [0, 1, 2])])
            #expect(heard.limits == ClaimLimits(nanoCPUs: 500_000_000, memory: 64 << 20, pids: 64))
            #expect(server.host.desk.callers.allSatisfy { !$0.isEmpty })
        }
    }

    @Test("the same key is the same claim, and with another request it is refused")
    func idempotency() async throws {
        try await TestServer.with { server in
            func ask(_ holder: String) async throws -> SocketClient.Answer {
                try await server.ask(
                    "/v1/pools/agents/claims", post: "{\"holder\": \"\(holder)\"}", headers: ["Idempotency-Key": "k"])
            }
            let (first, again) = (try await ask("a"), try await ask("a"))
            #expect(try Self.claim(first) == Self.claim(again) && again.code == 201)
            #expect(try await ask("b").code == 409)
            #expect(server.host.desk.claims.count == 1)
        }
    }

    struct BadInput: Sendable, CustomTestStringConvertible {
        let body: String
        let message: String
        var key = "k"

        var testDescription: String { String(body.prefix(80)) }

        private static func with(_ rest: String) -> String { "{\"holder\": \"a\", \(rest)}" }

        static let all = [
            BadInput(body: "", message: "'holder' is missing; it is who has the claim"),
            BadInput(body: "{", message: "the body is not JSON"),
            BadInput(body: "[]", message: "the body must be a JSON object, such as {\"holder\""),
            BadInput(body: "{\"holder\": 3}", message: "'holder' must be a string"),
            BadInput(body: "{\"holder\": \" \"}", message: "'holder' is ' ' and must be who has the claim"),
            BadInput(body: "{\"holder\": \"a\\nb\"}", message: "in one line of up to 200 bytes"),
            BadInput(body: with("\"tttl\": \"1h\""), message: "unknown field 'tttl'; did you mean 'ttl'?"),
            BadInput(body: with("\"color\": 1"), message: "unknown field 'color'; there is holder, labels, ttl"),
            BadInput(body: with("\"ttl\": 30"), message: "'ttl' must be a string"),
            BadInput(body: with("\"ttl\": \"30\""), message: "'ttl' is '30' and must be a duration of 1s to 720h"),
            BadInput(body: with("\"ttl\": \"0s\""), message: "'ttl' is '0s' and must be a duration"),
            BadInput(body: with("\"wait\": \"1h\""), message: "'wait' is '1h' and must be a duration of 0s to 10m"),
            BadInput(body: with("\"labels\": []"), message: "'labels' must be an object"),
            BadInput(body: with("\"labels\": {\"a b\": \"c\"}"), message: "the label 'a b' must be a label key"),
            BadInput(body: with("\"labels\": {\"a\": 1}"), message: "'labels.a' must be one line of up to 253 bytes"),
            BadInput(body: with("\"env\": {\"1A\": \"c\"}"), message: "the variable '1A' must be a variable name"),
            BadInput(body: with("\"env\": {\"A\": {\"hidden\": 1}}"), message: "'env.A' must be a string without"),
            BadInput(body: with("\"env\": {\"A\": \"hidden\\u0000\"}"), message: "'env.A' must be a string without"),
            BadInput(body: with("\"files\": {\"../a\": \"hidden\"}"), message: "the file '../a' must be a plain name"),
            BadInput(body: with("\"files\": {\"..\": \"hidden\"}"), message: "the file '..' must be a plain name"),
            BadInput(
                body: with("\"files\": {\"a\": {\"base64\": \"hidden!\"}}"), message: "'files.a' must be a string, or"),
            BadInput(
                body: with("\"files\": {\"a\": {\"text\": \"hidden\"}}"), message: "'files.a' must be a string, or"),
            BadInput(
                body: with("\"limits\": {\"cpu\": 1}"), message: "unknown field 'limits.cpu'; did you mean 'cpus'?"),
            BadInput(body: with("\"limits\": {\"cpus\": \"1K\"}"), message: "'limits.cpus' is '1K' and must be CPUs"),
            BadInput(
                body: with("\"limits\": {\"memory\": \"1MB\"}"), message: "'limits.memory' is '1MB' and must be bytes"),
            BadInput(body: with("\"limits\": {\"pids\": 0}"), message: "'limits.pids' is '0' and must be a number"),
            BadInput(body: with("\"limits\": {\"pids\": 1.5}"), message: "'limits.pids' is '1.5' and must be a number"),
            BadInput(
                body: with("\"files\": {\"a\": \"\(String(repeating: "x", count: 1 << 20))\"}"),
                message: "'env' and 'files' have 1048577 bytes together and may have 1048576"),
            BadInput(body: with("\"ttl\": null"), message: "Idempotency-Key must be 1 to 255", key: "a b"),
        ]
    }

    @Test(
        "bad input is refused with its field and what would be right, and never with what may be a secret",
        arguments: BadInput.all)
    func badInput(_ c: BadInput) async throws {
        try await TestServer.with { server in
            let answer = try await server.ask(
                "/v1/pools/agents/claims", post: c.body, headers: ["Idempotency-Key": c.key])
            let message = try Self.message(answer)
            #expect(answer.code == 400 && message.contains(c.message), "\(message)")
            #expect(!message.contains("hidden"))
            #expect(server.host.desk.requests.isEmpty)
        }
    }

    @Test(
        "each refusal has its status, and says when to come again",
        arguments: [
            (ClaimRefusal(.invalid, "no"), 400, nil), (ClaimRefusal(.notFound, "no"), 404, nil),
            (ClaimRefusal(.conflict, "no"), 409, nil), (ClaimRefusal(.failed, "no"), 502, nil),
            (ClaimRefusal(.exhausted, "no", retryAfter: .milliseconds(1_500)), 429, "2"),
            (ClaimRefusal(.unavailable, "no", retryAfter: .zero), 503, "1"),
            (ClaimRefusal(.unavailable, "no"), 503, nil),
        ] as [(ClaimRefusal, UInt, String?)])
    func statuses(refusal: ClaimRefusal, status: UInt, retryAfter: String?) async throws {
        try await TestServer.with { settings, folder in
            settings.listen = try ListenAddress("127.0.0.1:\(try TestServer.freePort())")
            settings.tokenFile = try folder.write("tokens", "ada user \(TokenFile.digest(of: "t"))\n")
        } _: { server in
            server.host.desk.refuse(refusal)
            let answer = try await server.call(
                "/v1/pools/agents/claims", method: .POST, headers: [("Authorization", "Bearer t")],
                body: Array("{\"holder\": \"a\"}".utf8))
            #expect(answer.status == status && answer.body == "{\"message\":\"no\"}\n")
            #expect(answer.headers.first(name: "Retry-After") == retryAfter)
        }
    }

    @Test("who waits is answered in the order of arrival, and short answers do not wait for them")
    func waiting() async throws {
        try await TestServer.with { server in
            server.host.desk.refill("agents", by: -2)
            func ask(_ holder: String) async throws -> ClaimDocument {
                var wish = ClaimWish(holder: holder)
                wish.wait = "60s"
                return try await server.client.claim("agents", wish)
            }
            async let first = ask("first")
            #expect(await eventually { server.host.desk.waiting == 1 })
            async let second = ask("second")
            #expect(await eventually { server.host.desk.waiting == 2 })
            #expect(try await server.ask("/v1/claims").code == 200)
            server.host.desk.refill(by: 1)
            let earlier = try await first
            #expect(earlier.holder == "first" && server.host.desk.waiting == 1)
            server.host.desk.refill(by: 1)
            #expect(try await second.holder == "second")
        }
    }

    @Test("after its wait a request is refused")
    func outwaited() async throws {
        try await TestServer.with { server in
            server.host.desk.refill("agents", by: -2)
            let answer = try await server.ask(
                "/v1/pools/agents/claims", post: #"{"holder": "a", "wait": "50ms"}"#)
            #expect(answer.code == 429)
        }
    }

    @Test("a caller that closes the connection has no claim, and nobody waits in its place")
    func departure() async throws {
        try await TestServer.with { server in
            server.host.desk.refill("agents", by: -2)
            let body = #"{"holder": "a", "wait": "60s"}"#
            var connection: RawConnection? = try RawConnection(server.settings.socketPath)
            try connection?.send(
                "POST /v1/pools/agents/claims HTTP/1.1\r\nHost: reconcile\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            #expect(await eventually { server.host.desk.waiting == 1 })
            connection = nil
            #expect(await eventually { server.host.desk.cancelled == 1 && server.host.desk.waiting == 0 })
            server.host.desk.refill(by: 1)
            #expect(server.host.desk.claims.isEmpty)
        }
    }

    @Test("a daemon that is told to stop waits for nobody's claim")
    func stop() async throws {
        let host = TestHost()
        host.desk.refill("agents", by: -2)
        let clock = ContinuousClock()
        let begun = clock.now
        try await TestServer.with(host) { server in
            let socket = server.settings.socketPath
            // However it ends.
            Task {
                var wish = ClaimWish(holder: "a")
                wish.wait = "10m"
                _ = try? await DaemonClient(socketPath: socket).claim("agents", wish)
            }
            #expect(await eventually { host.desk.waiting == 1 })
        }
        #expect(begun.duration(to: clock.now) < .seconds(20) && host.desk.waiting == 0)
    }

    @Test("a claim is renewed, looked up, listed and released, and released again stays as it was")
    func lifecycle() async throws {
        try await TestServer.with { server in
            let client = server.client
            var wish = ClaimWish(holder: "agent-7")
            wish.labels = ["tenant_id": "acme"]
            let claim = try await client.claim("agents", wish)
            let other = try await client.claim("agents", ClaimWish(holder: "agent-8"))
            #expect(try await client.renew(claim.id, ttl: "2h").ttl == "2h")
            #expect(try await client.renew(claim.id).ttl == "2h")
            #expect(try await client.claim(claim.id).ttl == "2h")
            #expect(try await server.ask("/v1/claims/\(claim.id)/renew", post: #"{"ttl": "never"}"#).code == 400)

            #expect(try await client.claims().items.map(\.id) == [claim.id, other.id])
            #expect(try await client.claims(["holder": "agent-8"]).items.map(\.id) == [other.id])
            #expect(try await client.claims(["label": "tenant_id=acme"]).items.map(\.id) == [claim.id])
            #expect(try await client.claims(["pool": "others"]).items.isEmpty)
            let page = try await client.claims(["limit": "1"])
            #expect(page.items.map(\.id) == [claim.id] && page.next == claim.id)
            let rest = try await client.claims(["limit": "1", "after": page.next])
            #expect(rest.items.map(\.id) == [other.id] && rest.next == nil)

            let released = try await client.release(claim.id)
            #expect(released.phase == .ended && released.reason == "released")
            #expect(try await client.release(claim.id) == released)
            #expect(try await client.claims(["phase": "open"]).items.map(\.id) == [other.id])
            #expect(try await client.claims(["phase": "ended"]).items.map(\.id) == [claim.id])
            #expect(try await server.ask("/v1/claims/\(claim.id)/renew", post: "").code == 409)
            for path in ["/v1/claims/c-00000000000000ff", "/v1/claims/nonsense", "/v1/claims/nonsense/events"] {
                #expect(try await server.ask(path).code == 404)
            }
            for query in ["label=a", "phase=lost", "after=1", "limit=0", "color=red"] {
                #expect(try await server.ask("/v1/claims?\(query)").code == 400)
            }
        }
    }

    @Test(
        "a user may claim and not command, a viewer may look",
        arguments: [
            (Role.viewer, "POST", "/v1/pools/agents/claims", 403), (.viewer, "GET", "/v1/claims", 200),
            (.viewer, "DELETE", "/v1/claims/c-00000000000000ff", 403), (.user, "POST", "/v1/pools/agents/claims", 201),
            (.user, "DELETE", "/v1/claims/c-00000000000000ff", 404), (.user, "POST", "/v1/pause", 403),
            (.user, "GET", "/v1/status", 200), (.operator, "POST", "/v1/pools/agents/claims", 201),
        ] as [(Role, String, String, UInt)])
    func roles(role: Role, method: String, path: String, status: UInt) async throws {
        try await TestServer.with { settings, folder in
            settings.listen = try ListenAddress("127.0.0.1:\(try TestServer.freePort())")
            settings.tokenFile = try folder.write("tokens", "ada \(role.rawValue) \(TokenFile.digest(of: "t"))\n")
        } _: { server in
            let body = method == "POST" ? Array(#"{"holder": "a"}"#.utf8) : nil
            let answer = try await server.call(
                path, method: .init(rawValue: method), headers: [("Authorization", "Bearer t")], body: body)
            #expect(answer.status == status, "\(answer.body)")
            if status == 201 { #expect(server.host.desk.callers == ["token ada"]) }
        }
    }

    @Test("pools are shown, alone and in the status")
    func pools() async throws {
        var pool = PoolStatus(pool: ResourceID(.warmPool, "agents"))
        (pool.size, pool.ready, pool.claimed) = (5, 4, 2)
        let host = TestHost()
        host.script.withLock {
            $0.report.pools = [pool]
            $0.report.status.pools = [pool]
        }
        try await TestServer.with(host) { [pool] server in
            #expect(try await server.client.pools() == [pool])
            #expect(try await server.client.status().pools == [pool])
            let answer = try await server.ask("/v1/pools/agents")
            #expect(try JSONDecoder().decode(PoolStatus.self, from: answer.body) == pool)
            #expect(try await server.ask("/v1/pools/none").code == 404)
        }
    }
}
