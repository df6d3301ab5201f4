import Foundation
import Logging
import ReconcileTesting
import Specs
import Testing

@testable import API

/// What the daemon keeps of its log, and what it answers.
struct LogMemoryTests {
    private static func record(
        _ second: Double, _ message: String, level: Logger.Level = .info, event: String = "e",
        more: [String: LogValue] = [:]
    ) -> LogRecord {
        LogRecord(
            time: Date(timeIntervalSince1970: second), level: level, message: message,
            fields: more.merging(["event": .text(event)]) { a, _ in a })
    }

    @Test("it never holds more than its capacity, and keeps the newest")
    func bounded() {
        let memory = LogMemory(capacity: 10_000)
        for number in 0..<1_000 { memory.add(Self.record(Double(number), "entry \(number)")) }
        let page = memory.page(LogQuery(), limit: 10_000)
        #expect(page.items.reduce(0) { $0 + $1.footprint } <= 10_000)
        #expect(page.items.count > 20)
        #expect(page.items.last?.message == "entry 999")
        #expect(page.items.map(\.message) == (1_000 - page.items.count..<1_000).map { "entry \($0)" })
        #expect(memory.page(LogQuery(), limit: 2).items.map(\.message) == ["entry 998", "entry 999"])
    }

    @Test("an entry that is larger than the memory is not kept, and does no harm")
    func giant() {
        let memory = LogMemory(capacity: 1_000)
        memory.add(Self.record(0, String(repeating: "x", count: 2_000)))
        #expect(memory.page(LogQuery(), limit: 10).items.isEmpty)
        memory.add(Self.record(1, "small"))
        #expect(memory.page(LogQuery(), limit: 10).items.map(\.message) == ["small"])
    }

    @Test("who asks again gets what is new, and hears how much was missed")
    func cursors() {
        let memory = LogMemory(capacity: 2_000)
        memory.add(Self.record(0, "a"))
        let first = memory.page(LogQuery(), limit: 10)
        #expect(memory.page(LogQuery(), limit: 10, after: first.cursor).items.isEmpty)
        memory.add(Self.record(1, "b"))
        let second = memory.page(LogQuery(), limit: 10, after: first.cursor)
        #expect(second.items.map(\.message) == ["b"] && second.missed == 0)
        for number in 0..<100 { memory.add(Self.record(2, "\(number)")) }
        let third = memory.page(LogQuery(), limit: 1_000, after: second.cursor)
        #expect(third.missed > 0 && third.missed + third.items.count == 100)
        // A daemon that began anew knows nothing of the cursor.
        #expect(memory.page(LogQuery(), limit: 1_000, after: "0-5").items.count == third.items.count)
    }

    @Test("only what was asked for is found")
    func queries() {
        let memory = LogMemory()
        memory.add(Self.record(10.5, "one", level: .debug, event: "a"))
        memory.add(Self.record(11, "two", level: .warning, event: "b", more: ["object": .text("Workload/web")]))
        memory.add(Self.record(12.999, "three", level: .error, more: ["list": .list([.integer(42)])]))
        func found(_ change: (inout LogQuery) -> Void) -> [String] {
            var query = LogQuery()
            change(&query)
            return memory.page(query, limit: 10).items.map(\.message)
        }
        #expect(found { _ in } == ["one", "two", "three"])
        #expect(found { $0.level = .warning } == ["two", "three"])
        #expect(found { $0.event = "b" } == ["two"])
        #expect(found { $0.text = "load/w" } == ["two"])
        #expect(found { $0.text = "42" } == ["three"])
        #expect(found { $0.text = "hre" } == ["three"])
        #expect(found { $0.since = Instant(secondsSince1970: 11) } == ["two", "three"])
        #expect(found { $0.until = Instant(secondsSince1970: 10) } == ["one"])
        #expect(found { $0.until = Instant(secondsSince1970: 12) } == ["one", "two", "three"])
    }

    @Test("entries come to the client as they were, by the daemon's socket")
    func roundTrip() async throws {
        let host = TestHost()
        let fields: [String: LogValue] = [
            "text": .text("1"), "integer": .integer(1), "number": .number(1.5), "boolean": .boolean(true),
            "list": .list([.text("a"), .integer(2)]), "map": .map(["k": .boolean(false)]),
        ]
        host.log.add(Self.record(1.25, "a & b", more: fields))
        host.log.add(Self.record(2, "other"))
        try await TestServer.with(host) { server in
            let client = DaemonClient(socketPath: server.settings.socketPath)
            var query = LogQuery()
            query.text = "a & b"
            let page = try await client.logs(query, limit: 5)
            #expect(page.items == [Self.record(1.25, "a & b", more: fields)])
            #expect(try await client.logs(LogQuery(), limit: 5, after: page.cursor).items.isEmpty)
        }
    }
}
