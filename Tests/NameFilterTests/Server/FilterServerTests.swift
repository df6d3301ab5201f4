import Logging
import NameFilter
import ReconcileTesting
import Specs
import Testing

/// A filter on 127.0.0.1 for the bridge `br0`, before a name server that answers as a test wants.
struct FilterBench: Sendable {
    let server: FilterServer
    let sets: MemoryAddressSets
    let upstream: ScriptedNameServer
    let port: UInt16

    static func with(
        _ rules: NameRule..., change: @Sendable (inout FilterConfiguration) -> Void = { _ in },
        script: @escaping ScriptedNameServer.Script, _ body: (FilterBench) async throws -> Void
    ) async throws {
        try await ScriptedNameServer.with(script) { upstream in
            let sets = MemoryAddressSets()
            let server = FilterServer(sets: sets, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            var configuration = FilterConfiguration.of(upstream: upstream.port)
            configuration.bridges[0].rules = rules
            change(&configuration)
            await server.apply(configuration)
            #expect(await eventually { await server.isListening })
            let listener = Listener(bridge: "br0", address: .of("127.0.0.1"), port: configuration.port)
            let port = await server.port(of: listener) ?? 0
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(
                    try await body(FilterBench(server: server, sets: sets, upstream: upstream, port: port)))
            } catch { outcome = .failure(error) }
            await server.stop()
            try outcome.get()
        }
    }

    func ask(_ name: String, _ type: UInt16 = NameMessage.a, edns: UInt16? = nil) async throws -> NameReply? {
        try await NameClient.ask(NameMessage.query(name, type, edns: edns), port: port)
    }
}

struct FilterServerTests {
    static func address(_ question: ScriptedNameServer.Question) -> [ScriptedNameServer.Answer] {
        question.answer(question.type == NameMessage.a ? [.a(question.name, 93, 184, 216, 34)] : [])
    }

    @Test("an allowed name is answered over UDP and TCP, with its address in the sets first")
    func allowed() async throws {
        try await FilterBench.with(NameRule("pypi.org"), script: Self.address) { bench async throws in
            let reply = try #require(try await bench.ask("pypi.org"))
            #expect(reply.addresses == ["93.184.216.34"])
            #expect(bench.sets.addresses(of: "br0") == [.of("93.184.216.34")])
            let again = try await NameClient.askOverTCP(NameMessage.query("pypi.org"), port: bench.port)
            #expect(again?.addresses == ["93.184.216.34"])
            #expect(bench.upstream.questions.count == 1)
        }
    }

