import FoundationEssentials
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import Drivers

/// Logs of a real engine, with and without a terminal.
@Suite(.timeLimit(.minutes(2)))
struct EngineLogTests {
    private struct Created: Decodable {
        var id: String

        private enum CodingKeys: String, CodingKey { case id = "Id" }
    }

    /// Runs a shell in a container to its end, and reads what it wrote.
    private static func lines(_ script: String, hasTerminal: Bool = false, driver: String? = nil) async throws
        -> [OutputLine]
    {
        let engine = try await EngineUnderTest.shared()
        let client = engine.client()
        let log = driver.map { #", "HostConfig": {"LogConfig": {"Type": "\#($0)"}}"# } ?? ""
        let body = #"{"Image": "\#(engine.image)", "Cmd": ["sh", "-c", "\#(script)"], "Tty": \#(hasTerminal)\#(log)}"#
        let answer = try await client.transport.write(
            WriteRequest(
                .post, RequestTarget("/containers/create", version: APIVersion(1, 41)), body: Data(body.utf8),
                deadline: .seconds(30)))
        let id = try JSONDecoder().decode(Created.self, from: answer.body).id
        let outcome: Result<[OutputLine], any Error>
        do {
            try await client.startContainer(id)
            // To the end of the log, which comes with the end of the container.
            for try await _ in try await client.log(of: id, LogWindow(follows: true)) {}
            var lines: [OutputLine] = []
            for try await line in try await client.log(of: id, LogWindow()) { lines.append(line) }
            outcome = .success(lines)
        } catch {
            outcome = .failure(error)
        }
        try? await client.stopContainer(id, timeout: .zero)
        try await client.removeContainer(id)
        return try outcome.get()
    }

    @Test("the streams of a container are apart, and every line has its time")
    func streams() async throws {
        let lines = try await Self.lines("echo a; echo b >&2; printf 'no end'")
        #expect(
            Set(lines.map { "\($0.stream.rawValue) \(String(decoding: $0.bytes, as: UTF8.self))" })
                == ["stdout a", "stderr b", "stdout no end"])
        #expect(lines.allSatisfy { $0.time != nil })
    }

    @Test("a container with a terminal has one stream without frames")
    func terminal() async throws {
        let lines = try await Self.lines("echo a; echo b >&2", hasTerminal: true)
        #expect(lines.map { String(decoding: $0.bytes, as: UTF8.self) } == ["a\r", "b\r"])
        #expect(lines.allSatisfy { $0.stream == .output && $0.time != nil })
    }

    @Test("a line of more than 16 KiB, which the engine keeps in parts, is one line")
    func longLine() async throws {
        let lines = try await Self.lines("head -c 100000 /dev/zero | tr '\\\\0' x; echo; echo end")
        #expect(lines.map(\.bytes.count) == [100_000, 3])
    }

    @Test("what comes after a position is neither doubled nor lost, whichever line it is")
    func positions() async throws {
        let engine = try await EngineUnderTest.shared()
        let client = engine.client()
        let body = #"{"Image": "\#(engine.image)", "Cmd": ["sh", "-c", "seq 1 200"]}"#
        let answer = try await client.transport.write(
            WriteRequest(
                .post, RequestTarget("/containers/create", version: APIVersion(1, 41)), body: Data(body.utf8),
                deadline: .seconds(30)))
        let id = try JSONDecoder().decode(Created.self, from: answer.body).id
        try await client.startContainer(id)
        var position = LogPosition()
        var positions: [LogPosition] = []
        for try await line in try await client.log(of: id, LogWindow(follows: true)) {
            position.pass(line)
            positions.append(position)
        }
        #expect(positions.count == 200)
        for (index, position) in positions.enumerated() where index % 20 == 3 {
            var rest: [String] = []
            for try await line in try await client.log(of: id, LogWindow(), after: position) {
                rest.append(String(decoding: line.bytes, as: UTF8.self))
            }
            #expect(rest == (index + 2..<201).map { String($0) })
        }
        try await client.removeContainer(id)
    }

    @Test("an engine that only sends logs away says so")
    func unreadable() async throws {
        await #expect {
            try await Self.lines("echo a", driver: "none")
        } throws: {
            let error = $0 as? DriverError
            return error?.code == .badRequest && error?.disposition == .terminal
        }
    }
}
