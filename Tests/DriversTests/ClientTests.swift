import Drivers
import FoundationEssentials
import Reconciler
import Specs
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ClientTests {
    private func ping(_ version: String) -> StubAction {
        .reply(200, headers: ["Api-Version: \(version)", "Server: Docker/\(version)"], "OK")
    }

    @Test("the older of both versions is spoken", arguments: [("1.41", "v1.41"), ("1.51", "v1.51"), ("1.54", "v1.51")])
    func negotiates(theirs: String, spoken: String) async throws {
        try await StubEngine.serving(ping: ping(theirs)) { request in
            [.reply(200, request.path == "/version" ? #"{"ApiVersion":"1.54","MinAPIVersion":"1.44"}"# : "[]")]
        } _: { stub in
            _ = try await stub.client().containers()
            #expect(stub.requests.last?.version == spoken)
        }
    }

    @Test("an engine that is too old, or that has dropped what we speak, is refused for good")
    func unsupported() async throws {
        for (theirs, oldest) in [("1.40", "1.12"), ("1.60", "1.52")] {
            try await StubEngine.serving(ping: ping(theirs)) { _ in
                [.reply(200, #"{"ApiVersion":"\#(theirs)","MinAPIVersion":"\#(oldest)"}"#)]
            } _: { stub in
                let error = await driverError { () async throws(DriverError) in try await stub.client().containers() }
                #expect(error?.code == .apiVersionUnsupported)
                #expect(error?.disposition == .terminal)
            }
        }
    }

    @Test("an engine that changes under a kept session is asked again")
    func renegotiates() async throws {
        try await StubEngine.serving(ping: ping("1.41")) { _ in
            [.reply(200, headers: ["Api-Version: 1.45", "Server: Docker/26.0"], "[]")]
        } _: { stub in
            let client = stub.client()
            _ = try await client.containers()
            #expect(client.session.version == nil)
        }
    }

    @Test("garbage is a bad answer that names its place and not its value")
    func garbage() async throws {
        for body in ["<html>secret</html>", #"[{"Id": "secret"#, #"[{"Id": 5, "Names": "secret"}]"#] {
            try await StubEngine.serving { _ in
                [.reply(200, body)]
            } _: { stub in
                let error = await driverError { () async throws(DriverError) in try await stub.client().containers() }
                #expect(error?.code == .badResponse)
                #expect(error?.disposition == .transient)
                #expect(error?.description.contains("secret") == false)
            }
        }
    }

    @Test("an observation with an inspect that fails is incomplete; one whose container is gone is not")
    func incomplete() async throws {
        let labels = OwnershipMark(
            owner: "me", object: ResourceID(.workload, "web"),
            member: .init(slot: 0, incarnation: 1, recreateHash: "v1")
        ).labels.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
        let list = #"[{"Id":"a","Names":["/web-0-1"],"Labels":{\#(labels)}},{"Id":"b","Names":["/x"],"Labels":null}]"#
        for (status, isComplete) in [(500, false), (404, true)] {
            try await StubEngine.serving { request in
                switch request.path {
                case "/containers/json": [.reply(200, list)]
                case "/containers/a/json": [.reply(status, #"{"message":"No such container: a"}"#)]
                case "/networks": [.reply(200, "[]")]
                case "/volumes": [.reply(200, #"{"Volumes":null,"Warnings":null}"#)]
                default: [.reply(200, "{}")]
                }
            } _: { stub in
                let state = try await DockerObserver(stub.client()).observe(Interest(owner: "me"))
                #expect(state.isComplete == isComplete)
                #expect(state.containers.isEmpty)
                #expect(state.foreignNames == ["x": "b"])
            }
        }
    }

    @Test("a pull fails by a line of its progress, and never shows the sign-in")
    func pullFails() async throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        // "user:geheim"
        try folder.write(#"{"auths":{"registry.example.org":{"auth":"dXNlcjpnZWhlaW0="}}}"#, to: "config.json")
        let progress =
            "{\"status\":\"Pulling\"}\r\n{\"errorDetail\":{\"message\":\"denied: no\"},\"error\":\"denied: no\"}\r\n"
        try await StubEngine.serving { _ in
            [.reply(200, progress)]
        } _: { stub in
            let credentials = RegistryCredentials(path: folder.path + "/config.json")
            let driver = DockerDriver(stub.client(), credentials: credentials)
            let error = await driverError { () async throws(DriverError) in
                try await driver.apply(.pullImage(reference: "registry.example.org/app:2"))
            }
            #expect(error?.code == .unauthorized)
            #expect(error?.disposition == .terminal)
            let request = try #require(stub.requests.first)
            #expect(request.query == "fromImage=registry.example.org%2Fapp&tag=2")
            let header = try #require(request.headers["x-registry-auth"])
            #expect(Data(base64Encoded: header).map { String(decoding: $0, as: UTF8.self).contains("geheim") } == true)
            #expect(error?.description.contains("geheim") == false && error?.description.contains(header) == false)
        }
    }

    @Test("a pull ends with the image that it brought")
    func pulls() async throws {
        try await StubEngine.serving { request in
            request.method == "POST" ? [.reply(200, "{\"status\":\"done\"}\r\n")] : [.reply(200, #"{"Id":"sha256:1"}"#)]
        } _: { stub in
            let result = try await stub.driver().apply(.pullImage(reference: "app:1"))
            #expect(result == .image(reference: "app:1", ObservedImage(id: "sha256:1")))
        }
    }

    @Test("a pull says in the log that it began, how far it is, and that it ended")
    func pullProgress() async throws {
        let progress = [
            #"{"status":"Downloading","id":"a","progressDetail":{"current":10,"total":40}}"#,
            #"{"status":"Downloading","id":"b","progressDetail":{"current":5,"total":60}}"#,
            #"{"status":"Download complete","id":"a","progressDetail":{}}"#,
            #"{"status":"Extracting","id":"a","progressDetail":{"current":1,"total":40}}"#,
        ].map { $0 + "\r\n" }.joined()
        let lines = LogLines()
        try await StubEngine.serving { request in
            request.method == "POST" ? [.reply(200, progress)] : [.reply(200, #"{"Id":"sha256:1"}"#)]
        } _: { stub in
            var deadlines = DockerDeadlines()
            deadlines.pullReport = .zero
            let driver = DockerDriver(stub.client(deadlines), log: lines.logger)
            _ = try await driver.apply(.pullImage(reference: "app:1"))
        }
        #expect(lines.all.first?["event"] == "image.pull-started")
        #expect(lines.all.last?["event"] == "image.pull-done")
        #expect(lines.all.allSatisfy { $0["image"] == "app:1" })
        let last = lines.all.last { $0["event"] == "image.pull-progress" }
        #expect(last?["bytes"] == "45" && last?["bytes_known"] == "100")
    }

    @Test("events become hints, line by line, and the many of our probes do not")
    func events() async throws {
        func event(_ action: String) -> String {
            #"{"Type":"container","Action":"\#(action)","Actor":{"ID":"a","Attributes":{}},"time":1}"# + "\n"
        }
        let text =
            event("start") + event("exec_start: true") + "not json\n" + event("health_status: healthy") + event("die")
        let half = text.index(text.startIndex, offsetBy: 40)
        let head = "HTTP/1.1 200 OK\r\n\r\n"
        try await StubEngine.serving { _ in
            [.send(head + text[..<half]), .send(String(text[half...])), .close]
        } _: { stub in
            var seen: [String] = []
            for await hint in try await stub.driver().changes(owner: "me") { seen.append(hint.event) }
            #expect(seen == ["start", "health_status", "die"])
            let filter = PercentEncoding.encoded(#""label":["dev.reconcile.owner=me"]"#)
            #expect(stub.requests.first?.query.contains(filter) == true)
        }
    }

    @Test("a create whose answer is lost finds its own work")
    func adopts() async throws {
        let mark = OwnershipMark(
            owner: "me", object: ResourceID(.workload, "web"),
            member: .init(slot: 0, incarnation: 1, recreateHash: "v1"))
        let intent = MemberIntent(
            name: "web-0-1", mark: mark,
            container: ContainerIntent(template: ContainerTemplate(image: "app:1"), network: "reconcile-web"))
        let labels = mark.labels.map { "\"\($0.key)\":\"\($0.value)\"" }.joined(separator: ",")
        let details =
            #"{"Id":"f00","Name":"/web-0-1","Image":"sha256:1","State":{"Status":"created","ExitCode":0},"Config":{"Labels":{\#(labels)}}}"#
        try await StubEngine.serving { request in
            request.method == "POST" ? [.close] : [.reply(200, details)]
        } _: { stub in
            let result = try await stub.driver().apply(.createContainer(intent))
            guard case .container("f00", let container?) = result else {
                Issue.record("not adopted: \(result)")
                return
            }
            #expect(container.mark == mark)
            #expect(container.status == .created)
        }
    }

    @Test("a change whose result cannot be read back has an unknown outcome")
    func readBackFails() async throws {
        let container = ObservedContainer(
            id: "f00", name: "web-0-1", mark: OwnershipMark(owner: "me", object: ResourceID(.workload, "web")),
            member: .init(slot: 0, incarnation: 1, recreateHash: "v1"), imageID: "", status: .created)
        try await StubEngine.serving { request in
            request.method == "POST" ? [.reply(204, "")] : [.close]
        } _: { stub in
            let error = await driverError { () async throws(DriverError) in
                try await stub.driver().apply(.start(ContainerReference(container)))
            }
            #expect(error?.disposition == .unknown)
        }
    }
}
