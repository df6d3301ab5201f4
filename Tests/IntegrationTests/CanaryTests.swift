import Drivers
import FoundationEssentials
import ReconcileTesting
import Reconciler
import Testing

/// Canary rollouts behind a port, judged by a server that speaks Prometheus' language, good and bad.
@Suite("canary rollouts on a real engine", .serialized, .timeLimit(.minutes(5)))
struct CanaryTests {
    private static let metricsPort = 19_090

    private static func web(_ bed: Bed, _ version: String) -> String {
        let metric = #"{name: errors, max: 0.1, prometheus: {query: 'errors{container=~"$members"}'}}"#
        let canary =
            "canary: {steps: [{weight: 20%}], analysis: {interval: 1s, failureLimit: 2, metrics: [\(metric)]}}"
        return PublishingTests.workload(
            bed, version: version, replicas: 4, strategy: "type: canary, autoRollback: true, \(canary)")
    }

    private static let settings = ["--set", "prometheus=default=http://127.0.0.1:\(metricsPort)"]

    /// The first template is complete; the second one is committed while somebody connects to the port without a pause and
    /// the metric has this value.
    ///
    /// - Parameter body: what happens until then.
    /// - Returns: how often each version answered.
    private func underLoad(
        measuring value: Double, _ body: (Bed, RunningDaemon, Outside) async throws -> Void
    ) async throws -> [String: Int] {
        var answers: [String: Int]?
        try await PrivateEngine.with { engine in
            try await Bed.with(engine: engine.socketPath) { bed in
                try await Outside.with(engine, bed.name) { outside in
                    try await outside.measuring(value, port: Self.metricsPort, bed.folder.path) {
                        let (repository, first) = try await bed.repository(["web": Self.web(bed, "1")])
                        try await bed.daemon(repository, Self.settings, launcher: outside.inside) { daemon in
                            try await eventually("the first rollout is complete", within: .seconds(60)) {
                                try await history(bed, daemon).contains { $0.contains("Complete") }
                            }
                            // A rollout is complete without ports, which follow.
                            try await eventually("the port leads to all members") {
                                try await outside.members(of: PublishingTests.hostPort) == 4
                            }
                            async let load = outside.load(
                                from: .far, port: PublishingTests.hostPort, bed.folder.path)
                            try await bed.commit(["web": Self.web(bed, "2")], to: repository, after: first)
                            try await body(bed, daemon, outside)
                            answers = try await load
                        }
                    }
                }
            }
        }
        return try #require(answers)
    }

    private func history(_ bed: Bed, _ daemon: RunningDaemon) async throws -> [Substring] {
        try await daemon.tell("rollout", "history", "\(bed.name)-web").output.split(separator: "\n")
    }

    /// Has whoever connects to the port come to an end.
    private func endLoad(_ bed: Bed) throws { try Data().write(to: URL(filePath: bed.folder.path + "/enough")) }

    @Test("a step gives new members its share of connections, a person goes on, and no connection fails")
    func good() async throws {
        let answers = try await underLoad(measuring: 0.01) { bed, daemon, outside in
            try await eventually("the step waits for a person", within: .seconds(60)) {
                let status = try await daemon.tell("rollout", "status", "\(bed.name)-web").output
                return status.contains("until 'reconcile rollout promote'") && status.contains("errors is 0.01")
            }
            try await eventually("the predecessor of the new member is gone") { try await bed.members().count == 4 }
            let share = try await outside.share(of: "2", among: 1_500, port: PublishingTests.hostPort)
            // Five standard deviations of 1500 throws at 0.2: sqrt(0.2 * 0.8 / 1500) is 0.0103.
            #expect(abs(share - 0.2) < 0.052, "\(share)")
            let asked = try String(contentsOfFile: bed.folder.path + "/queries", encoding: .utf8)
            #expect(asked.contains("\(bed.name)-web-3-2"), "\(asked.prefix(300))")
            let said = try await daemon.tell("rollout", "promote", "\(bed.name)-web")
            #expect(said.exitCode == 0, "\(said)")
            try await eventually("all members are new", within: .seconds(60)) {
                try await history(bed, daemon).filter { $0.contains("Complete") }.count == 2
            }
            try endLoad(bed)
        }
        #expect((answers["1"] ?? 0) > 50 && (answers["2"] ?? 0) > 50, "\(answers)")
    }

    @Test("a metric that is out of bounds brings the old members back, and the revision is not tried again")
    func bad() async throws {
        let answers = try await underLoad(measuring: 0.5) { bed, daemon, outside in
            try await eventually("rolled back", within: .seconds(60)) {
                try await history(bed, daemon).contains { $0.contains("RolledBack") }
            }
            try await eventually("only members of the first template are left", within: .seconds(60)) {
                let isBack = try await history(bed, daemon).contains {
                    $0.contains("Rollback") && $0.contains("Complete")
                }
                guard isBack else { return false }
                return try await bed.members().count == 4
            }
            try endLoad(bed)
            let share = try await outside.share(of: "2", among: 40, port: PublishingTests.hostPort)
            #expect(share == 0, "\(share)")
            let entries = try await history(bed, daemon).joined(separator: "\n")
            #expect(entries.contains("errors is 0.5, more than 0.1, 2 times in a row"), "\(entries)")
        }
        #expect((answers["1"] ?? 0) > 50, "\(answers)")
    }
}

extension Outside {
    /// What part of so many connections, one after the other, is answered with this text.
    fileprivate func share(of text: String, among count: Int, port: Int) async throws -> Double {
        let script = """
            import socket, sys
            host, port, text, count = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
            found = 0
            for _ in range(count):
                with socket.create_connection((host, port), timeout=10) as s:
                    s.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
                    answer = b""
                    while chunk := s.recv(65536):
                        answer += chunk
                found += answer.split(b"\\r\\n\\r\\n", 1)[1].decode().strip() == text
            print(found / count)
            """
        let words = enter(.far) + ["python3", "-c", script, Self.host, String(port), text, String(count)]
        let answer = try await TestCommand.run(words[0], Array(words.dropFirst()))
        return try #require(Double(answer))
    }

    /// A server beside the daemon that answers every query of Prometheus' API with one number, and writes down what it was
    /// asked in the file `queries` of the folder, as long as the body runs.
    fileprivate func measuring(
        _ value: Double, port: Int, _ folder: String, _ body: () async throws -> Void
    ) async throws {
        let script = """
            import http.server, json, os, sys, threading, time, urllib.parse
            port, value, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3]
            class Handler(http.server.BaseHTTPRequestHandler):
                def do_GET(self):
                    with open(folder + "/queries", "a") as f: f.write(urllib.parse.unquote(self.path) + "\\n")
                    result = [{"metric": {}, "value": [time.time(), value]}]
                    answer = {"status": "success", "data": {"resultType": "vector", "result": result}}
                    body = json.dumps(answer).encode()
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                def log_message(self, *words): pass
            server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            open(folder + "/measuring", "w").close()
            deadline = time.monotonic() + 280
            while not os.path.exists(folder + "/measured") and time.monotonic() < deadline: time.sleep(0.05)
            """
        let words = inside + ["python3", "-c", script, String(port), String(value), folder]
        async let server = TestCommand.run(words[0], Array(words.dropFirst()))
        let result: Result<Void, any Error>
        do {
            try await eventually("the server of metrics listens") {
                FileManager.default.fileExists(atPath: folder + "/measuring")
            }
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        try Data().write(to: URL(filePath: folder + "/measured"))
        _ = try await server
        try result.get()
    }
}
