import ReconcileTesting
import Reconciler
import Specs
import Synchronization
import Testing

@testable import API

/// Watching one claim.
struct ClaimStreamTests {
    @Test("a watcher hears of a lost container at once, of its successor, and of the end, which ends the stream")
    func lostAndRecovered() async throws {
        try await TestServer.with { server in
            let (client, desk) = (server.client, server.host.desk)
            let claim = try await client.claim("agents", ClaimWish(holder: "a"))
            let id = try #require(ClaimID(claim.id))
            let heard = Mutex<[ClaimDocument]>([])
            let watching = Task { try await client.watch(claim.id) { seen in heard.withLock { $0.append(seen) } } }
            #expect(await eventually { heard.withLock { $0.count } == 1 })
            let lost = ContinuousClock.now
            try desk.lose(id)
            #expect(await eventually { heard.withLock { $0.count } == 2 })
            #expect(lost.duration(to: .now) < .seconds(1))
            try desk.recover(id)
            try desk.end(id, .expired)
            try await watching.value
            let seen = heard.withLock { $0 }
            #expect(seen.map(\.phase) == [.bound, .recovering, .bound, .ended])
            #expect(seen.map(\.reason) == [nil, "container_lost", nil, "expired"])
            #expect(seen[1].container == nil && seen[2].container != claim.container && seen[2].recoveries == 1)
            #expect(await eventually { server.hub.claims.count == 0 })
        }
    }

    @Test("of a claim that is over there is one message")
    func over() async throws {
        try await TestServer.with { server in
            let claim = try await server.client.claim("agents", ClaimWish(holder: "a"))
            _ = try await server.client.release(claim.id)
            let heard = Mutex<[Claim.Phase]>([])
            try await server.client.watch(claim.id) { seen in heard.withLock { $0.append(seen.phase) } }
            #expect(heard.withLock { $0 } == [.ended])
        }
    }

    @Test("a daemon that stops ends the streams of claims")
    func stop() async throws {
        let watcher = Watcher()
        try await TestServer.with { server in
            let client = server.client
            let claim = try await client.claim("agents", ClaimWish(holder: "a"))
            let watching = Task {
                // However it ends.
                try? await client.watch(claim.id) { _ in }
                watcher.hasEnded.withLock { $0 = true }
            }
            watcher.task.withLock { $0 = watching }
            #expect(await eventually { server.hub.claims.count == 1 })
        }
        await watcher.task.withLock { $0 }?.value
        #expect(watcher.hasEnded.withLock { $0 })
    }

    private final class Watcher: Sendable {
        let task = Mutex<Task<Void, Never>?>(nil)
        let hasEnded = Mutex(false)
    }

    @Test("a change that was announced before the claim was looked up is not told after it")
    func order() throws {
        let feed = ClaimFeed()
        var claim = Self.claim
        let watch = try #require(feed.watch(claim.id))
        feed.publish(claim)
        claim.message = "second"
        feed.publish(claim)
        let seen = claim
        claim.message = "third"
        feed.publish(claim)
        #expect(watch.take(after: seen) == [claim])
        #expect(watch.take().isEmpty)
        feed.publish(seen)
        #expect(watch.take(after: claim) == [seen], "what is not among them was looked up before all of them")
    }

    @Test("who reads slowly finds the newest changes, and others nothing of it")
    func slow() throws {
        let feed = ClaimFeed()
        var claim = Self.claim
        let watch = try #require(feed.watch(claim.id))
        let other = try #require(feed.watch(ClaimID(number: 2)))
        for number in 0..<1_000 {
            claim.message = "\(number)"
            feed.publish(claim)
        }
        #expect(watch.take().map(\.message) == (936..<1_000).map { "\($0)" })
        #expect(other.take().isEmpty)
        feed.remove(watch)
        feed.remove(watch)
        #expect(feed.count == 1)
        feed.close()
        #expect(feed.watch(claim.id) == nil)
    }

    private static let claim = Claim(
        id: ClaimID(number: 1), request: ClaimRequest(pool: ResourceID(.warmPool, "agents"), holder: "a"),
        phase: .bound, container: nil, source: .warm, ttl: .seconds(60), created: TestServer.now,
        expires: TestServer.now, notAfter: nil)
}
