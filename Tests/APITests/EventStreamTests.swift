import FoundationEssentials
import Glibc
import NIOCore
import ReconcileTesting
import Reconciler
import Specs
import Synchronization
import Testing

@testable import API

/// The event stream: everybody gets what they asked for, at their own pace.
struct EventStreamTests {
    private static let web = ResourceID(.workload, "web")

    private static func event(_ number: Int, _ severity: EventRecord.Severity = .normal, of object: ResourceID = web)
        -> StateChange
    {
        .event(
            EventRecord(
                time: Instant(secondsSince1970: Int64(number)), severity: severity, key: .object(object),
                reason: "Started", message: "number \(number)"))
    }

    @Test("a listener hears what it asked for, from its beginning on")
    func filters() async throws {
        try await TestServer.with { server in
            let heard = Mutex<[String]>([])
            server.hub.publish([Self.event(0)])
            let client = DaemonClient(socketPath: server.settings.socketPath)
            let listening = Task {
                try await client.follow(EventQuery(object: Self.web, severity: .warning)) { event in
                    heard.withLock { $0.append(event.message) }
                }
            }
            #expect(await eventually { server.hub.figures.subscribers == 1 })
            server.hub.publish([
                Self.event(1), Self.event(2, .warning), Self.event(3, .warning, of: ResourceID(.workload, "api")),
                Self.event(4, .warning),
            ])
            #expect(await eventually { heard.withLock { $0.count } >= 2 })
            #expect(heard.withLock { $0 } == ["number 2", "number 4"])
            listening.cancel()
            _ = await listening.result
            #expect(await eventually { server.hub.figures.subscribers == 0 })
        }
    }

