import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What a spec says about resources, what the container has, and what is done about the difference.
struct DriftCase: Sendable, CustomTestStringConvertible {
    let name: String
    let resources: Resources
    let live: LiveSettings
    var kernel: KernelFacts?
    let expected: [String]

    var testDescription: String { name }

    private static let limits = Resources(
        cpus: CPUQuantity(nanoCPUs: 500_000_000), memory: ByteQuantity(bytes: 64 << 20), pids: 100)
    private static let asDeclared = LiveSettings(
        nanoCPUs: 500_000_000, memory: 64 << 20, memorySwap: 128 << 20, pids: 100)

    private static func with(_ change: (inout LiveSettings) -> Void) -> LiveSettings {
        var live = asDeclared
        change(&live)
        return live
    }

    private static func update(_ change: String) -> [String] { ["Workload/web/0 update: \(change) [update web-0-1]"] }
    private static func replace(_ change: String) -> [String] {
        ["Workload/web/0 replace: \(change) [create-container web-0-2, stop web-0-1, remove web-0-1]"]
    }

    static let all: [DriftCase] = [
        DriftCase(name: "as declared", resources: limits, live: asDeclared, expected: []),
        DriftCase(name: "no limits at all", resources: Resources(), live: LiveSettings(), expected: []),
        DriftCase(
            name: "more CPU", resources: limits, live: with { $0.nanoCPUs = 250_000_000 },
            expected: update("resources.cpus 250m -> 500m")),
        DriftCase(
            name: "a CPU limit where there was none", resources: limits, live: with { $0.nanoCPUs = nil },
            expected: update("resources.cpus none -> 500m")),
        DriftCase(
            name: "a CPU limit is taken away", resources: Resources(), live: LiveSettings(nanoCPUs: 2_000_000_000),
            expected: replace("resources.cpus 2 -> none")),
        DriftCase(
            name: "less memory, and swap with it", resources: limits,
            live: with {
                $0.memory = 128 << 20
                $0.memorySwap = 256 << 20
            },
            expected: update("resources.memory 128Mi -> 64Mi, resources.memorySwap 256Mi -> 128Mi")),
        DriftCase(
            name: "a memory limit is taken away", resources: Resources(),
            live: LiveSettings(memory: 64 << 20, memorySwap: 128 << 20),
            expected: replace("resources.memory 64Mi -> none")),
        DriftCase(
            name: "swap becomes unlimited",
            resources: Resources(memory: ByteQuantity(bytes: 64 << 20), memorySwap: .unlimited),
            live: LiveSettings(memory: 64 << 20, memorySwap: 128 << 20),
            expected: replace("resources.memorySwap 128Mi -> unlimited")),
        DriftCase(
            name: "swap becomes limited", resources: Resources(memory: ByteQuantity(bytes: 64 << 20)),
            live: LiveSettings(memory: 64 << 20, memorySwap: -1),
            expected: update("resources.memorySwap unlimited -> 128Mi")),
        DriftCase(
            name: "swap without a memory limit is Docker's own matter", resources: Resources(),
            live: LiveSettings(memorySwap: -1), expected: []),
        DriftCase(
            name: "a pids limit is taken away in place", resources: Resources(), live: LiveSettings(pids: 10),
            expected: update("resources.pids 10 -> none")),
        DriftCase(
            name: "a restart policy that somebody set", resources: Resources(),
            live: LiveSettings(restartPolicy: "always"), expected: update("restartPolicy always -> no")),
        DriftCase(
            name: "one of two differences needs a replacement", resources: Resources(pids: 5),
            live: LiveSettings(nanoCPUs: 1_000_000_000, pids: 6), expected: replace("resources.cpus 1 -> none")),
        DriftCase(
            name: "a reservation changes", resources: resources { $0.memoryReservation = ByteQuantity(bytes: 8 << 20) },
            live: LiveSettings(memoryReservation: 16 << 20),
            expected: update("resources.memoryReservation 16Mi -> 8Mi")),
        DriftCase(
            name: "a reservation is taken away", resources: Resources(),
            live: LiveSettings(memoryReservation: 16 << 20),
            expected: replace("resources.memoryReservation 16Mi -> none")),
        DriftCase(
            name: "shares change", resources: resources { $0.cpuShares = 512 }, live: LiveSettings(),
            expected: update("resources.cpuShares none -> 512")),
        DriftCase(
            name: "shares go back to the default", resources: Resources(), live: LiveSettings(cpuShares: 512),
            expected: update("resources.cpuShares 512 -> none")),
        DriftCase(
            name: "the default by name is the default", resources: resources { $0.cpuShares = 1024 },
            live: LiveSettings(), expected: []),
        DriftCase(
            name: "other CPUs", resources: resources { $0.cpuset = "0-1" }, live: LiveSettings(cpuset: "0"),
            expected: update("resources.cpuset 0 -> 0-1")),
        DriftCase(
            name: "all CPUs again", resources: Resources(), live: LiveSettings(cpuset: "0"),
            expected: update("resources.cpuset 0 -> all")),
        DriftCase(
            name: "one set in two spellings", resources: resources { $0.cpuset = "1,0,2" },
            live: LiveSettings(cpuset: "0-2"), expected: []),
        DriftCase(
            name: "all CPUs by name are all CPUs", resources: resources { $0.cpuset = "0-3" }, live: LiveSettings(),
            expected: []),
        DriftCase(
            name: "a weight of block I/O", resources: resources { $0.blockIO = BlockIO(weight: 300) },
            live: LiveSettings(blockIOWeight: 500), expected: update("resources.blockIO.weight 500 -> 300")),
        DriftCase(
            name: "a limit that a program tightened itself",
            resources: resources { $0.ulimits = ["nofile": Ulimit(soft: 10, hard: 100)] }, live: LiveSettings(),
            kernel: KernelFacts(oomScoreAdjustment: 900, hardLimits: ["nofile": 50]), expected: []),
        DriftCase(
            name: "a limit that somebody raised",
            resources: resources { $0.ulimits = ["nofile": Ulimit(soft: 10, hard: 100)] }, live: LiveSettings(),
            kernel: KernelFacts(hardLimits: ["nofile": -1]),
            expected: replace("resources.ulimits.nofile unlimited -> 100")),
        DriftCase(
            name: "a process that somebody saved from the OOM killer",
            resources: resources { $0.oomScoreAdjustment = 500 }, live: LiveSettings(),
            kernel: KernelFacts(oomScoreAdjustment: -900),
            expected: replace("resources.oomScoreAdjustment -900 -> 500")),
        DriftCase(
            name: "what nobody asked for is the engine's business", resources: Resources(), live: LiveSettings(),
            kernel: KernelFacts(oomScoreAdjustment: -500), expected: []),
        DriftCase(
            name: "shared memory that somebody made larger",
            resources: resources { $0.shm = ByteQuantity(bytes: 8 << 20) }, live: LiveSettings(),
            kernel: memory(["/dev/shm": 16 << 20]), expected: replace("resources.shm 16Mi -> 8Mi")),
        DriftCase(
            name: "shared memory that nothing bounds any more",
            resources: resources { $0.shm = ByteQuantity(bytes: 8 << 20) }, live: LiveSettings(),
            kernel: memory(["/dev/shm": .max]), expected: replace("resources.shm unlimited -> 8Mi")),
        DriftCase(
            name: "shared memory in whole pages", resources: resources { $0.shm = ByteQuantity(bytes: (8 << 20) - 1) },
            live: LiveSettings(), kernel: memory(["/dev/shm": 8 << 20]), expected: []),
        DriftCase(
            name: "shared memory of which nothing is said", resources: Resources(), live: LiveSettings(),
            kernel: memory(["/dev/shm": .max]), expected: []),
        DriftCase(
            name: "a throttle that somebody lifted",
            resources: resources { resources in
                var device = BlockIO.Device(path: "/dev/sda")
                device.readBytes = ByteQuantity(bytes: 1 << 20)
                resources.blockIO = BlockIO(devices: [device, BlockIO.Device(path: "/dev/sdb")])
            }, live: LiveSettings(), kernel: KernelFacts(throttles: []),
            expected: replace("resources.blockIO.devices")),
        DriftCase(
            name: "throttles as declared",
            resources: resources { resources in
                var device = BlockIO.Device(path: "/dev/sda")
                device.readBytes = ByteQuantity(bytes: 1 << 20)
                resources.blockIO = BlockIO(devices: [BlockIO.Device(path: "/dev/sdb"), device])
            }, live: LiveSettings(),
            kernel: KernelFacts(throttles: [DeviceThrottle(path: "/dev/sda", readBytes: 1 << 20)]), expected: []),
        DriftCase(
            name: "less memory than in use gives way to a successor", resources: limits,
            live: with {
                $0.memory = 128 << 20
                $0.memorySwap = 256 << 20
            }, kernel: KernelFacts(memoryInUse: 80 << 20),
            expected: replace("resources.memory 128Mi -> 64Mi, resources.memorySwap 256Mi -> 128Mi")),
        DriftCase(
            name: "less memory, and more than in use", resources: limits,
            live: with {
                $0.memory = 128 << 20
                $0.memorySwap = 256 << 20
            }, kernel: KernelFacts(memoryInUse: 64 << 20),
            expected: update("resources.memory 128Mi -> 64Mi, resources.memorySwap 256Mi -> 128Mi")),
    ]

