import Reconciler
import Specs

extension DriverConformance {
    static let settingsChecks: [ConformanceCheck] = [
        ConformanceCheck("limits are observed in the units of the specs") { bench in
            var template = bench.template
            template.resources = Resources(
                cpus: CPUQuantity(nanoCPUs: 500_000_000), memory: ByteQuantity(bytes: 64 << 20), pids: 50)
            let created = try await bench.created(bench.intent(template: template))
            try bench.expectEqual(
                created.live,
                LiveSettings(nanoCPUs: 500_000_000, memory: 64 << 20, memorySwap: 128 << 20, pids: 50),
                "the live settings")
        },
        ConformanceCheck("an update sets what it names and leaves the rest") { bench in
            var template = bench.template
            template.resources = Resources(memory: ByteQuantity(bytes: 64 << 20), pids: 50)
            let started = try await bench.started(bench.intent(template: template))
            let settings = LiveSettings(nanoCPUs: 250_000_000, memory: 96 << 20, memorySwap: 96 << 20)
            for _ in 0..<2 {
                let updated = try await bench.container(.update(ContainerReference(started), settings))
                try bench.expectEqual(
                    updated.live,
                    LiveSettings(nanoCPUs: 250_000_000, memory: 96 << 20, memorySwap: 96 << 20, pids: 50),
                    "the live settings")
                try bench.expectEqual(updated.startedAt, started.startedAt, "the start")
            }
        },
        ConformanceCheck("reservation, shares and CPUs are observed, and changed in place") { bench in
            var template = bench.template
            template.resources = Resources(memory: ByteQuantity(bytes: 64 << 20))
            template.resources.memoryReservation = ByteQuantity(bytes: 32 << 20)
            template.resources.cpuShares = 512
            template.resources.cpuset = "0"
            let started = try await bench.started(bench.intent(template: template))
            try bench.expectEqual(started.live, LiveSettings(declared: template.resources), "the live settings")
            let settings = LiveSettings(memoryReservation: 16 << 20, cpuShares: 1024)
            let updated = try await bench.container(.update(ContainerReference(started), settings))
            var expected = started.live
            expected.memoryReservation = 16 << 20
            expected.cpuShares = nil
            try bench.expectEqual(updated.live, expected, "the live settings")
            try bench.expectEqual(updated.startedAt, started.startedAt, "the start")
        },
        ConformanceCheck("CPUs that the host does not have are refused for good") { bench in
            _ = try await bench.driver.apply(.createNetwork(bench.networkIntent()))
            var template = bench.template
            template.resources.cpuset = "8000"
            try await bench.expectRefusal(
                .terminal, .badRequest, of: .createContainer(bench.intent(template: template)))
        },
        ConformanceCheck("memory that is updated without its swap takes twice the memory") { bench in
            let started = try await bench.started()
            let settings = LiveSettings(memory: 64 << 20)
            let updated = try await bench.container(.update(ContainerReference(started), settings))
            try bench.expectEqual(updated.live.memory, 64 << 20, "the memory")
            try bench.expectEqual(updated.live.memorySwap, 128 << 20, "memory and swap")
        },
        ConformanceCheck("less memory than Docker's minimum is refused for good") { bench in
            _ = try await bench.driver.apply(.createNetwork(bench.networkIntent()))
            var template = bench.template
            template.resources.memory = ByteQuantity(bytes: 1 << 20)
            try await bench.expectRefusal(
                .terminal, .badRequest, of: .createContainer(bench.intent(template: template)))
        },
        ConformanceCheck("what confines a container is judged while it runs, and not before") { bench in
            var intent = bench.intent()
            var confinement = Confinement(try SeccompFilter(.default))
            confinement.droppedCapabilities = ["ALL"]
            confinement.noNewPrivileges = true
            confinement.readOnlyRootFilesystem = true
            confinement.user = "1000:1000"
            intent.container.confinement = confinement
            let created = try await bench.created(intent)
            try bench.expect(created.confinement == nil, "a container that does not run is judged")
            let started = try await bench.container(.start(ContainerReference(created)))
            try bench.expect(started.isReady, "a container confined as asked is not ready: \(started)")
            let found = Set(started.confinement?.findings.map(\.control) ?? [])
            let asked: Set<Control> = [.capabilities, .noNewPrivileges, .readOnlyRootFilesystem, .seccomp, .user]
            try bench.expectEqual(found, asked, "the controls that are judged")
        },
        ConformanceCheck("a container that was asked for nothing is not judged") { bench in
            let started = try await bench.started()
            try bench.expect(started.confinement == nil && started.isReady, "a container is judged unasked")
        },
    ]

    private static let healthCheck = HealthCheck(
        command: ["true"], interval: .seconds(300), startPeriod: .seconds(300))

    static let probeChecks: [ConformanceCheck] = [
        ConformanceCheck("a probe that succeeds makes its result ready") { bench in
            var template = bench.template
            template.healthCheck = healthCheck
            let started = try await bench.started(bench.intent(template: template))
            let reference = ContainerReference(started)
            try bench.expectEqual(started.health, .starting, "the health after the start")
            try bench.expect(!started.isReady, "a container without a verdict counts as ready")
            let probed = try await bench.container(.probe(reference, healthCheck))
            try bench.expect(probed.probed && probed.isReady, "a probed container does not count as ready")
        },
        ConformanceCheck("a probe that fails is an answer") { bench in
            let started = try await bench.started()
            for command in [["false"], ["/no-such-directory/false"]] {
                let probed = try await bench.container(
                    .probe(ContainerReference(started), HealthCheck(command: command)))
                try bench.expect(!probed.probed, "a failed probe of \(command) counts")
            }
        },
        ConformanceCheck("a container that does not run cannot be probed") { bench in
            let created = try await bench.created()
            try await bench.expectRefusal(
                .conflict, .conflict, of: .probe(ContainerReference(created), healthCheck))
        },
    ]
}