    @Test("who reads nothing is cut off and told, and nobody else waits")
    func slowReader() async throws {
        try await TestServer.with { server in
            let heard = Mutex(0)
            let client = DaemonClient(socketPath: server.settings.socketPath)
            let quick = Task { try await client.follow(EventQuery()) { _ in heard.withLock { $0 += 1 } } }
            let slow = try RawConnection(server.settings.socketPath)
            try slow.send("GET /v1/events/stream HTTP/1.1\r\nHost: reconcile\r\n\r\n")
            #expect(await eventually { server.hub.figures.subscribers == 2 })
            var sent = 0
            let long = String(repeating: "x", count: 4_000)
            while server.hub.figures.cutOff == 0 && sent < 20_000 {
                server.hub.publish([
                    .event(EventRecord(time: TestServer.now, reason: "Started", message: long))
                ])
                sent += 1
                // The quick one has a buffer too, and a chance to keep up.
                let expected = sent
                if sent % 32 == 0 { #expect(await eventually { heard.withLock { $0 } >= expected }) }
            }
            #expect(server.hub.figures.cutOff == 1)
            let expected = sent
            #expect(await eventually { heard.withLock { $0 } == expected })
            let text = slow.read { $0.hasSuffix("0\r\n\r\n") }
            #expect(text.contains("event: cut-off\ndata: {\"message\":\"you read too slowly"))
            quick.cancel()
            _ = await quick.result
        }
    }

    @Test("a listener that comes again goes on where it was, or is told that it cannot")
    func resume() async throws {
        let hub = EventHub()
        hub.publish([Self.event(1), Self.event(2), Self.event(3)])
        let first = try #require(hub.subscribe(to: EventQuery(), after: nil))
        hub.publish([Self.event(4)])
        let delivering = Task { await hub.deliver() }
        var messages = first.messages.makeAsyncIterator()
        let message = String(buffer: try #require(await messages.next()))
        let id = try #require(message.split(separator: "\n").first?.dropFirst("id: ".count))
        #expect(message.contains("number 4"))

        hub.publish([Self.event(5), Self.event(6)])
        let again = try #require(hub.subscribe(to: EventQuery(), after: String(id)))
        #expect(again.missed.map(\.event.message) == ["number 5", "number 6"])
        var rest = again.messages.makeAsyncIterator()
        hub.publish([Self.event(7)])
        #expect(
            String(buffer: try #require(await rest.next())).contains("number 7"), "what was missed is not said twice")
        let wanted = try #require(hub.subscribe(to: EventQuery(severity: .warning), after: String(id)))
        #expect(wanted.missed.isEmpty, "only what it asked for")

        for stranger in ["0-4", "nonsense", "\(id)0"] {
            let gap = try #require(hub.subscribe(to: EventQuery(), after: stranger))
            var iterator = gap.messages.makeAsyncIterator()
            #expect(String(buffer: try #require(await iterator.next())).hasPrefix("event: gap\n"))
        }
        delivering.cancel()
        await delivering.value
        #expect(await rest.next() == nil)
        #expect(hub.subscribe(to: EventQuery(), after: nil) == nil)
    }

    @Test("messages are found however their bytes are cut", arguments: [1, 2, 7, 1_000])
    func reader(size: Int) throws {
        let events = [1, 2].map { number in
            EventRecord(time: TestServer.now, reason: "Started", message: "ünö \(number)\nline")
        }
        var stream = EventMessage.hello
        for (index, event) in events.enumerated() {
            stream.writeImmutableBuffer(EventMessage.event(event, id: "a-\(index)"))
            stream.writeImmutableBuffer(EventMessage.keepAlive)
        }
        stream.writeImmutableBuffer(EventMessage.cutOff)
        var reader = EventReader()
        var messages: [EventReader.Message] = []
        let bytes = Array(stream.readableBytesView)
        for start in stride(from: 0, to: bytes.count, by: size) {
            messages += try reader.take(bytes[start..<min(start + size, bytes.count)])
        }
        #expect(messages.dropLast() == events.map { .event(EventDocument($0)) }[...])
        guard case .notice(let text) = messages.last else { Issue.record("no notice"); return }
        #expect(text.hasPrefix("you read too slowly"))
    }

    @Test("what a listener missed is written before what happens after it came")
    func missed() async throws {
        try await TestServer.with { server in
            let path = server.settings.socketPath
            func listen(after id: String?) throws -> RawConnection {
                let connection = try RawConnection(path)
                let header = id.map { "Last-Event-ID: \($0)\r\n" } ?? ""
                try connection.send("GET /v1/events/stream HTTP/1.1\r\nHost: reconcile\r\n\(header)\r\n")
                return connection
            }
            let first = try listen(after: nil)
            #expect(await eventually { server.hub.figures.subscribers == 1 })
            server.hub.publish([Self.event(1), Self.event(2), Self.event(3)])
            let heard = first.read { $0.contains("number 3") }
            let id = heard.split(whereSeparator: \.isNewline).first { $0.hasPrefix("id: ") }?.dropFirst(4)
            let again = try listen(after: String(try #require(id)))
            #expect(await eventually { server.hub.figures.subscribers == 2 })
            server.hub.publish([Self.event(4)])
            let rest = again.read { $0.contains("number 4") }
            let numbers = rest.split(separator: "number ").dropFirst().compactMap(\.first)
            #expect(numbers == ["2", "3", "4"], "\(rest)")
        }
    }

    @Test("the newest events are told from memory where it goes back far enough, and by the journal otherwise")
    func newest() async throws {
        try await TestServer.with { server in
            server.hub.publish([Self.event(1), Self.event(2), Self.event(3)])
            // The journal of this host is empty.
            for (query, count) in [("limit=2", 2), ("limit=3", 3), ("limit=4", 0), ("limit=2&reason=Started", 0)] {
                let text = String(decoding: try await server.ask("/v1/events?\(query)").body, as: UTF8.self)
                #expect(text.split(separator: "number ").count - 1 == count, "\(query): \(text)")
            }
            try server.hub.recall { limit in
                (1...3).map { number in
                    EventRecord(
                        time: Instant(secondsSince1970: 0), severity: .normal, key: nil, reason: "Old",
                        message: "old number \(number) of \(limit)")
                }
            }
            let all = String(decoding: try await server.ask("/v1/events?limit=5").body, as: UTF8.self)
            #expect(!all.contains("old number 1") && all.contains("old number 2") && all.contains("number 3"))
            let last = String(decoding: try await server.ask("/v1/events?limit=2").body, as: UTF8.self)
            #expect(!last.contains("number 1") && last.contains("number 2") && last.contains("number 3"))
        }
    }

    @Test("a stream ends when its token is taken away, and says why")
    func revoked() async throws {
        let token = "a token of one hour"
        try await TestServer.with { settings, folder in
            settings.listen = try ListenAddress("127.0.0.1:\(try TestServer.freePort())")
            settings.tokenFile = try folder.write("tokens", "ada viewer \(TokenFile.digest(of: token))\n")
        } _: { server in
            let headers = [("Authorization", "Bearer \(token)")]
            let stream = Task { try await server.call("/v1/events/stream", headers: headers).body }
            #expect(await eventually { server.hub.figures.subscribers == 1 })
            server.hub.publish([Self.event(1)])
            let file = try #require(server.settings.tokenFile)
            try Data("bob viewer \(TokenFile.digest(of: "another"))\n".utf8).write(to: URL(filePath: file))
            let isOver = await eventually {
                server.hub.publish([Self.event(2)])
                return server.hub.figures.subscribers == 0
            }
            #expect(isOver)
            let text = try await stream.value
            #expect(
                text.hasSuffix(
                    "event: unauthorized\ndata: {\"message\":\"your token is not known any more, or has expired\"}\n\n")
            )
        }
    }

    @Test("a daemon that stops ends its streams at once")
    func stop() async throws {
        let moments = Moments()
        try await TestServer.with { server in
            let client = DaemonClient(socketPath: server.settings.socketPath)
            let listening = Task {
                // However it ends.
                _ = try? await client.follow(EventQuery()) { _ in }
                moments.times.withLock { $0.append(.now) }
            }
            #expect(await eventually { server.hub.figures.subscribers == 1 })
            moments.listening.withLock { $0 = listening }
            moments.times.withLock { $0.append(.now) }
        }
        await moments.listening.withLock { $0 }?.value
        let times = moments.times.withLock { $0 }
        try #require(times.count == 2)
        // An idle connection would be closed after a minute.
        #expect(times[0].duration(to: times[1]) < .seconds(30))
    }

    /// What a test notes down while a server runs, for after its end.
    private final class Moments: Sendable {
        let times = Mutex<[ContinuousClock.Instant]>([])
        let listening = Mutex<Task<Void, Never>?>(nil)
    }
}
