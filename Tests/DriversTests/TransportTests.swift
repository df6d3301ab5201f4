import Drivers
import FoundationEssentials
import Glibc
import Reconciler
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TransportTests {
    private let head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"

    private func get(bodyLimit: Int = BodyLimit.single, deadline: Duration = .seconds(10)) -> ReadRequest {
        ReadRequest(RequestTarget("/containers/json"), bodyLimit: bodyLimit, deadline: deadline)
    }

    private func post(deadline: Duration = .seconds(10)) -> WriteRequest {
        WriteRequest(.post, RequestTarget("/containers/a/start"), deadline: deadline)
    }

    @Test("an answer arrives with its status, its engine and its body")
    func answers() async throws {
        let headers = ["Api-Version: 1.41", "Server: Docker/20.10.24 (linux)"]
        try await StubEngine.serving { _ in
            [.reply(404, headers: headers, "gone")]
        } _: { stub in
            let response = try await stub.transport().read(get())
            #expect(response.status == 404)
            #expect(response.engine == EngineHeaders(apiVersion: "1.41", server: "Docker/20.10.24 (linux)"))
            #expect(response.body == Data("gone".utf8))
            #expect(stub.requests.first?.headers["host"] == "docker")
        }
    }

    @Test("the deadline holds for a head that never comes", arguments: [false, true])
    func headDeadline(isWrite: Bool) async throws {
        try await StubEngine.serving { _ in
            [.hang]
        } _: { stub in
            try await expectTimeout(stub, isWrite: isWrite)
        }
    }

    @Test("the deadline holds for a body that never ends", arguments: [false, true])
    func bodyDeadline(isWrite: Bool) async throws {
        try await StubEngine.serving { [head] _ in
            [.send(head + "part"), .hang]
        } _: { stub in
            try await expectTimeout(stub, isWrite: isWrite)
        }
    }

    private func expectTimeout(_ stub: StubEngine, isWrite: Bool) async throws {
        let transport = stub.transport()
        let start = ContinuousClock.now
        let error = await driverError { () async throws(DriverError) in
            isWrite
                ? try await transport.write(post(deadline: .milliseconds(200)))
                : try await transport.read(get(deadline: .milliseconds(200)))
        }
        #expect(error?.code == .timedOut)
        #expect(error?.disposition == (isWrite ? .unknown : .transient))
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test("a body that is cut short is an error", arguments: [false, true])
    func truncatedBody(isWrite: Bool) async throws {
        try await StubEngine.serving { [head] _ in
            [.send(head + "part"), .close]
        } _: { stub in
            let transport = stub.transport()
            let error = await driverError { () async throws(DriverError) in
                isWrite ? try await transport.write(post()) : try await transport.read(get())
            }
            #expect(error?.disposition == (isWrite ? .unknown : .transient))
        }
    }

    @Test("a lost answer leaves a write unknown and a read to be repeated", arguments: [false, true])
    func lostReply(isWrite: Bool) async throws {
        try await StubEngine.serving { _ in
            [.close]
        } _: { stub in
            let transport = stub.transport()
            let error = await driverError { () async throws(DriverError) in
                isWrite ? try await transport.write(post()) : try await transport.read(get())
            }
            #expect(error?.code == .engineUnreachable)
            #expect(error?.disposition == (isWrite ? .unknown : .transient))
            #expect(stub.requests.count == 1, "nothing is sent twice")
        }
    }

    @Test("a body beyond its limit is not read")
    func oversizedBody() async throws {
        let body = String(repeating: "x", count: 100_000)
        try await StubEngine.serving { _ in
            [.reply(200, body)]
        } _: { stub in
            let error = await driverError { () async throws(DriverError) in
                try await stub.transport().read(get(bodyLimit: 1000))
            }
            #expect(error?.code == .badResponse)
        }
    }

    @Test("what is not HTTP is an error")
    func notHTTP() async throws {
        try await StubEngine.serving { _ in
            [.send("220 mail.example.org ESMTP\r\n\r\n")]
        } _: { stub in
            let error = await driverError { () async throws(DriverError) in
                try await stub.transport().read(get(deadline: .seconds(5)))
            }
            #expect(error?.code == .badResponse)
            #expect(error?.disposition == .transient)
        }
    }

    @Test("a socket that is missing, or that nobody listens on, fails at once and without doubt")
    func missingSocket() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        try folder.write("", to: "file")
        let abandoned = folder.path + "/abandoned"
        bindWithoutListening(abandoned)
        try #require(FileManager.default.fileExists(atPath: abandoned))
        for path in [folder.path + "/missing", folder.path + "/file", abandoned] {
            let start = ContinuousClock.now
            let transport = UnixSocketTransport(EngineAddress(socketPath: path))
            let error = await driverError { () async throws(DriverError) in try await transport.write(post()) }
            #expect(error?.code == .engineUnreachable)
            #expect(error?.disposition == .transient)
            #expect(error?.message.contains(path) == true)
            #expect(ContinuousClock.now - start < .seconds(2))
        }
    }

    /// Leaves a socket behind, as an engine does that was killed.
    private func bindWithoutListening(_ path: String) {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        close(descriptor)
    }

    @Test("a stream gives its pieces as they come, and ends with the connection")
    func streams() async throws {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        try await StubEngine.serving { _ in
            [.send(head + "3\r\none\r\n"), .send("3\r\ntwo\r\n0\r\n\r\n")]
        } _: { stub in
            let stream = try await stub.transport().stream(get())
            var text = ""
            for try await chunk in stream.chunks { text += String(decoding: chunk, as: UTF8.self) }
            #expect(text == "onetwo")
        }
    }

    @Test("a stream that is read slowly has the engine wait, and memory is not that of all of it")
    func slowReader() async throws {
        let pieces = 400
        let size = 65_536
        let taken = Mutex(0)
        try await StubEngine.serving { _ in
            let piece = "\(String(size, radix: 16))\r\n" + String(repeating: "x", count: size) + "\r\n"
            let note = StubAction.note { taken.withLock { $0 += 1 } }
            let body = (0..<pieces).flatMap { _ in [.send(piece), note] }
            return [.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")] + body + [.send("0\r\n\r\n")]
        } _: { stub in
            var chunks = try await stub.transport().stream(get()).chunks.makeAsyncIterator()
            var bytes = try await chunks.next()?.count ?? 0
            // Until the engine has been kept waiting for a while.
            var seen = -1
            while seen != taken.withLock({ $0 }) {
                seen = taken.withLock { $0 }
                try await Task.sleep(for: .milliseconds(200))
            }
            #expect(seen < pieces / 4, "what the kernel keeps for a connection, and little more")
            while let chunk = try await chunks.next() { bytes += chunk.count }
            #expect(bytes == pieces * size)
        }
    }

    @Test("a read-only transport reads, and refuses the one GET that writes")
    func readOnly() async throws {
        try await StubEngine.serving { _ in
            [.reply(200, "[]")]
        } _: { stub in
            let transport = ReadOnlyTransport(stub.transport())
            let response = try await transport.read(get())
            #expect(response.status == 200)
            let attach = ReadRequest(RequestTarget("/containers/a/attach/ws"), deadline: .seconds(5))
            let error = await driverError { () async throws(DriverError) in try await transport.read(attach) }
            #expect(error?.disposition == .terminal)
            #expect(stub.requests.count == 1)
        }
    }

    @Test(
        "only addresses of Unix sockets are taken",
        arguments: ["tcp://127.0.0.1:2375", "ssh://host", "unix://relative", "/var/run/docker.sock", ""])
    func addresses(_ text: String) async {
        let error = await driverError { () throws(DriverError) in try EngineAddress(dockerHost: text) }
        #expect(error?.disposition == .terminal)
        #expect(error?.message.contains("unix:///var/run/docker.sock") == true)
    }
}
