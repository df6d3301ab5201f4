import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import API

/// The clients in `examples/claims`, run against a server.
struct ClaimExampleTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("examples/claims").path

    private static let examples = [["bash", "\(folder)/claim.sh"], ["/usr/bin/python3", "\(folder)/claim.py"]]

    private func run(_ example: [String], _ settings: [String], _ command: String) async throws -> String {
        try await TestCommand.run("env", settings + example + ["agents", "sh", "-c", command])
    }

    @Test("a claim is made, used and given back over the socket", arguments: examples)
    func socket(example: [String]) async throws {
        try await TestServer.with { server in
            let output = try await run(
                example, ["RECONCILE_SOCKET=\(server.settings.socketPath)"],
                "echo $CLAIM_ID $CLAIM_CONTAINER $CLAIM_ADDRESS")
            #expect(output == "c-0000000000000001 c0ffee1 172.30.0.1")
            let claim = try #require(server.host.desk.claims.first)
            #expect(claim.ending == .released && claim.labels == ["tenant_id": "example"] && claim.ttl == .seconds(60))
            #expect(claim.files == ["task.txt"] && claim.idempotencyKey?.utf8.count == 36)
        }
    }

    @Test("over TCP it needs a token of role user, and no more", arguments: examples)
    func network(example: [String]) async throws {
        try await TestServer.with { settings, folder in
            settings.listen = try ListenAddress("127.0.0.1:\(try TestServer.freePort())")
            settings.tokenFile = try folder.write("tokens", "ada user \(TokenFile.digest(of: "t"))\n")
        } _: { server in
            let address = try #require(server.settings.listen)
            _ = try await run(example, ["RECONCILE_URL=http://\(address)", "RECONCILE_TOKEN=t"], "true")
            #expect(server.host.desk.claims.map(\.ending) == [.released])
            await #expect(throws: TestCommand.Failure.self) {
                try await run(example, ["RECONCILE_URL=http://\(address)", "RECONCILE_TOKEN=u"], "true")
            }
        }
    }

    @Test("its command is told when the container is lost, and the claim is given back", arguments: examples)
    func lost(example: [String]) async throws {
        try await TestServer.with { server in
            let desk = server.host.desk
            async let failure = #expect(throws: TestCommand.Failure.self) {
                try await run(example, ["RECONCILE_SOCKET=\(server.settings.socketPath)"], "exec sleep 60")
            }
            #expect(await eventually { server.hub.claims.count == 1 })
            let id = try #require(desk.claims.first?.id)
            let begun = ContinuousClock.now
            try desk.lose(id)
            let words = await failure?.description ?? ""
            #expect(words.contains("\(id) is recovering: container_lost"), "\(words)")
            #expect(begun.duration(to: .now) < .seconds(20))
            #expect(desk.claim(id)?.ending == .released)
        }
    }
}
