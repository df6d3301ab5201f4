import FoundationEssentials
import ReconcileTesting
import Subprocess
import Testing

@testable import Drivers

/// Another machine beside that of a private engine: a network namespace of its own, a cable, and clients on it.
struct Outside: Sendable {
    /// Where a client is.
    enum Place: String, Sendable { case far, host }

    /// What came of all connections of a client.
    private struct Tally: Decodable {
        /// How often each text was answered.
        var answers: [String: Int]
        /// How often what went wrong, and when and how far each got; nothing was tried a second time.
        var failures: [String: Int]
    }

    /// Connections that were not answered, beside those that were.
    struct ConnectionsFailed: Error, CustomStringConvertible {
        let description: String
    }

    /// The address of the other machine, and of the host on the cable.
    static let far = "192.175.48.2"
    static let host = "192.175.48.1"

    /// What enters the network namespace of the engine.
    let inside: [String]
    private let name: String

    /// One that is gone when this returns, however the body ends.
    static func with(
        _ engine: PrivateEngine, _ name: String, _ body: (Outside) async throws -> Void
    ) async throws {
        let network = try #require(
            EngineProcess(listeningOn: EngineAddress(socketPath: engine.socketPath))?.networkNamespace)
        let outside = Outside(inside: ["nsenter", "--net=\(network)", "--"], name: name)
        try await outside.run([], "ip netns add \(name)")
        let result: Result<Void, any Error>
        do {
            try await outside.plugIn()
            result = .success(try await body(outside))
        } catch {
            result = .failure(error)
        }
        try await outside.run([], "ip netns del \(name)")
        try result.get()
    }

    private func plugIn() async throws {
        let inside = inside.joined(separator: " ")
        try await run(
            [],
            """
            \(inside) ip link add cable0 type veth peer name eth0 netns \(name)
            \(inside) ip addr add \(Self.host)/24 dev cable0
            \(inside) ip link set cable0 up
            ip -n \(name) link set lo up
            ip -n \(name) addr add \(Self.far)/24 dev eth0
            ip -n \(name) link set eth0 up
            """)
    }

    @discardableResult
    private func run(_ prefix: [String], _ script: String) async throws -> String {
        let words = prefix + ["bash", "-ec", script]
        return try await TestCommand.run(words[0], Array(words.dropFirst()))
    }

    func enter(_ place: Place) -> [String] {
        place == .far ? ["nsenter", "--net=/run/netns/\(name)", "--"] : inside
    }

    /// How many members the port leads to, by the kernel's word.
    func members(of port: Int) async throws -> Int {
        let rules = try await run(inside, "nft list ruleset ip")
        return rules.split(separator: "\n").count { $0.contains("dport \(port) ") && $0.contains("dnat") }
    }

    /// What one connection from the other machine is answered; nil when nothing.
    func answer(port: Int) async throws -> String? {
        let text = try await run(
            enter(.far), "timeout 3 busybox wget -q -O - http://\(Self.host):\(port)/ 2>/dev/null || true")
        return text.split(whereSeparator: \.isWhitespace).first.map(String.init)
    }

    /// Four clients connect, ask and read to the end, again and again, until there is a file `enough` in the folder.
    ///
    /// - Returns: how often each text was answered.
    /// - Throws: `ConnectionsFailed` if a single connection got no answer.
    func load(from place: Place, port: Int, path: String = "/", _ folder: String) async throws -> [String: Int] {
        let words =
            enter(place) + ["python3", "-c", Self.client, Self.host, String(port), path, folder, place.rawValue]
        let text = try await TestCommand.run(words[0], Array(words.dropFirst()))
        let tally = try JSONDecoder().decode(Tally.self, from: Data(text.utf8))
        guard tally.failures.isEmpty else { throw ConnectionsFailed(description: text) }
        return tally.answers
    }

    private static let client = """
        import collections, json, os, socket, sys, threading, time
        host, port, path, folder, name = sys.argv[1], int(sys.argv[2]), *sys.argv[3:6]
        answers, failures, lock = collections.Counter(), collections.Counter(), threading.Lock()
        deadline = time.monotonic() + 240
        def once(place):
            with socket.socket() as s:
                s.settimeout(10)
                place.append("connecting")
                s.connect((host, port))
                place += ["from port %d" % s.getsockname()[1], "connected"]
                s.sendall(b"GET %s HTTP/1.0\\r\\n\\r\\n" % path.encode())
                text = b""
                while chunk := s.recv(65536):
                    text += chunk
            head, _, body = text.partition(b"\\r\\n\\r\\n")
            if b" 200 " not in head.split(b"\\r\\n")[0]:
                raise RuntimeError("answer " + repr(text[:80]))
            return body.decode().strip()
        def work():
            while not os.path.exists(folder + "/enough") and time.monotonic() < deadline:
                place = ["begun %.3f" % time.time()]
                try:
                    answer = once(place)
                    with lock: answers[answer] += 1
                    if answers.total() > 20: open(folder + "/" + name + ".serving", "w").close()
                except Exception as e:
                    with lock: failures["%r: %s" % (e, ", ".join(place))] += 1
                time.sleep(0.005)
        threads = [threading.Thread(target=work) for _ in range(4)]
        for t in threads: t.start()
        for t in threads: t.join()
        print(json.dumps({"answers": answers, "failures": failures}))
        """
}
