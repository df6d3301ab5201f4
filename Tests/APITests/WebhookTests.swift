import Crypto
import FoundationEssentials
import HTTPTypes
import NIOHTTP1
import ReconcileTesting
import Specs
import Synchronization
import Testing

@testable import API

/// Webhooks: whom they come from is proven, and all that they can cause is a look at the repository.
struct WebhookTests {
    private static let secret = "It's a Secret to Everybody"
    /// The example of GitHub's documentation, "Validating webhook deliveries".
    private static let body = Array("Hello, World!".utf8)
    private static let signature = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var provider: WebhookProvider
        var headers: [String: String]
        var verdict: String

        var testDescription: String { "\(provider.rawValue): \(name)" }

        static let all = [
            Case(
                name: "the documented example", provider: .github,
                headers: ["X-Hub-Signature-256": "sha256=" + signature, "X-GitHub-Event": "push"], verdict: "hint"),
            Case(
                name: "upper case", provider: .github,
                headers: ["X-Hub-Signature-256": "sha256=" + signature.uppercased(), "X-GitHub-Event": "push"],
                verdict: "hint"),
            Case(
                name: "a ping", provider: .github,
                headers: ["X-Hub-Signature-256": "sha256=" + signature, "X-GitHub-Event": "ping"], verdict: "ignored"),
            Case(
                name: "another body's", provider: .github,
                headers: ["X-Hub-Signature-256": "sha256=" + signature.replacing("7571", with: "7572")],
                verdict: "refused"),
            Case(
                name: "cut short", provider: .github,
                headers: ["X-Hub-Signature-256": "sha256=" + signature.prefix(62)], verdict: "refused"),
            Case(name: "empty", provider: .github, headers: ["X-Hub-Signature-256": "sha256="], verdict: "refused"),
            Case(
                name: "without the prefix", provider: .github, headers: ["X-Hub-Signature-256": signature],
                verdict: "refused"),
            Case(
                name: "SHA-1", provider: .github,
                headers: [
                    "X-Hub-Signature": "sha1=b97f2a4ae0e8e9b3a9a0b4a3b4f6a5c5e7b1e0a2", "X-GitHub-Event": "push",
                ],
                verdict: "refused"),
            Case(
                name: "SHA-1 in the place of SHA-256", provider: .github,
                headers: ["X-Hub-Signature-256": "sha1=b97f2a4ae0e8e9b3a9a0b4a3b4f6a5c5e7b1e0a2"], verdict: "refused"),
            Case(name: "nothing", provider: .github, headers: ["X-GitHub-Event": "push"], verdict: "refused"),
            Case(
                name: "the secret", provider: .gitlab,
                headers: ["X-Gitlab-Token": secret, "X-Gitlab-Event": "Push Hook"], verdict: "hint"),
            Case(
                name: "another secret", provider: .gitlab,
                headers: ["X-Gitlab-Token": secret + "!", "X-Gitlab-Event": "Push Hook"], verdict: "refused"),
            Case(
                name: "a signature", provider: .gitlab,
                headers: ["X-Gitlab-Token": signature, "X-Gitlab-Event": "Push Hook"], verdict: "refused"),
            Case(
                name: "an issue", provider: .gitlab,
                headers: ["X-Gitlab-Token": secret, "X-Gitlab-Event": "Issue Hook"], verdict: "ignored"),
            Case(
                name: "its own header", provider: .gitea,
                headers: ["X-Gitea-Signature": signature, "X-Gitea-Event": "push"], verdict: "hint"),
            Case(
                name: "with a prefix", provider: .gitea,
                headers: ["X-Gitea-Signature": "sha256=" + signature, "X-Gitea-Event": "push"], verdict: "refused"),
            Case(
                name: "its own header", provider: .forgejo,
                headers: ["X-Forgejo-Signature": signature, "X-Forgejo-Event": "push"], verdict: "hint"),
            Case(
                name: "Gitea's header", provider: .forgejo,
                headers: ["X-Gitea-Signature": signature, "X-Gitea-Event": "push"], verdict: "hint"),
            Case(
                name: "GitHub's header", provider: .forgejo,
                headers: ["X-Hub-Signature-256": "sha256=" + signature], verdict: "refused"),
        ]
    }

    private static func fields(_ headers: [String: String]) throws -> HTTPFields {
        var fields = HTTPFields()
        for (name, value) in headers { fields[try #require(HTTPField.Name(name))] = value }
        return fields
    }

    @Test("only who knows the secret is heard", arguments: Case.all)
    func verdicts(_ c: Case) throws {
        let verdict = try verdict(on: c.headers, from: c.provider, [Self.secret])
        #expect(verdict.name == c.verdict, "\(verdict)")
    }

    private func verdict(
        on headers: [String: String], from provider: WebhookProvider, _ secrets: [String]
    ) throws -> WebhookGate.Verdict {
        var gate = WebhookGate()
        return try verdict(on: headers, from: provider, secrets, &gate)
    }

    private func verdict(
        on headers: [String: String], from provider: WebhookProvider, _ secrets: [String], _ gate: inout WebhookGate,
        at now: ContinuousClock.Instant = .now
    ) throws -> WebhookGate.Verdict {
        let fields = try Self.fields(headers)
        return WebhookGate.objection(to: fields, body: Self.body, from: provider, secrets: secrets)
            ?? gate.verdict(on: fields, from: provider, at: now)
    }

    @Test("while a secret is changed the old one and the new one count", arguments: WebhookProvider.allCases)
    func rotation(_ provider: WebhookProvider) throws {
        let known = try #require(Case.all.first { $0.provider == provider && $0.verdict == "hint" })
        for secrets in [["new secret of ours", Self.secret], [Self.secret, "new secret of ours"]] {
            #expect(try verdict(on: known.headers, from: provider, secrets) == .hint)
        }
        #expect(try verdict(on: known.headers, from: provider, ["new secret of ours"]).name == "refused")
    }

    @Test("a delivery counts once, and one that was not genuine not at all")
    func deliveries() throws {
        var gate = WebhookGate()
        var now = ContinuousClock.now
        func verdict(_ signature: String, _ delivery: String) throws -> String {
            let headers = [
                "X-Hub-Signature-256": "sha256=" + signature, "X-GitHub-Event": "push", "X-GitHub-Delivery": delivery,
            ]
            now += .seconds(1)
            return try self.verdict(on: headers, from: .github, [Self.secret], &gate, at: now).name
        }
        #expect(try verdict(String(repeating: "0", count: 64), "a") == "refused")
        #expect(try verdict(Self.signature, "a") == "hint")
        #expect(try verdict(Self.signature, "a") == "duplicate")
        #expect(try verdict(Self.signature, "b") == "hint")
        for number in 0..<5_000 { _ = try verdict(Self.signature, "\(number)") }
        #expect(try verdict(Self.signature, "4999") == "duplicate")
    }

    @Test("too many genuine ones are refused, and after a pause some come in again")
    func rate() {
        var gate = WebhookGate()
        let start = ContinuousClock.now
        #expect((0..<100).count { _ in gate.mayCome(at: start) } == 20)
        #expect((0..<100).count { _ in gate.mayCome(at: start + .seconds(1)) } == 5)
        #expect((0..<100).count { _ in gate.mayCome(at: start + .seconds(3_600)) } == 20)
    }

    @Test("what is not genuine uses up nothing of the rate of what is")
    func garbage() async throws {
        try await withServer { server in
            func status(_ body: [UInt8]) async throws -> UInt {
                let headers = [("X-Gitea-Signature", Self.signature), ("X-Gitea-Event", "push")]
                return try await server.call("/v1/webhooks/gitea", method: .POST, headers: headers, body: body).status
            }
            for _ in 0..<40 {
                let refused = try await status([0])
                #expect(refused == 401)
            }
            let heard = try await status(Self.body)
            #expect(heard == 202)
        }
    }

    private func withServer(_ body: (TestServer) async throws -> Void) async throws {
        try await TestServer.with { settings, folder in
            settings.listen = try ListenAddress("127.0.0.1:\(try TestServer.freePort())")
            settings.webhookSecretFile = try folder.write("secret", Self.secret + "\n")
        } _: {
            try await body($0)
        }
    }

    @Test("over the wire a push is a hint, and nothing of the body matters")
    func wire() async throws {
        try await withServer { server in
            func headers(for body: [UInt8]) -> [(String, String)] {
                let key = SymmetricKey(data: Array(Self.secret.utf8))
                let code = HMAC<SHA256>.authenticationCode(for: body, using: key)
                let signature = code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
                return [("X-Gitea-Signature", signature), ("X-Gitea-Event", "push"), ("X-Gitea-Delivery", "1")]
            }
            let body = Array(repeating: UInt8(ascii: "x"), count: 1 << 20)
            let large = headers(for: body)
            let path = "/v1/webhooks/gitea"
            #expect(try await server.call(path, method: .POST, headers: large, body: body).status == 202)
            #expect(server.host.hints.withLock { $0 } == ["webhook gitea"])
            #expect(try await server.call(path, method: .POST, headers: large, body: body).status == 200)
            #expect(try await server.call(path, method: .POST, headers: large, body: body + [0]).status == 413)
            #expect(try await server.call(path, method: .POST, headers: large, body: [0]).status == 401)
            #expect(server.host.hints.withLock { $0.count } == 1)
            // Small ones, which come faster than the rate on any machine.
            let small = [UInt8(ascii: "x")]
            let refused = try await (0..<60).asyncMap { _ in
                try await server.call(path, method: .POST, headers: headers(for: small), body: small)
            }.first { $0.status == 429 }
            #expect(refused?.headers.first(name: "Retry-After") == "5")
        }
    }

    @Test("a secret that is changed in its file counts without a restart")
    func changedSecret() async throws {
        try await withServer { server in
            let path = try #require(server.settings.webhookSecretFile)
            try Data("another secret of ours\n".utf8).write(to: URL(filePath: path))
            let headers = [("X-Gitlab-Token", "another secret of ours"), ("X-Gitlab-Event", "Push Hook")]
            let isHeard = try await eventually {
                try await server.call("/v1/webhooks/gitlab", method: .POST, headers: headers, body: [0]).status == 202
            }
            #expect(isHeard)
        }
    }

    @Test("a host without a secret takes no webhooks")
    func noSecret() async throws {
        try await TestServer.with { server in
            let answer = try await server.ask("/v1/webhooks/github", post: "{}")
            #expect(answer.code == 404)
            #expect(String(decoding: answer.body, as: UTF8.self).contains("see api.webhookSecretFile"))
        }
    }

    @Test(
        "a secret that others can read, or that is too short, is refused",
        arguments: [("0123456789abcdef", 0o644), ("short", 0o600), ("\n", 0o600)])
    func badSecret(text: String, mode: Int) async throws {
        await #expect(throws: APISettingsError.self) {
            try await TestServer.with { settings, folder in
                settings.webhookSecretFile = try folder.write("secret", text, mode: mode)
            } _: { _ in
            }
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ transform: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
