import Reconciler
import Synchronization
import Testing

@testable import Drivers

@Suite(.timeLimit(.minutes(1)))
struct SharedPullsTests {
    private let image = ObservedImage(id: "sha256:1")

    private func wait(for count: Int, on pulls: SharedPulls) async {
        while pulls.waiters(for: "app:1") != count { await Task.yield() }
    }

    @Test("callers that want one image share one pull, and later ones begin another")
    func shares() async throws {
        let pulls = SharedPulls()
        let calls = Mutex(0)
        let gate = AsyncStream.makeStream(of: Never.self)
        let pull: @Sendable () async throws(DriverError) -> ObservedImage = { [image] in
            calls.withLock { $0 += 1 }
            for await _ in gate.stream {}
            return image
        }
        try await withThrowingTaskGroup(of: ObservedImage.self) { group in
            for _ in 0..<8 { group.addTask { try await pulls.run("app:1", pull) } }
            await wait(for: 8, on: pulls)
            gate.continuation.finish()
            for try await pulled in group { #expect(pulled == image) }
        }
        #expect(calls.withLock { $0 } == 1)
        _ = try await pulls.run("app:1", pull)
        #expect(calls.withLock { $0 } == 2)
    }

    @Test("a pull is given up with its last caller, not with its first")
    func cancels() async {
        let pulls = SharedPulls()
        let cancelled = AsyncStream.makeStream(of: Never.self)
        let pull: @Sendable () async throws(DriverError) -> ObservedImage = { [image] in
            // Ends only when it is cancelled.
            for await _ in AsyncStream<Never>.makeStream().stream {}
            cancelled.continuation.finish()
            return image
        }
        let first = Task { try await pulls.run("app:1", pull) }
        await wait(for: 1, on: pulls)
        let second = Task { try await pulls.run("app:1", pull) }
        await wait(for: 2, on: pulls)
        first.cancel()
        await wait(for: 1, on: pulls)
        second.cancel()
        for await _ in cancelled.stream {}
        #expect(pulls.waiters(for: "app:1") == 0)
    }
}
