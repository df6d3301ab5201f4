import FoundationEssentials
import Glibc
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import Drivers

/// What the kernel really does with each limit, on a real engine.
@Suite(
    .serialized, .timeLimit(.minutes(5)),
    .enabled(if: KernelByHand.isVersionOne, "the files that are written to are those of version 1 of control groups"))
struct KernelEngineTests {
    private let owner = "kernel-tests-\(UInt32.random(in: 0 ... .max))"

    /// Runs one container, and removes it whatever the body does.
    private func withContainer(
        _ resources: Resources, mounts: [Mount] = [],
        _ body: (DockerDriver<UnixSocketTransport>, ObservedContainer, EngineByHand) async throws -> Void
    ) async throws {
        let engine = try await EngineUnderTest.shared()
        let driver = engine.driver()
        let mark = OwnershipMark(
            owner: owner, object: ResourceID(.workload, "kernel"),
            member: .init(slot: 0, incarnation: 1, recreateHash: "v1;image=0"))
        let template = ContainerTemplate(
            image: engine.image, command: ["sleep", "300"], mounts: mounts, stopTimeout: .zero, resources: resources)
        let intent = MemberIntent(
            name: owner, mark: mark, container: ContainerIntent(template: template, network: "bridge"))
        let outcome: Result<Void, any Error>
        do {
            guard case .container(_, let created?) = try await driver.apply(.createContainer(intent)),
                case .container(_, let started?) = try await driver.apply(.start(ContainerReference(created)))
            else { throw KernelByHand.NotFound(description: "no container was made") }
            try await body(driver, started, EngineByHand(socketPath: engine.socketPath))
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        if let container = try? await driver.observe(Interest(owner: owner)).containers.values.first {
            // What counts is that nothing stays.
            _ = try? await driver.apply(.stop(ContainerReference(container), timeout: .zero))
            _ = try? await driver.apply(.remove(ContainerReference(container)))
        }
        try outcome.get()
    }

    private static let all: Resources = {
        var resources = Resources(
            cpus: CPUQuantity(nanoCPUs: 333_333_333), memory: ByteQuantity(bytes: 64 << 20),
            memorySwap: .limit(ByteQuantity(bytes: 96 << 20)), pids: 50,
            ulimits: ["nofile": Ulimit(soft: 64, hard: 128), "core": Ulimit(soft: 0, hard: 0)],
            shm: ByteQuantity(bytes: 8 << 20))
        resources.memoryReservation = ByteQuantity(bytes: 32 << 20)
        resources.cpuset = "0"
        resources.cpuShares = 512
        resources.oomScoreAdjustment = 600
        return resources
    }()

    @Test("what is kept open of a container keeps none of its file systems, nor those of its host, when it has ended")
    func mountsAreLetGo() async throws {
        try await withContainer(Self.all) { driver, container, engine in
            let mounts = "/\(try await KernelByHand(engine, container.id).pid)/mountinfo"
            _ = try await driver.observe(Interest(owner: owner))
            let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap {
                try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0)
            }
            #expect(!open.contains { $0.hasSuffix(mounts) })
            #expect(
                open.contains { $0.contains(container.id) && $0.hasSuffix("/memory.limit_in_bytes") },
                "nothing is kept open at all")
        }
    }

    @Test("every limit is in the kernel as it was asked for, and is observed so")
    func everyLimit() async throws {
        let tmpfs = Mount(.tmpfs(size: ByteQuantity(bytes: 4 << 20)), target: "/scratch")
        try await withContainer(Self.all, mounts: [tmpfs]) { _, container, engine in
            let kernel = try await KernelByHand(engine, container.id)
            #expect(try kernel.cgroup("cpu.cfs_quota_us") == "33333")
            #expect(try kernel.cgroup("cpu.shares") == "512")
            #expect(try kernel.cgroup("cpuset.cpus") == "0")
            #expect(try kernel.cgroup("memory.limit_in_bytes") == "\(64 << 20)")
            #expect(try kernel.cgroup("memory.memsw.limit_in_bytes") == "\(96 << 20)")
            #expect(try kernel.cgroup("memory.soft_limit_in_bytes") == "\(32 << 20)")
            #expect(try kernel.cgroup("pids.max") == "50")
            #expect(try kernel.process("oom_score_adj") == "600")
            let limits = ProcessLimits.all(in: try kernel.process("limits"))
            #expect(limits["nofile"]?.soft == 64 && limits["nofile"]?.hard == 128 && limits["core"]?.hard == 0)
            #expect(try kernel.size(ofFileSystem: "/dev/shm") == 8 << 20)
            #expect(try kernel.size(ofFileSystem: "/scratch") == 4 << 20)
            #expect(container.live == LiveSettings(declared: Self.all))
            let facts = try #require(container.kernel)
            #expect(facts.oomScoreAdjustment == 600 && facts.hardLimits == ["nofile": 128, "core": 0])
            let used = try #require(facts.memoryInUse)
            #expect(used > 0 && used < 8 << 20, "\(used)")
        }
    }

    @Test("throttles of block devices are in the kernel, and are observed by their path")
    func throttles() async throws {
        let device = try #require(Self.blockDevice(), "no block device to throttle")
        var limited = BlockIO.Device(path: device)
        limited.readBytes = ByteQuantity(bytes: 1 << 20)
        limited.writeOperations = 100
        var resources = Resources()
        resources.blockIO = BlockIO(devices: [limited])
        try await withContainer(resources) { _, container, engine in
            let kernel = try await KernelByHand(engine, container.id)
            #expect(try kernel.cgroup("blkio.throttle.read_bps_device").hasSuffix(" 1048576"))
            #expect(try kernel.cgroup("blkio.throttle.write_iops_device").hasSuffix(" 100"))
            #expect(
                container.kernel?.throttles == [
                    DeviceThrottle(path: device, readBytes: 1 << 20, writeOperations: 100)
                ])
        }
    }

    private static func blockDevice() -> String? {
        ["/dev/vda", "/dev/sda", "/dev/nvme0n1", "/dev/loop0"].first { path in
            var status = stat()
            return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFBLK
        }
    }

    /// A file that somebody writes to, and what is observed then.
    struct Edit: Sendable, CustomTestStringConvertible {
        let file: String
        let text: String
        let change: @Sendable (inout LiveSettings) -> Void
        var testDescription: String { "\(file) = \(text)" }

        static let all: [Edit] = [
            Edit(file: "cpu.cfs_quota_us", text: "-1") { $0.nanoCPUs = nil },
            Edit(file: "cpu.cfs_quota_us", text: "90000") { $0.nanoCPUs = 900_000_000 },
            Edit(file: "cpu.shares", text: "2048") { $0.cpuShares = 2048 },
            Edit(file: "cpuset.cpus", text: "0-1") { $0.cpuset = nil },
            Edit(file: "memory.limit_in_bytes", text: "50331648") { $0.memory = 48 << 20 },
            Edit(file: "memory.memsw.limit_in_bytes", text: "134217728") { $0.memorySwap = 128 << 20 },
            Edit(file: "memory.soft_limit_in_bytes", text: "-1") { $0.memoryReservation = nil },
            Edit(file: "pids.max", text: "max") { $0.pids = nil },
        ]
    }

    @Test("a file that somebody wrote to is noticed without Docker, and an update puts it right", arguments: Edit.all)
    func handEdits(_ edit: Edit) async throws {
        try await withContainer(Self.all) { driver, container, engine in
            let kernel = try await KernelByHand(engine, container.id)
            let before = try kernel.cgroup(edit.file)
            let reader = try #require(driver.observer.kernel)
            #expect(reader.check(now: .zero).isEmpty)
            try kernel.write(edit.text, to: edit.file)
            #expect(reader.check(now: .seconds(1)) == [container.id])
            let edited = try #require(try await driver.observe(container: container.id, owner: owner))
            var expected = container.live
            edit.change(&expected)
            #expect(edited.live == expected)
            #expect(reader.check(now: .seconds(2)).isEmpty, "it was looked at")
            let drift = LiveSettings(declared: Self.all)
            guard
                case .container(_, let repaired?) = try await driver.apply(
                    .update(ContainerReference(container), drift))
            else {
                Issue.record("the container is gone")
                return
            }
            #expect(repaired.live == container.live)
            #expect(try kernel.cgroup(edit.file) == before)
        }
    }

    @Test("what an update by hand did to the kernel is seen, whatever inspect says of it")
    func updateByHand() async throws {
        try await withContainer(Self.all) { driver, container, engine in
            // Inspect goes on to show the limit.
            try await engine.send(.post, "/containers/\(container.id)/update", body: #"{"CpuQuota": -1}"#)
            let lifted = try await driver.observe(container: container.id, owner: owner)
            #expect(lifted?.live.nanoCPUs == nil)
            guard
                case .container(_, let repaired?) = try await driver.apply(
                    .update(ContainerReference(container), LiveSettings(declared: Self.all)))
            else { return }
            #expect(repaired.live.nanoCPUs == 333_333_333)
            // Inspect shows -1, and the kernel has what it had.
            try await engine.send(.post, "/containers/\(container.id)/update", body: #"{"MemorySwap": -1}"#)
            let same = try await driver.observe(container: container.id, owner: owner)
            #expect(same?.live.memorySwap == 96 << 20)
        }
    }

    @Test("limits of the process are those that it has now")
    func processLimits() async throws {
        try await withContainer(Self.all) { driver, container, engine in
            let kernel = try await KernelByHand(engine, container.id)
            // Only a few may raise one; to see that it is read, a lower one is as good.
            try await kernel.set(openFiles: 32)
            try kernel.write("100", toProcess: "oom_score_adj")
            let changed = try await driver.observe(container: container.id, owner: owner)
            #expect(changed?.kernel?.hardLimits["nofile"] == 32 && changed?.kernel?.oomScoreAdjustment == 100)
        }
    }

    @Test("a limit below what is used is refused, and nothing of the update is done")
    func shrink() async throws {
        try await withContainer(Resources(memory: ByteQuantity(bytes: 64 << 20))) { driver, container, engine in
            _ = try await engine.exec(
                ["sh", "-c", "dd if=/dev/zero of=/dev/shm/x bs=1M count=40 2>/dev/null; echo"], in: container.id)
            let used = try await driver.observe(container: container.id, owner: owner)?.kernel?.memoryInUse
            #expect(try #require(used) > 40 << 20)
            let error = await driverError { () async throws(DriverError) in
                try await driver.apply(
                    .update(
                        ContainerReference(container), LiveSettings(memory: 16 << 20, memorySwap: 16 << 20, pids: 9)))
            }
            #expect(error?.code == .memoryInUse, "\(String(describing: error))")
            let after = try await driver.observe(container: container.id, owner: owner)
            #expect(after?.live == container.live && after?.startedAt == container.startedAt)
        }
    }

    @Test("a block device that is not there is refused before anything is made", arguments: ["/dev/none", "/dev/null"])
    func missingDevice(path: String) async throws {
        let engine = try await EngineUnderTest.shared()
        var device = BlockIO.Device(path: path)
        device.readBytes = ByteQuantity(bytes: 1 << 20)
        var resources = Resources()
        resources.blockIO = BlockIO(devices: [device])
        let (driver, limits) = (engine.driver(), resources)
        let error = await driverError { () async throws(DriverError) in
            try await withContainerRefused(limits, driver, engine.image)
        }
        #expect(error?.code == .badRequest && error?.message.contains("'\(path)'") == true)
        #expect(try await driver.observe(Interest(owner: owner)).containers.isEmpty)
    }

    @Test("an engine whose storage has no quota says so, and refuses the size")
    func disk() async throws {
        let engine = try await EngineUnderTest.shared()
        let facts = try await engine.client().engineFacts()
        try #require(facts.unsupported["resources.disk"] != nil, "this engine has a quota")
        var resources = Resources()
        resources.disk = ByteQuantity(bytes: 1 << 30)
        let error = await driverError { () async throws(DriverError) in
            try await withContainerRefused(resources, engine.driver(), engine.image)
        }
        #expect(error?.disposition == .terminal, "\(String(describing: error))")
    }

    private func withContainerRefused(
        _ resources: Resources, _ driver: DockerDriver<UnixSocketTransport>, _ image: String
    ) async throws(DriverError) {
        let mark = OwnershipMark(
            owner: owner, object: ResourceID(.workload, "disk"),
            member: .init(slot: 0, incarnation: 1, recreateHash: "v1;image=0"))
        let template = ContainerTemplate(image: image, command: ["sleep", "300"], resources: resources)
        _ = try await driver.apply(
            .createContainer(
                MemberIntent(
                    name: owner + "-disk", mark: mark, container: ContainerIntent(template: template, network: "bridge")
                )))
    }

    @Test("a container that ends is watched no longer, and its files are closed")
    func ends() async throws {
        try await withContainer(Self.all) { driver, container, engine in
            let reader = try #require(driver.observer.kernel)
            #expect(reader.count == 1)
            try await engine.send(.post, "/containers/\(container.id)/kill")
            #expect(await eventually { reader.check(now: .zero) == [container.id] || reader.count == 0 })
            #expect(reader.count == 0)
            let ended = try await driver.observe(container: container.id, owner: owner)
            #expect(ended?.kernel == nil && ended?.live == container.live, "as inspect shows it")
        }
    }
}