    private static func memory(_ sizes: [String: Int64]) -> KernelFacts {
        var facts = KernelFacts()
        facts.memoryFileSystems = sizes
        return facts
    }

    private static func resources(_ change: (inout Resources) -> Void) -> Resources {
        var resources = Resources()
        change(&resources)
        return resources
    }
}

struct LiveDriftTests {
    @Test("Docker's updates are used where they hold, and a replacement where they do not", arguments: DriftCase.all)
    func drift(_ c: DriftCase) {
        let desired = Declared.state(Declared.workload(ContainerTemplate(image: "web:1", resources: c.resources)))
        var observed = ObservedState(converged: desired)
        observed.change("web-0-1") { $0.live = c.live }
        observed.change("web-0-1") { $0.kernel = c.kernel }
        #expect(plan(desired, observed).lines == c.expected)
    }

    @Test("where the old one would go first, less memory than in use waits, and everything else does not")
    func memoryInUse() throws {
        let resources = Resources(memory: ByteQuantity(bytes: 64 << 20), pids: 5)
        let workload = Declared.workload(
            strategy: .recreate, ContainerTemplate(image: "web:1", resources: resources))
        let desired = Declared.state(workload)
        var observed = ObservedState(converged: desired)
        observed.change("web-0-1") {
            $0.live = LiveSettings(memory: 128 << 20, memorySwap: 256 << 20)
            $0.kernel = KernelFacts(memoryInUse: 80 << 20)
        }
        let first = try #require(plan(desired, observed).actions.first)
        #expect(first.reason.description == "resources.pids none -> 5" && first.verdict == .go)
        guard case .update(_, let settings)? = first.steps.first else {
            Issue.record("not an update: \(first)")
            return
        }
        #expect(settings.memory == nil && settings.memorySwap == nil && settings.pids == 5)
        observed.change("web-0-1") { $0.live.pids = 5 }
        let second = try #require(plan(desired, observed).actions.first)
        guard case .held(let hold) = second.verdict else {
            Issue.record("not held: \(second)")
            return
        }
        #expect(
            hold.description
                == "MemoryInUse: a limit of 64Mi is below what the container uses, 80Mi in use without its file cache "
                + "(until it uses 64Mi or less)")
        #expect(second.reason.description == "resources.memory 128Mi -> 64Mi")
        observed.change("web-0-1") { $0.kernel?.memoryInUse = 10 << 20 }
        #expect(plan(desired, observed).lines.first?.hasPrefix("Workload/web/0 update: resources.memory") == true)
    }

    @Test("a host that cannot enforce a limit holds the object, and says why")
    func notSupported() throws {
        var resources = Resources()
        resources.disk = ByteQuantity(bytes: 1 << 30)
        let desired = Declared.state(Declared.workload(ContainerTemplate(image: "web:1", resources: resources)))
        var observed = ObservedState(engine: EngineFacts(cpus: 4))
        observed.images["web:1"] = ObservedImage(id: "sha256:w")
        #expect(plan(desired, observed).held.isEmpty)
        observed.engine.unsupported["resources.disk"] = "no quota"
        guard case .held(let hold)? = plan(desired, observed).actions.first?.verdict else {
            Issue.record("not held")
            return
        }
        #expect(hold.gate == .notSupported && hold.message.contains("resources.disk cannot be enforced here: no quota"))
        #expect(plan(Declared.state(Declared.workload()), observed).held.isEmpty)
    }

    @Test(
        "a host that has less than is asked for is not eligible",
        arguments: [
            (Resources(cpus: CPUQuantity(nanoCPUs: 5_000_000_000)), "resources.cpus asks for 5, and this host has 4"),
            (resources { $0.cpuset = "0,4" }, "resources.cpuset names CPU 4, and this host has 4, counted from 0"),
        ])
    func ineligible(resources: Resources, message: String) {
        let desired = Declared.state(Declared.workload(ContainerTemplate(image: "web:1", resources: resources)))
        var observed = ObservedState(engine: EngineFacts(cpus: 4))
        observed.images["web:1"] = ObservedImage(id: "sha256:w")
        guard case .held(let hold)? = plan(desired, observed).actions.first?.verdict else {
            Issue.record("not held")
            return
        }
        #expect(hold.gate == .ineligible && hold.message == message)
    }

    private static func resources(_ change: (inout Resources) -> Void) -> Resources {
        var resources = Resources()
        change(&resources)
        return resources
    }

    @Test("an update sends every setting, memory and swap together, and takes a pids limit away with -1")
    func target() throws {
        let resources = Resources(memory: ByteQuantity(bytes: 64 << 20))
        let desired = Declared.state(Declared.workload(ContainerTemplate(image: "web:1", resources: resources)))
        var observed = ObservedState(converged: desired)
        observed.change("web-0-1") { $0.live.pids = 3 }
        let step = try #require(plan(desired, observed).actions.first?.steps.first)
        guard case .update(_, let settings) = step else {
            Issue.record("not an update: \(step)")
            return
        }
        #expect(settings == LiveSettings(memory: 64 << 20, memorySwap: 128 << 20, pids: -1))
    }

    @Test("an update is safe, and a replacement is disruptive")
    func classes() {
        let desired = Declared.state(Declared.workload())
        var observed = ObservedState(converged: desired)
        observed.change("web-0-1") { $0.live.pids = 3 }
        #expect(plan(desired, observed).actions.map(\.actionClass) == [.safe])
        observed.change("web-0-1") { $0.live.nanoCPUs = 1_000_000_000 }
        #expect(plan(desired, observed).actions.map(\.actionClass) == [.disruptive])
    }
}
