import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Synchronization
import Testing

@testable import API

/// Claims from the socket to the engine: a real server, a real controller, and an engine in memory.
struct ControlledClaimTests {
    @Test("a claim is a member of the pool, which makes another, and removes it after its release")
    func lifecycle() async throws {
        try await ControlledHost.with(size: 2) { host, client, _ in
            var wish = ClaimWish(holder: "ada")
            wish.labels = ["conversation_id": "42"]
            let claim = try await client.claim("agents", wish)
            #expect(claim.phase == .bound && claim.source == .warm && claim.labels == ["conversation_id": "42"])
            let container = try #require(claim.container)
            #expect(await host.engine.containers[container.id]?.name == container.name)
            #expect(await eventually { await host.status.map { $0.ready == 2 && $0.claimed == 1 } ?? false })
            #expect(try await client.renew(claim.id, ttl: "2h").ttl == "2h")
            #expect(try await client.claims().items.map(\.id) == [claim.id])
            #expect(try await client.release(claim.id).reason == "released")
            #expect(await eventually { await host.engine.containers[container.id] == nil })
            #expect(try await client.claim(claim.id).phase == .ended)
        }
    }

    @Test("the same key is the same claim")
    func idempotency() async throws {
        try await ControlledHost.with(size: 2) { _, client, _ in
            let first = try await client.claim("agents", ClaimWish(holder: "ada"), key: "k")
            #expect(try await client.claim("agents", ClaimWish(holder: "ada"), key: "k").id == first.id)
            await #expect(throws: ClientFailure.self) {
                try await client.claim("agents", ClaimWish(holder: "eve"), key: "k")
            }
        }
    }

    @Test("side by side each has a container of its own, however few were ready")
    func sideBySide() async throws {
        try await ControlledHost.with(size: 3) { _, client, _ in
            let claims = try await withThrowingTaskGroup { group in
                for number in 0..<12 {
                    group.addTask {
                        var wish = ClaimWish(holder: "holder-\(number)")
                        wish.wait = "30s"
                        return try await client.claim("agents", wish)
                    }
                }
                return try await group.reduce(into: [ClaimDocument]()) { $0.append($1) }
            }
            #expect(Set(claims.map(\.container)).count == 12 && Set(claims.map(\.id)).count == 12)
        }
    }

    @Test("a caller that goes away while it waits leaves no claim behind")
    func departure() async throws {
        try await ControlledHost.with(size: 1) {
            $0.maxMembers = 1
        } _: { host, client, socket in
            let first = try await client.claim("agents", ClaimWish(holder: "ada"))
            let body = #"{"holder": "eve", "wait": "60s"}"#
            var connection: RawConnection? = try RawConnection(socket)
            try connection?.send(
                "POST /v1/pools/agents/claims HTTP/1.1\r\nHost: reconcile\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            )
            #expect(await eventually { await host.status?.waiting == 1 })
            connection = nil
            #expect(await eventually { await host.status?.waiting == 0 })
            _ = try await client.release(first.id)
            #expect(await eventually { await host.status?.ready == 1 })
            #expect(try await client.claims(["holder": "eve"]).items.isEmpty)
        }
    }

    @Test("a watcher learns of a lost container within a second, and of the one that replaces it")
    func lost() async throws {
        try await ControlledHost.with(size: 2) {
            $0.claim.onLost = .replace
        } _: { host, client, _ in
            let claim = try await client.claim("agents", ClaimWish(holder: "ada"))
            let heard = Mutex<[(ClaimDocument, ContinuousClock.Instant)]>([])
            let watching = Task {
                try await client.watch(claim.id) { seen in heard.withLock { $0.append((seen, .now)) } }
            }
            #expect(await eventually { heard.withLock { $0.count } == 1 })
            let died = ContinuousClock.now
            await host.engine.stopByHand(try #require(claim.container).id)
            #expect(
                await eventually { heard.withLock { $0.contains { $0.0.recoveries == 1 && $0.0.phase == .bound } } })
            let lost = heard.withLock { $0.first { $0.0.phase == .recovering } }
            #expect(lost?.0.reason == "container_lost")
            #expect(died.duration(to: try #require(lost).1) < .seconds(1))
            #expect(heard.withLock { $0.last?.0.container } != claim.container)
            _ = try await client.release(claim.id)
            try await watching.value
            #expect(heard.withLock { $0.last?.0.phase } == .ended)
        }
    }

    @Test("with 'onLost: fail' a lost container ends the claim")
    func failed() async throws {
        try await ControlledHost.with(size: 1) { host, client, _ in
            let claim = try await client.claim("agents", ClaimWish(holder: "ada"))
            let heard = Mutex<[ClaimDocument]>([])
            let watching = Task { try await client.watch(claim.id) { seen in heard.withLock { $0.append(seen) } } }
            #expect(await eventually { heard.withLock { $0.count } == 1 })
            await host.engine.stopByHand(try #require(claim.container).id)
            try await watching.value
            #expect(heard.withLock { $0.last?.reason } == "container_lost")
        }
    }

    @Test("an empty pool that may start none for a claim refuses at once, and one that is not there is not found")
    func refusals() async throws {
        try await ControlledHost.with(size: 1) {
            $0.claim.coldStart = false
            $0.maxMembers = 1
        } _: { _, _, socket in
            var codes: [UInt] = []
            for pool in ["none", "agents", "agents"] { codes.append(try await Self.code(of: pool, socket)) }
            #expect(codes == [404, 201, 429])
        }
    }

    private static func code(of pool: String, _ socket: String) async throws -> UInt {
        try await SocketClient(socketPath: socket).send(
            .init(path: "/v1/pools/\(pool)/claims", body: .init(#"{"holder": "a"}"#.utf8))
        ) { $0.code }
    }
}
