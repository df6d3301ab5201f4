import Reconciler
import Specs
import Testing

@testable import Drivers

/// What is asked over HTTP, of a server that answers what the test tells it to.
struct MetricHTTPTests {
    /// Who asks a server for a number.
    enum Asker: CaseIterable, Sendable {
        case prometheus, external, queue

        func reading(from address: String, within timeout: Duration = .seconds(20)) async -> MetricReading {
            let reader = MetricReader(
                kernel: nil, servers: ["default": address], hooks: ["hook": address + "/hook"])
            let question: MetricQuestion
            switch self {
            case .prometheus:
                question = .prometheus(MetricQuery(query: "up", timeout: timeout), maxAge: .seconds(90))
            case .external:
                var source = Autoscaler.ExternalSource()
                (source.hook, source.timeout) = ("hook", timeout)
                question = .external(source)
            case .queue:
                var source = Autoscaler.QueueSource()
                (source.name, source.hook, source.timeout) = ("a b", "hook", timeout)
                question = .queue(source)
            }
            return await reader.measure([question])[0]
        }

        /// The number 7 as this one expects it.
        var seven: String {
            self == .prometheus
                ? #"{"status":"success","data":{"resultType":"scalar","result":[1700000000,"7"]}}"# : "7"
        }
    }

    private func failure(_ reading: MetricReading) -> String? {
        if case .failed(let message) = reading { message } else { nil }
    }

    @Test("a number is asked for by GET, with what the server must know", arguments: Asker.allCases)
    func asks(asker: Asker) async throws {
        try await StubEngine.servingOnLoopback { _ in
            [.reply(200, asker.seven)]
        } _: { stub, address in
            guard case .whole(7, _) = await asker.reading(from: address) else {
                Issue.record("no number")
                return
            }
            let request = try #require(stub.requests.first)
            #expect(request.method == "GET")
            switch asker {
            case .prometheus: #expect(request.query == "query=up&lookback_delta=90s")
            case .external: #expect(request.path == "/hook" && request.query.isEmpty)
            case .queue: #expect(request.query == "queue=a%20b")
            }
        }
    }

    @Test(
        "an answer with another status than 2xx is none, but for what Prometheus says about a query",
        arguments: Asker.allCases, [301, 304, 400, 401, 404, 422, 500, 503])
    func statuses(asker: Asker, status: Int) async throws {
        let body = asker == .prometheus ? #"{"status":"error","error":"parse error"}"# : "7"
        try await StubEngine.servingOnLoopback { _ in
            [.reply(status, body)]
        } _: { _, address in
            let reading = await asker.reading(from: address)
            let message = try #require(failure(reading))
            let isComplaint = asker == .prometheus && (status == 400 || status == 422)
            #expect(message.hasSuffix(isComplaint ? "parse error" : "it answered \(status)"), "\(message)")
        }
    }

    @Test("nobody is sent on to another address", arguments: Asker.allCases, [301, 302, 303, 307, 308])
    func redirects(asker: Asker, status: Int) async throws {
        try await StubEngine.servingOnLoopback { _ in
            [.reply(200, asker.seven)]
        } _: { other, elsewhere in
            try await StubEngine.servingOnLoopback { _ in
                [.reply(status, headers: ["Location: \(elsewhere)/"], "")]
            } _: { _, address in
                let message = failure(await asker.reading(from: address))
                #expect(message?.hasSuffix("it answered \(status)") == true, "\(message ?? "a number")")
                #expect(other.requests.isEmpty)
            }
        }
    }

    @Test("a server has so long for its whole answer, its body included", arguments: Asker.allCases)
    func slowBody(asker: Asker) async throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n7"
        for actions in [[StubAction.hang], [.send(head), .hang]] {
            try await StubEngine.servingOnLoopback { _ in
                actions
            } _: { _, address in
                let message = failure(await asker.reading(from: address, within: .milliseconds(300)))
                #expect(message?.hasSuffix("it did not answer within 300ms") == true, "\(message ?? "a number")")
            }
        }
    }

    @Test("an answer beyond 1 MiB is refused", arguments: Asker.allCases)
    func tooLong(asker: Asker) async throws {
        let long = asker.seven + String(repeating: " ", count: 1 << 20)
        try await StubEngine.servingOnLoopback { _ in
            [.reply(200, long)]
        } _: { _, address in
            let message = failure(await asker.reading(from: address))
            #expect(message?.hasSuffix("the answer is longer than 1 MiB") == true, "\(message ?? "a number")")
        }
    }

    @Test("a refused connection is a failure at once")
    func nobodyThere() async throws {
        // The port of a server that is gone.
        let address = try await StubEngine.servingOnLoopback({ _ in [.close] }, { _, address in address })
        for asker in Asker.allCases {
            let reading = await asker.reading(from: address)
            #expect(failure(reading)?.contains("no answer") == true, "\(reading)")
        }
    }

    // MARK: Orders

    private static let order = HostPoolOrder(
        hostPool: "edge", desired: 4, current: 2, bounds: ScalingBounds(min: 1, max: 9), reason: "busy")

    @Test(
        "an order is heard only where it is answered with 2xx",
        arguments: [200, 202, 204, 301, 302, 303, 307, 400, 404, 409, 422, 500])
    func order(status: Int) async throws {
        try await StubEngine.servingOnLoopback { request in
            request.path == "/hosts" ? [.reply(status, headers: ["Location: /elsewhere"], "")] : [.reply(200, "")]
        } _: { stub, address in
            let reader = MetricReader(kernel: nil, hooks: ["cloud": address + "/hosts"])
            let problem = await reader.order(Self.order, from: "cloud")
            #expect(problem == ((200..<300).contains(status) ? nil : "hook 'cloud': it answered \(status)"))
            #expect(stub.requests.map(\.method) == ["POST"])
            #expect(stub.requests.first?.body.contains(#""desired":4"#) == true)
        }
    }

    // MARK: Words of strangers

    @Test("what strangers say is short and steers no terminal")
    func words() {
        let failure = MetricFailure("no\u{1B}[31m quota\n\u{202E}\u{9B}" + String(repeating: "x", count: 1 << 20))
        #expect(failure.message.unicodeScalars.count == MetricFailure.mostCharacters + 1)
        #expect(failure.message.hasPrefix("no [31m quota   xx") && failure.message.hasSuffix("x…"))
        #expect(MetricFailure("größer als 7").message == "größer als 7")
    }
}
