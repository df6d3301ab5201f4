import FoundationEssentials
import Reconciler
import Specs
import Testing

@testable import Drivers

struct PartsTests {
    @Test(
        "a chain is missing where the table is listed without it; a table that is not listed says nothing",
        arguments: [
            (true, "-P OUTPUT ACCEPT\n-N DOCKER\n-A DOCKER -i docker0 -j RETURN\n", PreflightFacts.Chains.present),
            (true, "-P PREROUTING ACCEPT\n-P OUTPUT ACCEPT\n", .missing),
            (true, "-P OUTPUT ACCEPT\n-N DOCKER-USER\n", .missing),
            (true, "", .missing),
            (false, "", .unknown),
        ])
    func chains(isSuccess: Bool, listing: String, expected: PreflightFacts.Chains) {
        #expect(DockerChains.verdict(isSuccess: isSuccess, listing: listing) == expected)
    }

    @Test("the machine of whoever listens is looked at, and a socket without a listener tells nothing")
    func localPreflight() async throws {
        let nobody = LocalPreflight(EngineAddress(socketPath: "/nonexistent/docker.sock"))
        #expect(await nobody.facts(dataRoot: "/") == PreflightFacts())
        try await StubEngine.serving { _ in
            []
        } _: { stub in
            let here = LocalPreflight(EngineAddress(socketPath: stub.socketPath))
            let facts = await here.facts(dataRoot: "/")
            let (free, size) = (try #require(facts.dataFree), try #require(facts.dataSize))
            #expect(free > 0 && free <= size)
            let elsewhere = await here.facts(dataRoot: "/nonexistent")
            #expect(elsewhere.dataFree == nil && elsewhere.dataSize == nil)
        }
    }

    @Test("lines are found wherever the pieces begin and end", arguments: 1...12)
    func splitsLines(size: Int) {
        let text = Array("one\r\ntwo\n\nthree is too long\nfour\nrest".utf8)
        var splitter = LineSplitter(limit: 8)
        var lines: [Data] = []
        for start in stride(from: 0, to: text.count, by: size) {
            lines += splitter.lines(adding: Data(text[start..<min(start + size, text.count)]))
        }
        if let rest = splitter.remainder() { lines.append(rest) }
        #expect(lines.map { String(decoding: $0, as: UTF8.self) } == ["one", "two", "four", "rest"])
    }

    @Test("frames are taken apart wherever the pieces begin and end", arguments: 1...12)
    func takesFramesApart(size: Int) {
        let bytes: [UInt8] =
            [1, 0, 0, 0, 0, 0, 0, 3] + Array("out".utf8) + [2, 0, 0, 0, 0, 0, 0, 4] + Array("errs".utf8)
        var parser = FrameParser(keeping: 5)
        for start in stride(from: 0, to: bytes.count, by: size) {
            parser.add(Data(bytes[start..<min(start + size, bytes.count)]))
        }
        #expect(String(decoding: parser.output, as: UTF8.self) == "outer")
    }

    @Test(
        "image references are read as Docker reads them",
        arguments: [
            ("busybox", "busybox", "latest", ImageReference.dockerHub),
            ("busybox:1.36", "busybox", "1.36", ImageReference.dockerHub),
            ("docker.io/library/busybox:1", "docker.io/library/busybox", "1", ImageReference.dockerHub),
            ("localhost:5000/app", "localhost:5000/app", "latest", "localhost:5000"),
            ("ghcr.io/a/b:v1@sha256:00", "ghcr.io/a/b", "sha256:00", "ghcr.io"),
            ("team/app@sha256:00", "team/app", "sha256:00", ImageReference.dockerHub),
        ])
    func readsReferences(text: String, name: String, tag: String, registry: String) {
        let reference = ImageReference(text)
        #expect(reference.name == name)
        #expect(reference.tagOrDigest == tag)
        #expect(reference.registry == registry)
    }

    @Test("sign-ins come from Docker's configuration; helpers are named as unsupported")
    func credentials() throws {
        let folder = try TemporaryFolder()
        defer { folder.remove() }
        let path = folder.path + "/config.json"
        let file = RegistryCredentials.ofUser(environment: ["DOCKER_CONFIG": folder.path])
        let image = ImageReference("ghcr.io/a/b")
        #expect(file.answer(for: image).header == nil)

        try folder.write(#"{"auths":{"ghcr.io":{"identitytoken":"t0ken"}}}"#, to: "config.json")
        let header = try #require(file.answer(for: image).header.flatMap { Data(base64Encoded: $0) })
        #expect(String(decoding: header, as: UTF8.self).contains("t0ken"))
        #expect(file.answer(for: ImageReference("quay.io/a/b")).header == nil)

        try folder.write(#"{"credsStore":"desktop"}"#, to: "config.json")
        #expect(file.answer(for: image).header == nil)
        #expect(file.answer(for: image).note?.contains("not supported yet") == true)
        #expect(file.answer(for: image).note?.contains(path) == true)

        try folder.write("{", to: "config.json")
        #expect(file.answer(for: image).note?.contains("not a Docker configuration") == true)
    }

    @Test("a create says everything that the template says, in Docker's units")
    func creation() throws {
        let template = ContainerTemplate(
            image: "app:1", command: ["/app"], args: ["-v"], env: ["B": "2", "A": "1"],
            labels: ["team": "web", "dev.reconcile.owner": "forged"],
            mounts: [
                Mount(.tmpfs(size: ByteQuantity(bytes: 1024)), target: "/tmp"),
                Mount(.bind("/srv"), target: "/data", readOnly: true),
            ],
            ports: [ContainerPort(9000, .udp)], user: "1000",
            healthCheck: HealthCheck(command: ["true"], interval: .milliseconds(1500)),
            stopTimeout: .milliseconds(2500),
            resources: Resources(
                cpus: CPUQuantity(nanoCPUs: 5), memory: ByteQuantity(bytes: 100), memorySwap: .unlimited, pids: 7,
                ulimits: ["nofile": Ulimit(soft: 1, hard: 2)], shm: ByteQuantity(bytes: 8)))
        let intent = MemberIntent(
            name: "web-0-1", mark: OwnershipMark(owner: "me", object: ResourceID(.workload, "web")),
            container: ContainerIntent(
                template: template, publish: [PublishedPort(hostPort: 80, container: ContainerPort(8080))],
                network: "reconcile-web"))
        let json = String(decoding: try DockerJSON.encode(ContainerCreation(intent), "test"), as: UTF8.self)
        for part in [
            #""Image":"app:1""#, #""Entrypoint":["/app"]"#, #""Cmd":["-v"]"#, #""Env":["A=1","B=2"]"#,
            #""dev.reconcile.owner":"me""#, #""ExposedPorts":{"8080/tcp":{},"9000/udp":{}}"#,
            #""PortBindings":{"8080/tcp":[{"HostIp":"0.0.0.0","HostPort":"80"}]}"#, #""User":"1000""#,
            #""Interval":1500000000"#, #""Test":["CMD","true"]"#, #""StopTimeout":3"#, #""MemorySwap":-1"#,
            #""NanoCpus":5"#, #""PidsLimit":7"#, #""ShmSize":8"#, #""Ulimits":[{"Hard":2,"Name":"nofile","Soft":1}]"#,
            #"{"ReadOnly":true,"Source":"/srv","Target":"/data","Type":"bind"}"#,
            #"{"ReadOnly":false,"Target":"/tmp","TmpfsOptions":{"SizeBytes":1024},"Type":"tmpfs"}"#,
            #""NetworkMode":"reconcile-web""#, #""EndpointsConfig":{"reconcile-web":{}}"#,
            #""RestartPolicy":{"Name":"no"}"#,
        ] {
            #expect(json.contains(part))
        }
    }
}
