import Specs
import Testing

@Suite("Valid files become typed specs")
struct SpecLoaderTests {
    static let everything = """
        apiVersion: reconcile.dev/v1
        kind: HostPool
        metadata: {name: agents, labels: {tier: a}, annotations: {example.com/note: "any text, even: this"}}
        spec:
          hosts: {name: host-1.example.com, matchLabels: {role: agent}}
          scope: perHost
          capacity: {containersPerHost: 16, reserved: {cpus: 1.5, memory: 8Gi}}
        ---
        apiVersion: reconcile.dev/v1
        kind: Workload
        metadata: {name: web}
        spec:
          replicas: 1
          strategy: {type: recreate}
          publish: [{hostPort: 443, containerPort: 8443}, {hostIP: 127.0.0.1, hostPort: 53, containerPort: 5353, protocol: udp}]
          template:
            image: nginx:1.27
            command: [nginx]
            args: [-g, daemon off;]
            env: {DEBUG: true, PORT: 0123, RATIO: 1.50, EMPTY: "", NAME: a b}
            labels: {example.com/team: web}
            mounts:
              - {type: volume, source: data, target: /data}
              - {type: bind, source: /srv/www, target: /b, readOnly: true}
              - {type: tmpfs, target: /a, size: 64Mi}
            ports: [8443, 53/udp]
            user: 1000
            healthCheck: {command: [test, -f, /x], interval: 5s, timeout: 1s, retries: 5, startPeriod: 1m}
            stopTimeout: 30s
            pullPolicy: Always
            resources:
              cpus: 500m
              memory: 1Gi
              memorySwap: unlimited
              pids: 100
              shm: 128Mi
              ulimits: {nofile: 1024, core: {soft: 0, hard: -1}}
              memoryReservation: 512Mi
              cpuset: "1,0"
              cpuShares: 512
              oomScoreAdjustment: 500
              disk: 10Gi
              blockIO: {weight: 300, devices: [{path: /dev/sda, readBytes: 1Mi}]}
        ---
        apiVersion: reconcile.dev/v1
        kind: WarmPool
        metadata: {name: sandbox}
        spec: {hostPool: agents, size: 2, template: {image: a}}
        """

