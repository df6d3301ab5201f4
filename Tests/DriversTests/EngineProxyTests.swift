import Drivers
import FoundationEssentials
import ReconcileTesting
import Testing

/// The proxy itself: tests of the program rest on its faults being what they say.
@Suite("a proxy before an engine", .timeLimit(.minutes(1)))
struct EngineProxyTests {
    private static let list = #"[{"Id":"a","Names":["/a,]\""]},{"Id":"b"} , {"Id":"c"}]"#

    /// A stub whose list grows by one with each question, behind a proxy.
    private func withProxy(_ body: (EngineProxy, UnixSocketTransport, StubEngine) async throws -> Void) async throws {
        try await StubEngine.serving { request in
            if request.path == "/events" { return [.send("HTTP/1.1 200 OK\r\n\r\n{}\n"), .hang] }
            return [.reply(request.method == "GET" ? 200 : 201, request.path == "/list" ? Self.list : request.query)]
        } _: { stub in
            try await EngineProxy.with(engine: stub.socketPath) { proxy in
                let transport = UnixSocketTransport(EngineAddress(socketPath: proxy.socketPath))
                do {
                    try await body(proxy, transport, stub)
                    await transport.shutdown()
                } catch {
                    await transport.shutdown()
                    throw error
                }
            }
        }
    }

    private func get(_ path: String, _ transport: UnixSocketTransport) async throws -> String {
        let target = RequestTarget(path, query: [], version: APIVersion(1, 41))
        let response = try await transport.read(ReadRequest(target, deadline: .seconds(2)))
        return String(decoding: response.body, as: UTF8.self)
    }

    private func post(_ path: String, _ transport: UnixSocketTransport) async throws -> Int {
        let target = RequestTarget(path, query: [], version: APIVersion(1, 41))
        return try await transport.write(WriteRequest(.post, target, body: Data("{}".utf8), deadline: .seconds(2)))
            .status
    }

    @Test("what no fault is meant for passes as it is, and is written down")
    func passes() async throws {
        try await withProxy { proxy, transport, stub in
            proxy.inject(ProxyFault(.beforeForwarding, .hangUp, on: "POST /containers/*/stop"))
            let answer1 = try await get("/list", transport)
            #expect(answer1 == Self.list)
            let answer2 = try await post("/containers/a/start", transport)
            #expect(answer2 == 201)
            #expect(proxy.calls.map(\.description) == ["GET /list", "POST /containers/a/start"])
            #expect(proxy.changes.map(\.changeNumber) == [1])
            #expect(proxy.firedFaults == 0)
            #expect(stub.requests.count == 2)
        }
    }

    @Test("a lost request never arrives, and a lost reply has", arguments: ProxyFault.Moment.allCases)
    func lost(_ moment: ProxyFault.Moment) async throws {
        try await withProxy { proxy, transport, stub in
            proxy.inject(ProxyFault(moment, .hangUp, on: "POST /containers/*/start"))
            await #expect(throws: (any Error).self) { _ = try await post("/containers/a/start", transport) }
            #expect(stub.requests.count == (moment == .beforeReplying ? 1 : 0))
            let answer3 = try await post("/containers/a/start", transport)
            #expect(answer3 == 201)
        }
    }

    @Test("a fault skips and repeats as often as it says, until all are taken away")
    func counts() async throws {
        try await withProxy { proxy, transport, _ in
            proxy.inject(
                ProxyFault(.beforeForwarding, .answer(status: 500, message: "no"), on: "POST /a", skip: 1, times: 2))
            var seen: [Int] = []
            for _ in 0..<4 { seen.append(try await post("/a", transport)) }
            #expect(seen == [201, 500, 500, 201])
            proxy.inject(ProxyFault(.beforeForwarding, .answer(status: 503, message: "no"), on: "POST /a", times: .max))
            let answer4 = try await post("/a", transport)
            #expect(answer4 == 503)
            proxy.heal()
            let answer5 = try await post("/a", transport)
            #expect(answer5 == 201)
        }
    }

    @Test("a list can lose elements, and keeps the bytes of the others")
    func leavesOut() async throws {
        try await withProxy { proxy, transport, _ in
            proxy.inject(ProxyFault(.beforeReplying, .leaveOut(#""b""#), on: "GET /list"))
            let answer6 = try await get("/list", transport)
            #expect(answer6 == #"[{"Id":"a","Names":["/a,]\""]}, {"Id":"c"}]"#)
        }
    }

    @Test("a stale answer is the first one again")
    func stale() async throws {
        try await StubEngine.serving { request in
            [.reply(200, request.headers["x-count"] ?? "\(UInt64.random(in: 0...(.max)))")]
        } _: { stub in
            try await EngineProxy.with(engine: stub.socketPath) { proxy in
                let transport = UnixSocketTransport(EngineAddress(socketPath: proxy.socketPath))
                proxy.inject(ProxyFault(.beforeReplying, .stale, on: "GET /list", times: 3))
                let first = try await get("/list", transport)
                let answer7 = try await get("/list", transport)
                #expect(answer7 == first)
                let answer8 = try await get("/list", transport)
                #expect(answer8 == first)
                #expect(try await get("/list", transport) != first)
                await transport.shutdown()
            }
        }
    }

    @Test("an answer that is cut ends with the connection", arguments: [0, 5])
    func cut(bytes: Int) async throws {
        try await withProxy { proxy, transport, _ in
            proxy.inject(ProxyFault(.beforeReplying, .cut(afterBytes: bytes), on: "GET /list"))
            await #expect(throws: (any Error).self) { _ = try await get("/list", transport) }
            let answer9 = try await get("/list", transport)
            #expect(answer9 == Self.list)
        }
    }

    @Test("a call that hangs ends with its deadline, and a late one arrives late")
    func hangs() async throws {
        try await withProxy { proxy, transport, _ in
            proxy.inject(ProxyFault(.beforeForwarding, .hang, on: "GET /list"))
            await #expect(throws: (any Error).self) { _ = try await get("/list", transport) }
            proxy.inject(ProxyFault(.beforeReplying, .delay(.milliseconds(300)), on: "GET /list"))
            let begin = ContinuousClock.now
            let answer10 = try await get("/list", transport)
            #expect(answer10 == Self.list)
            #expect(ContinuousClock.now - begin > .milliseconds(250))
        }
    }

    @Test("a stream that is open can be cut")
    func cutsStream() async throws {
        try await withProxy { proxy, transport, _ in
            let request = ReadRequest(RequestTarget("/events", version: APIVersion(1, 41)), deadline: .seconds(5))
            let stream = try await transport.stream(request)
            var pieces = 0
            // It ends with an error or without one, as the moment has it.
            do {
                for try await _ in stream.chunks {
                    pieces += 1
                    #expect(proxy.hangUp { $0.path == "/events" } == 1)
                }
            } catch {}
            #expect(pieces == 1)
        }
    }
}
