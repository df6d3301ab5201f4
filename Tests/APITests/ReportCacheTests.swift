import Foundation
import NIOCore
import ReconcileTesting
import Reconciler
import Specs
import Synchronization
import Testing

@testable import API

/// How often the controller is asked, and how old an answer may be.
struct ReportCacheTests {
    private static func cache(_ host: TestHost) -> ReportCache { ReportCache(host, now: { TestServer.now }) }

    @Test("however many ask at once, the controller makes one report")
    func coalescing() async throws {
        let host = TestHost()
        let cache = Self.cache(host)
        try await withThrowingTaskGroup { group in
            for _ in 0..<200 { group.addTask { _ = try await cache.body(.status) } }
            try await group.waitForAll()
        }
        // All of them within a tenth of a second, or else a few more.
        #expect(host.reports.withLock { $0 } <= 10)
    }

    @Test("what a command changed is in every answer after it")
    func invalidation() async throws {
        let host = TestHost()
        let cache = Self.cache(host)
        #expect(try await cache.report().status.host == "agents-1")
        host.script.withLock { $0.report.status.host = "agents-2" }
        cache.invalidate()
        #expect(try await cache.report().status.host == "agents-2")
        let body = String(buffer: try await cache.body(.status))
        #expect(body.contains("agents-2"))
    }

    @Test("who asks after a pause gets what holds now")
    func freshness() async throws {
        let host = TestHost()
        let cache = Self.cache(host)
        _ = try await cache.report()
        host.script.withLock { $0.report.status.host = "agents-2" }
        // Within a second the old answer may come once more, while a newer one is made.
        let isSeen = try await eventually { try await cache.report().status.host == "agents-2" }
        #expect(isSeen)
    }

    @Test("since when conditions hold is written down when it changed, and known again by the next run")
    func conditions() async throws {
        let host = TestHost(.init(report: TestHost.planned()))
        let moment = Mutex(TestServer.now)
        func cache() -> ReportCache { ReportCache(host, now: { moment.withLock { $0 } }) }
        func dates(_ cache: ReportCache) async throws -> Set<Instant?> {
            Set(try await cache.report().status.objects.flatMap(\.conditions).map(\.lastTransitionTime))
        }
        let first = cache()
        #expect(try await dates(first) == [TestServer.now])
        first.keepConditions()
        moment.withLock { $0 = Instant(secondsSince1970: TestServer.now.secondsSince1970 + 3_600) }
        #expect(try await dates(cache()) == [TestServer.now])
    }

    @Test("metrics wait for no plan: they are of a moment ago, or of the last look of the daemon itself")
    func metrics() async throws {
        let host = TestHost(.init(report: TestHost.planned()))
        let cache = Self.cache(host)
        _ = try await cache.body(.metrics)
        try await Task.sleep(for: .milliseconds(150))
        for _ in 0..<10 { _ = try await cache.body(.metrics) }
        #expect(host.reports.withLock { $0 } == 1)
        cache.invalidate()
        _ = try await cache.body(.metrics)
        #expect(host.reports.withLock { $0 } == 2, "what a command changed is seen")
    }

    @Test("metrics of a host that was not yet seen are not kept")
    func metricsTooEarly() async throws {
        let host = TestHost()
        let cache = Self.cache(host)
        let early = String(buffer: try await cache.body(.metrics))
        host.script.withLock { $0.report = TestHost.planned() }
        // Within a second the old page may come once more, while a newer one is made.
        let isSeen = try await eventually(within: .seconds(5)) {
            try await String(buffer: cache.body(.metrics)) != early
        }
        #expect(isSeen)
    }

    /// What a test and those who hold up all threads tell each other.
    private final class Standstill: Sendable {
        let busy = Atomic(0)
        let isOver = Atomic(false)
        let answered = Mutex<[String]>([])

        /// Holds up a thread until everything was answered, and no longer than two seconds.
        func wait() {
            busy.add(1, ordering: .relaxed)
            let begun = ContinuousClock.now
            while !isOver.load(ordering: .relaxed) && begun.duration(to: .now) < .seconds(2) { usleep(1_000) }
            isOver.store(true, ordering: .relaxed)
        }

        func ask(_ paths: [String], of socket: String) {
            while busy.load(ordering: .relaxed) < ProcessInfo.processInfo.activeProcessorCount { usleep(1_000) }
            for path in paths {
                // Who cannot connect or send has no answer.
                guard let connection = try? RawConnection(socket),
                    (try? connection.send(
                        "GET \(path) HTTP/1.1\r\nHost: reconcile\r\nConnection: close\r\n\r\n")) != nil,
                    connection.read().hasPrefix("HTTP/1.1 200")
                else { break }
                if !isOver.load(ordering: .relaxed) { answered.withLock { $0.append(path) } }
            }
            isOver.store(true, ordering: .relaxed)
        }
    }

    @Test("a short answer waits for no other work of the program")
    func starvation() async throws {
        let paths = [
            "/healthz", "/readyz", "/metrics", "/v1/objects/Workload/web", "/v1/events", "/v1/status", "/healthz",
        ]
        try await TestServer.with(TestHost(.init(report: TestHost.planned()))) { server in
            var answered: [String] = []
            // What was known a second ago is too old for an answer, and on a busy machine a second is short.
            for _ in 0..<5 where answered != paths {
                for path in paths { _ = try await server.ask(path) }
                let (standstill, socket) = (Standstill(), server.settings.socketPath)
                // Not a task: there will be no thread left for one.
                Thread { standstill.ask(paths, of: socket) }.start()
                await withTaskGroup { group in
                    for _ in 0..<ProcessInfo.processInfo.activeProcessorCount { group.addTask { standstill.wait() } }
                }
                answered = standstill.answered.withLock { $0 }
            }
            #expect(answered == paths)
        }
    }

    @Test("before there is a plan, nothing is ready and there is no plan to see")
    func beginning() async throws {
        try await TestServer.with { server in
            for (path, code) in [("/readyz", 503), ("/v1/plan", 503), ("/healthz", 200)] {
                let answer = try await server.ask(path)
                #expect(Int(answer.code) == code, "\(path)")
            }
        }
    }

    @Test("a state file that cannot be read is said so")
    func storeProblem() async throws {
        let host = TestHost(.init(storeProblem: StateStoreError(.unavailable, "disk I/O error")))
        try await TestServer.with(host) { server in
            for path in ["/v1/events", "/v1/history"] {
                let answer = try await server.ask(path)
                #expect(answer.code == 503)
                #expect(String(decoding: answer.body, as: UTF8.self).contains("disk I/O error"))
            }
        }
    }

    @Test(
        "what a look at the source came to decides the status",
        arguments: [
            (SyncAnswer(.current, "a"), 200), (SyncAnswer(.refused, "b"), 409), (SyncAnswer(.failed, "c"), 502),
            (SyncAnswer(.stopping, "d"), 503),
        ] as [(SyncAnswer, UInt)])
    func sync(answer: SyncAnswer, status: UInt) async throws {
        try await TestServer.with(TestHost(.init(sync: answer))) { server in
            let reply = try await server.ask("/v1/sync", post: "")
            #expect(reply.code == status)
            #expect(String(decoding: reply.body, as: UTF8.self) == "{\"message\":\"\(answer.message)\"}\n")
        }
    }
}