    @Test("a reply does not leave before the sets have the address")
    func order() async throws {
        try await FilterBench.with(NameRule("*.example.com"), script: Self.address) { bench async throws in
            bench.sets.setDelay(.milliseconds(30))
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<50 {
                    group.addTask {
                        bench.sets.flush()
                        let reply = try? await bench.ask("n\(number).example.com")
                        #expect(reply?.addresses == ["93.184.216.34"])
                    }
                }
            }
            #expect(bench.sets.addresses(of: "br0") == [.of("93.184.216.34")])
            #expect(bench.sets.transactions < 50)
        }
    }

    @Test("sets that take nothing are answered with an error, not with an address")
    func setFails() async throws {
        try await FilterBench.with(NameRule("pypi.org"), script: Self.address) { bench async throws in
            bench.sets.setFailure(AddressSetsError(.absent, "no such set"), of: "br0")
            #expect(try await bench.ask("pypi.org")?.code == 2)
            #expect(bench.server.engine.figures.outcomes[.setFailed] == 1)
            bench.sets.setFailure(nil, of: "br0")
            #expect(try await bench.ask("pypi.org")?.addresses == ["93.184.216.34"])
        }
    }

    @Test("what is not allowed is never asked upstream")
    func notAllowed() async throws {
        try await FilterBench.with(NameRule("pypi.org"), script: Self.address) { bench async throws in
            #expect(try await bench.ask("evil.net")?.code == 3)
            #expect(try await bench.ask("pypi.org", NameMessage.txt)?.answers.isEmpty == true)
            #expect(try await bench.ask("pypi.org", 255)?.code == 5)
            #expect(bench.upstream.questions.isEmpty)
        }
    }

    @Test("every query to the upstream has an id and a port of its own")
    func random() async throws {
        try await FilterBench.with(NameRule("*.example.com"), script: Self.address) { bench async throws in
            for number in 0..<60 { _ = try await bench.ask("n\(number).example.com") }
            let questions = bench.upstream.questions
            #expect(Set(questions.map(\.id)).count > 55)
            #expect(Set(questions.map(\.port)).count > 40)
        }
    }

    @Test("the same question is asked once, however many ask it")
    func coalesced() async throws {
        let slow: ScriptedNameServer.Script = { question in
            Self.address(question).map { .init($0.bytes, after: .milliseconds(100)) }
        }
        try await FilterBench.with(NameRule("pypi.org"), script: slow) { bench async throws in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<30 {
                    group.addTask {
                        let reply = try? await bench.ask("pypi.org")
                        #expect(reply?.addresses == ["93.184.216.34"])
                    }
                }
            }
            #expect(bench.upstream.questions.count == 1)
        }
    }

    @Test("other rules are in force at once, on the same sockets, and close what is not allowed any more")
    func live() async throws {
        try await FilterBench.with(NameRule("pypi.org"), script: Self.address) { bench async throws in
            _ = try await bench.ask("pypi.org")
            var configuration = bench.server.engine.configuration
            configuration.bridges[0].rules = [NameRule("debian.org")]
            await bench.server.apply(configuration)
            #expect(bench.sets.addresses(of: "br0").isEmpty)
            #expect(try await bench.ask("pypi.org")?.code == 3)
            #expect(try await bench.ask("debian.org")?.addresses == ["93.184.216.34"])
        }
    }

    @Test("a bridge may have an IPv6 address")
    func overIPv6() async throws {
        let change: @Sendable (inout FilterConfiguration) -> Void = { $0.bridges[0].addresses.append(.of("::1")) }
        try await FilterBench.with(NameRule("pypi.org"), change: change, script: Self.address) { bench async throws in
            let port = await bench.server.port(of: Listener(bridge: "br0", address: .of("::1"), port: 0)) ?? 0
            let query = NameMessage.query("pypi.org")
            #expect(try await NameClient.ask(query, at: "::1", port: port, from: "::")?.addresses == ["93.184.216.34"])
        }
    }

    @Test("a connection answers several queries, and is closed when there are too many")
    func connection() async throws {
        let change: @Sendable (inout FilterConfiguration) -> Void = { $0.limits.queriesPerConnection = 3 }
        try await FilterBench.with(NameRule("pypi.org"), change: change, script: Self.address) { bench async throws in
            let query = NameMessage.query("evil.net")
            let framed = NameMessage.bytes(UInt16(query.count)) + query
            // The client puts a length before the first.
            let three = query + framed + framed
            let reply = try await NameClient.askOverTCP(three, length: query.count, port: bench.port)
            #expect(reply?.code == 3)
            #expect(await eventually { bench.server.engine.figures.queriesOverTCP == 3 })
            _ = try await NameClient.askOverTCP(three + framed + framed, length: query.count, port: bench.port)
            #expect(await eventually { bench.server.engine.figures.queriesOverTCP == 6 })
            let nothing = try await NameClient.askOverTCP([1, 2, 3], length: 60_000, port: bench.port)
            #expect(nothing == nil)
        }
    }

    @Test("a bridge's address need not exist yet, and bridges come and go")
    func comeAndGo() async throws {
        try await FilterBench.with(NameRule("pypi.org"), script: Self.address) { bench async throws in
            var configuration = bench.server.engine.configuration
            let absent = Listener(bridge: "br1", address: .of("10.254.253.1"), port: 0)
            configuration.bridges.append(.init(name: "br1", addresses: [absent.address], rules: [NameRule("pypi.org")]))
            await bench.server.apply(configuration)
            #expect(await eventually { await bench.server.port(of: absent) != nil })
            #expect(try await bench.ask("pypi.org")?.code == 0)
            configuration.bridges.removeFirst()
            await bench.server.apply(configuration)
            let gone = try? await NameClient.askOverTCP(NameMessage.query("pypi.org"), port: bench.port)
            #expect(gone == nil)
        }
    }
}