    @Test("every field arrives")
    func everyField() throws {
        let loaded = load(Self.everything)
        #expect(loaded.diagnostics == [])
        let specs = try #require(loaded.specs)
        let pool = try #require(specs.hostPools.first)
        #expect(pool.id == ResourceID(.hostPool, "agents"))
        #expect(pool.labels == ["tier": "a"])
        #expect(pool.annotations == ["example.com/note": "any text, even: this"])
        let reserved = HostPool.Reserved(
            cpus: CPUQuantity(nanoCPUs: 1_500_000_000), memory: ByteQuantity(bytes: 8 << 30))
        #expect(
            pool.spec
                == HostPool(
                    hosts: .init(name: "host-1.example.com", matchLabels: ["role": "agent"]), scope: .perHost,
                    capacity: .init(containersPerHost: 16, reserved: reserved)))
        #expect(specs.workloads.map(\.spec) == [Self.web])
        #expect(specs.warmPools.map(\.spec) == [WarmPool(hostPool: "agents", size: 2, template: .init(image: "a"))])
    }

    static let web = Workload(
        hostPool: "agents", replicas: 1, strategy: .recreate,
        publish: [
            PublishedPort(hostIP: "127.0.0.1", hostPort: 53, container: ContainerPort(5353, .udp)),
            PublishedPort(hostPort: 443, container: ContainerPort(8443)),
        ],
        template: ContainerTemplate(
            image: "nginx:1.27", command: ["nginx"], args: ["-g", "daemon off;"],
            env: ["DEBUG": "true", "PORT": "0123", "RATIO": "1.50", "EMPTY": "", "NAME": "a b"],
            labels: ["example.com/team": "web"],
            mounts: [
                Mount(.tmpfs(size: ByteQuantity(bytes: 64 << 20)), target: "/a"),
                Mount(.bind("/srv/www"), target: "/b", readOnly: true), Mount(.volume("data"), target: "/data"),
            ],
            ports: [ContainerPort(53, .udp), ContainerPort(8443)], user: "1000",
            healthCheck: HealthCheck(
                command: ["test", "-f", "/x"], interval: .seconds(5), timeout: .seconds(1), retries: 5,
                startPeriod: .seconds(60)),
            stopTimeout: .seconds(30), pullPolicy: .always,
            resources: resources))

    private static let resources: Resources = {
        var resources = Resources(
            cpus: CPUQuantity(nanoCPUs: 500_000_000), memory: ByteQuantity(bytes: 1 << 30), memorySwap: .unlimited,
            pids: 100, ulimits: ["nofile": Ulimit(soft: 1024, hard: 1024), "core": Ulimit(soft: 0, hard: -1)],
            shm: ByteQuantity(bytes: 128 << 20))
        resources.memoryReservation = ByteQuantity(bytes: 512 << 20)
        resources.cpuset = "1,0"
        resources.cpuShares = 512
        resources.oomScoreAdjustment = 500
        resources.disk = ByteQuantity(bytes: 10 << 30)
        var device = BlockIO.Device(path: "/dev/sda")
        device.readBytes = ByteQuantity(bytes: 1 << 20)
        resources.blockIO = BlockIO(weight: 300, devices: [device])
        return resources
    }()

    @Test("what is left out has the documented default")
    func defaults() throws {
        let text = workload(template: "image: a").replacing("  replicas: 1\n", with: "").replacing(
            "  hostPool: local\n", with: "")
        let workload = try #require(load(text).specs?.workloads.first)
        #expect(workload.spec == Workload(hostPool: "local", template: ContainerTemplate(image: "a")))
        #expect(workload.spec.replicas == 1)
        #expect(workload.spec.source.template.stopTimeout == .seconds(10))
    }

    @Test("every field knows its place, and one that was left out the place around it")
    func places() throws {
        let workload = try #require(load(Self.everything).specs?.workloads.first)
        #expect(workload.origin == SourcePosition(file: "web.yaml", line: 9, column: 1))
        for (path, line, column) in [
            ("spec.template.image", 17, 12), ("spec.replicas", 13, 13), ("spec.template.env.DEBUG", 20, 18),
            ("spec.template.mounts.1.readOnly", 24, 62), ("spec.template.resources.ulimits.core.hard", 37, 53),
            ("spec.hostPool", 13, 3), ("spec.template.healthCheck.interval", 28, 54),
        ] {
            #expect(workload.fields[path] == SourcePosition(file: "web.yaml", line: line, column: column), "\(path)")
        }
    }

    @Test("objects come in the order of their names, whatever the order of the files")
    func order() throws {
        let pool = "apiVersion: reconcile.dev/v1\nkind: HostPool\nmetadata: {name: p}\nspec: {hosts: {name: h}}\n"
        let files =
            ["c", "a", "b"].map { name in
                let text =
                    "apiVersion: reconcile.dev/v1\nkind: WarmPool\nmetadata: {name: \(name)}\nspec: {size: 1, template: {image: a}}\n"
                return SpecFile(path: "z-\(name).yaml", bytes: Array(text.utf8))
            } + [SpecFile(path: "pool.yaml", bytes: Array(pool.utf8))]
        let specs = SpecLoader.load(files).specs
        #expect(specs?.warmPools.map(\.id.name) == ["a", "b", "c"])
        #expect(SpecLoader.load(files.reversed()).specs == specs)
    }

    @Test("comments, key order, CRLF and written-out defaults change nothing")
    func meaning() throws {
        let short = try #require(load(workload(template: "image: a\nenv: {A: b, C: d}")).specs)
        let long = try #require(
            load(
                workload(
                    template: """
                        # a note
                        pullPolicy: IfNotPresent
                        env:
                          C: d
                          A: b
                        stopTimeout: 0h10s
                        image: "a"
                        resources: {}
                        """, spec: "strategy: {type: rolling}"
                ).replacing("\n", with: "\r\n"), path: "other.yaml"
            ).specs)
        #expect(short == long)
    }

    @Test("no files are an empty set and no error")
    func empty() {
        #expect(SpecLoader.load([]) == LoadedSpecs(specs: SpecSet(), diagnostics: []))
        #expect(load("# all commented out\n").specs?.isEmpty == true)
    }

    @Test("a cut anywhere never loses an object silently")
    func truncation() {
        let bytes = Array(Self.everything.utf8)
        // An object is there from the first byte of its document on.
        let starts = Self.everything.utf8.indices.filter { Self.everything.utf8[$0...].starts(with: "apiVersion".utf8) }
            .map { Self.everything.utf8.distance(from: Self.everything.utf8.startIndex, to: $0) }
        #expect(starts.count == 3)
        for end in 0...bytes.count {
            let loaded = SpecLoader.load([SpecFile(path: "a.yaml", bytes: Array(bytes[..<end]))])
            #expect((loaded.specs == nil) == !loaded.diagnostics.isEmpty)
            guard let specs = loaded.specs else { continue }
            let count = specs.hostPools.count + specs.workloads.count + specs.warmPools.count
            #expect(count == starts.count { $0 < end }, "cut at byte \(end)")
        }
    }

    @Test("a byte changed anywhere never crashes")
    func mutation() {
        let bytes = Array(Self.everything.utf8)
        let others: [UInt8] = [0x00, 0x0A, 0x22, 0x2A, 0x3A, 0x7B]
        for index in bytes.indices {
            // One of them at each byte; `scripts/fuzz` tries far more than all of them would.
            var changed = bytes
            changed[index] = others[index % others.count]
            let loaded = SpecLoader.load([SpecFile(path: "a.yaml", bytes: changed)])
            #expect((loaded.specs == nil) == !loaded.diagnostics.isEmpty)
        }
    }
}
