import ArgumentParser
import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import API
@testable import ReconcileCLI

/// `claim`, `claims`, `renew` and `release` as they are typed and shown.
struct ClaimCommandTests {
    @Test("what is typed becomes a request")
    func wish() async throws {
        try await ScratchFolder.with { folder in
            let file = try folder.write("task.json", "{}")
            let words = [
                "claim", "WarmPool/agents", "--holder", "ada", "--label", "tenant_id=acme", "--label", "a=b=c",
                "--ttl", "90m", "--wait", "0s", "--env", "A=1=2", "--env", "HOME", "--file", "task=\(file)",
                "--memory", "256Mi", "--pids", "64", "--exec", "sh", "-c", "exit 3",
            ]
            let command = try #require(try ReconcileCommand.parseAsRoot(words) as? ClaimCommand)
            var wish = ClaimWish(holder: "ada")
            wish.labels = ["tenant_id": "acme", "a": "b=c"]
            (wish.ttl, wish.wait) = ("1h30m", "0s")
            wish.env = ["A": "1=2", "HOME": "/home/ada"]
            wish.files = ["task": Data("{}".utf8)]
            wish.limits = .init(memory: "256Mi", pids: 64)
            #expect(try command.wish(["HOME": "/home/ada"]) == wish)
            #expect(command.exec == ["sh", "-c", "exit 3"])
            #expect(try PoolWord.name(command.pool) == "agents")
            #expect(throws: UsageError.self) { try command.wish([:]) }
            let plain = try #require(try ReconcileCommand.parseAsRoot(["claim", "agents"]) as? ClaimCommand)
            #expect(try plain.wish([:]).holder.contains("@") && plain.wish([:]).wait == "10s")
        }
    }

    @Test(
        "what is mistyped is refused with a word on what would be right",
        arguments: [
            (["claim"], "Missing expected argument '<pool>'"),
            (["claim", "Workload/web"], "'Workload/web' must be a WarmPool, such as agents or WarmPool/agents"),
            (["claim", "agents", "--label", "a"], "--label 'a' must be KEY=VALUE"),
            (["claim", "agents", "--file", "a"], "--file 'a' must be NAME=PATH"),
            (["claim", "agents", "--ttl", "30"], "'30' is invalid for '--ttl <duration>'"),
            (["claim", "agents", "--wait", "soon"], "--wait 'soon' must be a duration such as 30s, 5m or 0s"),
            (["claims", "--pool", "Workload/web"], "'Workload/web' must be a WarmPool"),
            (["release"], "Missing expected argument '<ids> ...'"), (["renew"], "Missing expected argument '<id>'"),
        ])
    func mistakes(words: [String], message: String) {
        let error = #expect(throws: (any Error).self) { try ReconcileCommand.parseAsRoot(words) }
        guard let error else { return }
        let text = ReconcileCommand.message(for: error)
        #expect(text.contains(message), "\(text)")
        #expect(ReconcileCommand.exitCode(for: error) == .validationFailure)
    }

    @Test(
        "without a daemon each ends with 1, and says what to do",
        arguments: [
            ["claim", "agents"], ["claim", "agents", "--exec", "true"], ["claims"], ["renew", "c-1"],
            ["release", "c-1"],
        ])
    func noDaemon(words: [String]) async throws {
        try await ScratchFolder.with { folder in
            // Before --exec, which takes all the rest.
            let ending = try await Program().run(["--state-dir", folder.path] + words)
            #expect(ending.exitCode == 1 && ending.output.isEmpty)
            #expect(ending.errors.contains("no daemon listens at '\(folder.path)/reconcile.sock'"), "\(ending)")
        }
    }

    private static let now = Instant(secondsSince1970: 1_800_000_000)

    private static func claim(_ change: (inout Claim) -> Void = { _ in }) -> ClaimDocument {
        let pool = ResourceID(.warmPool, "agents")
        var request = ClaimRequest(pool: pool, holder: "ada")
        request.labels = ["tenant_id": "acme", "conversation_id": "42"]
        var claim = Claim(
            id: ClaimID(number: 0xAB), request: request, phase: .bound,
            container: .init(
                instance: MemberInstance(MemberID(pool, 3), 1), id: "c0ffee0123456789", name: "agents-3-1",
                address: "172.30.0.4", ports: ["8080/tcp"]), source: .warm, ttl: .seconds(1_800), created: now,
            expires: now.advanced(bySeconds: 1_800), notAfter: nil)
        claim.durationMicroseconds = 2_140
        change(&claim)
        return ClaimDocument(claim)
    }

    @Test("a claim is shown with its container, where it answers, and how long there is left")
    func one() {
        #expect(
            ClaimRenderer.text(Self.claim(), now: Self.now) == """
                claim      c-00000000000000ab
                pool       WarmPool/agents
                holder     ada
                labels     conversation_id=42, tenant_id=acme
                phase      bound
                container  agents-3-1 (c0ffee012345)
                address    172.30.0.4, 8080/tcp
                source     warm, in 2.14 ms
                expires    2027-01-15T08:30:00Z, in 30m
                """)
    }

    @Test("claims are a table, those that are over with the reason")
    func table() {
        let over = Self.claim {
            ($0.phase, $0.ending, $0.source) = (.ended, .containerLost, .cold)
        }
        #expect(
            ClaimRenderer.table([Self.claim(), over], now: Self.now.advanced(bySeconds: 60)) == """
                CLAIM               POOL    HOLDER  PHASE                   CONTAINER   SOURCE  AGE  EXPIRES IN
                c-00000000000000ab  agents  ada     bound                   agents-3-1  warm    60s  29m
                c-00000000000000ab  agents  ada     ended (container_lost)  agents-3-1  cold    60s
                """)
    }

    @Test("the status shows how pools stand")
    func pools() {
        var pool = PoolStatus(pool: ResourceID(.warmPool, "agents"))
        (pool.size, pool.ready, pool.updatedReady, pool.warming, pool.claimed) = (5, 4, 4, 1, 2)
        var status = HostStatus(
            host: "a", revision: nil, engine: .init(reachable: true, version: "", apiVersion: ""), source: nil,
            objects: [])
        status.pools = [pool]
        #expect(
            StatusRenderer.text(status).hasSuffix(
                """


                POOL    SIZE  READY  UPDATED  WARMING  CLAIMED  STALE  LOST  WAITING  MISSES
                agents  5     4      4        1        2        0      0     0        0
                """))
        status.pools = []
        #expect(!StatusRenderer.text(status).contains("POOL"))
    }

    @Test(
        "a command in the foreground ends with its own code, and one that a signal ended with that above 128",
        arguments: [("exit 3", 3), ("kill -TERM $$", 143), (#"test "$TOKEN" = secret"#, 0)] as [(String, Int32)])
    func foreground(script: String, code: Int32) async throws {
        let command = try ForegroundCommand(["sh", "-c", script], variables: ["TOKEN": "secret"])
        #expect(await command.ending() == code)
    }

    @Test("a program that is not there is an error with its name")
    func missing() {
        let error = #expect(throws: ForegroundCommand.Failure.self) {
            try ForegroundCommand(["no-such-program"], variables: [:])
        }
        #expect(error?.description == "'no-such-program' cannot be run: no such file or directory")
    }
}
