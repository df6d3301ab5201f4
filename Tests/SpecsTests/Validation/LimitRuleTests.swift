import Specs
import Testing

@Suite("Limits give defaults, hold to ceilings, and bound totals")
struct LimitRuleTests {
    private func limits(_ name: String, _ lines: String) -> String {
        object("ResourceLimits", "selector: {matchLabels: {app: a}}\n" + lines, name: name)
    }

    private func work(_ resources: String, replicas: Int = 1, name: String = "w") -> String {
        object(
            "Workload", "replicas: \(replicas)\ntemplate: {image: a, resources: \(resources)}", name: name,
            labels: "{app: a}")
    }

    private func resources(_ documents: String...) -> Resources? {
        load((documents + [pool]).joined(separator: "\n---\n")).specs?.workloads.first?.spec.source.template.resources
    }

    @Test("a template gets the defaults that it does not set itself")
    func defaults() {
        let limits = limits("l", "defaults: {cpus: 1, memory: 1Gi, pids: 10, shm: 8Mi, ulimits: {core: 0, nofile: 9}}")
        let given = resources(limits, work("{cpus: 2, ulimits: {nofile: 1}}"))
        #expect(
            given
                == Resources(
                    cpus: milliCPUs(2000), memory: gibibytes(1), pids: 10,
                    ulimits: ["core": Ulimit(soft: 0, hard: 0), "nofile": Ulimit(soft: 1, hard: 1)], shm: mebibytes(8)))
        let other = work("{cpus: 2}").replacing("{app: a}", with: "{app: b}")
        #expect(resources(limits, other) == Resources(cpus: milliCPUs(2000)))
    }

    @Test(
        "a ceiling is the default where there is none, and the lowest holds",
        arguments: [
            ("{}", Resources(cpus: milliCPUs(1000), memory: gibibytes(1), memorySwap: .limit(gibibytes(1)), pids: 5)),
            (
                "{memory: 256Mi}",
                Resources(cpus: milliCPUs(1000), memory: mebibytes(256), pids: 5)
            ),
        ])
    func ceilingsAsDefaults(template: String, expected: Resources) {
        let low = limits("low", "ceilings: {cpus: 1, memory: 1Gi, memorySwap: 1Gi, pids: 5}")
        let high = limits("high", "ceilings: {cpus: 2, memory: 2Gi, memorySwap: 4Gi, shm: 1Gi}")
        #expect(resources(low, high, work(template)) == expected)
        #expect(resources(high, low, work(template)) == expected)
    }

    @Test("the engine's own default is kept where it is under the ceiling, and lowered where it is over")
    func engineDefaults() {
        #expect(resources(limits("l", "ceilings: {shm: 32Mi}"), work("{}"))?.shm == mebibytes(32))
        #expect(resources(limits("l", "ceilings: {shm: 128Mi}"), work("{}"))?.shm == nil)
        #expect(resources(limits("l", "ceilings: {cpuShares: 512}"), work("{}"))?.cpuShares == 512)
        #expect(resources(limits("l", "ceilings: {cpuShares: 2048}"), work("{}"))?.cpuShares == nil)
        #expect(resources(limits("l", "ceilings: {memorySwap: 4Gi}"), work("{memory: 1Gi}"))?.memorySwap == nil)
    }

    @Test(
        "a limit over its ceiling is an error at the limit",
        arguments: [
            ("cpus: 3", "cpus", "3", "2"), ("memory: 5Gi", "memory", "5Gi", "4Gi"),
            ("memory: 1Gi, memorySwap: unlimited", "memorySwap", "unlimited", "6Gi"),
            ("pids: 11", "pids", "11", "10"), ("shm: 2Gi", "shm", "2Gi", "1Gi"),
            ("cpuShares: 600", "cpuShares", "600", "512"),
            ("ulimits: {nofile: 65}", "ulimits.nofile", "65", "64"),
            ("ulimits: {nofile: {soft: 1, hard: 65}}", "ulimits.nofile", "65", "64"),
            ("ulimits: {nofile: -1}", "ulimits.nofile", "unlimited", "64"),
        ])
    func ceilings(template: String, name: String, amount: String, most: String) {
        let ceilings = limits(
            "l",
            "ceilings: {cpus: 2, memory: 4Gi, memorySwap: 6Gi, pids: 10, shm: 1Gi, cpuShares: 512, ulimits: {nofile: 64}}"
        )
        let found = problems(ceilings, work("{\(template)}"), pool)
        #expect(found.count == 1, "\(found)")
        let message = "error: '\(name)' of Workload/w is \(amount), over the ceiling of \(most) of ResourceLimits/l"
        #expect(found.first?.contains(message) == true && found.first?.contains("the ceiling: web.yaml:6:") == true)
        #expect(found.first?.hasPrefix("web.yaml:13:") == true)
    }

    @Test("a limit of a shared template is an error where the template says it")
    func sharedTemplate() {
        let shared = object("ContainerTemplate", "image: a\nresources: {pids: 11}", name: "t")
        let user = object("Workload", "templateRef: t", name: "w", labels: "{app: a}")
        #expect(
            problems(limits("l", "ceilings: {pids: 10}"), user, pool, shared) == [
                "web.yaml:25:21: error: 'pids' of Workload/w is 11, over the ceiling of 10 of ResourceLimits/l, the ceiling: web.yaml:6:20"
            ])
    }

    @Test("defaults that differ are an error, whoever comes first")
    func contradictions() {
        let one = limits("one", "defaults: {cpus: 1}")
        let two = limits("two", "defaults: {cpus: 2}")
        let expected = "error: ResourceLimits/one and ResourceLimits/two give Workload/w different defaults for 'cpus'"
        #expect(problems(one, two, work("{}"), pool).first?.contains(expected) == true)
        #expect(problems(two, one, work("{}"), pool).first?.contains(expected) == true)
        #expect(problems(one, two, work("{cpus: 1}"), pool) == [])
        #expect(problems(one, one.replacing("name: one", with: "name: two"), work("{}"), pool) == [])
    }

    @Test("ulimits that differ are an error as well")
    func ulimits() {
        let one = limits("one", "defaults: {ulimits: {core: 0, nofile: 9}}")
        let two = limits("two", "defaults: {ulimits: {core: 1}}")
        let found = problems(two, one, work("{}"), pool)
        #expect(
            found == [
                "web.yaml:6:30: error: ResourceLimits/one and ResourceLimits/two give Workload/w different defaults for 'ulimits.core', the other default: web.yaml:13:30"
            ])
        #expect(problems(two, one, work("{ulimits: {core: 5}}"), pool) == [])
    }

    @Test("a ceiling of a hard limit is its default, and a template may stay below it")
    func hardLimits() {
        let ceilings = limits("l", "ceilings: {ulimits: {nofile: 64}}")
        #expect(resources(ceilings, work("{}"))?.ulimits == ["nofile": Ulimit(soft: 64, hard: 64)])
        let given = resources(ceilings, work("{ulimits: {nofile: {soft: 8, hard: 32}, core: 0}}"))?.ulimits
        #expect(given == ["core": Ulimit(soft: 0, hard: 0), "nofile": Ulimit(soft: 8, hard: 32)])
        #expect(
            problems(limits("l", "defaults: {ulimits: {nofile: 65}}\nceilings: {ulimits: {nofile: 64}}"), pool) == [
                "web.yaml:6:32: error: the default of 'ulimits.nofile' is 65, over its ceiling of 64, the ceiling: web.yaml:7:32"
            ])
        let (one, two) = (
            limits("one", "defaults: {ulimits: {nofile: {soft: 1, hard: 9}}}"),
            limits("two", "defaults: {ulimits: {nofile: 9}}")
        )
        #expect(problems(one, two, work("{}"), pool).count == 1, "the soft limits differ")
    }

    @Test("swap from limits must not be less than the memory that it counts as well")
    func swap() {
        let found = problems(limits("l", "defaults: {memory: 1Gi, memorySwap: 1Gi}"), work("{memory: 2Gi}"), pool)
        #expect(
            found == [
                "web.yaml:13:44: error: 'memorySwap' of Workload/w would be 1Gi, less than its 'memory' of 2Gi, as it counts both, where it comes from: web.yaml:6:39"
            ])
        #expect(problems(limits("l", "defaults: {memory: 1Gi, memorySwap: 1Gi}"), work("{memory: 1Gi}"), pool) == [])
    }

    @Test(
        "totals bound the sum over all selected objects, and are crossed by the one that comes last",
        arguments: [
            ("containers: 3", "containers", "4", "3"), ("cpus: 3", "cpus", "4", "3"),
            ("memory: 3Gi", "memory", "4Gi", "3Gi"), ("pids: 39", "pids", "40", "39"),
        ])
    func totals(total: String, name: String, sum: String, most: String) {
        let resources = "{cpus: 1, memory: 1Gi, pids: 10}"
        for (field, whose) in [("perPool", "HostPool/local"), ("perHost", "a host of HostPool/local")] {
            let quota = limits("q", "totals: {\(field): {\(total)}}")
            let found = problems(quota, work(resources, replicas: 3), work(resources, name: "v"), pool)
            #expect(found.count == 1, "\(found)")
            let message =
                "web.yaml:19:13: error: with Workload/v, '\(name)' on \(whose) comes to \(sum), over the total of \(most) of ResourceLimits/q"
            #expect(found.first?.hasPrefix(message) == true, "\(found)")
            #expect(problems(quota, work(resources, replicas: 3), pool) == [])
        }
    }

    @Test("a total that is crossed shows its arithmetic, of everything that is summed up")
    func arithmetic() {
        let quota = limits("q", "totals: {perPool: {memory: 3Gi}}")
        let found = problems(
            quota, work("{memory: 1Gi}", replicas: 3), work("{memory: 512Mi}", name: "v"),
            work("{memory: 1Gi}", replicas: 0, name: "none"), pool)
        #expect(
            found.first?.hasSuffix("(3Gi (Workload/w: 3 x 1Gi) + 512Mi (Workload/v) = 3584Mi)") == true, "\(found)")
    }

    @Test("every resource has a default that a template may leave open")
    func furtherDefaults() throws {
        let lines = """
            defaults: {memoryReservation: 64Mi, cpuset: "0", cpuShares: 512, oomScoreAdjustment: 500,
              blockIO: {devices: [{path: /dev/sda, readBytes: 1Mi}]}}
            """
        let given = try #require(resources(limits("l", lines), work("{memory: 1Gi}")))
        #expect(given.memoryReservation == mebibytes(64) && given.cpuset == "0" && given.cpuShares == 512)
        #expect(given.oomScoreAdjustment == 500 && given.blockIO?.devices.map(\.path) == ["/dev/sda"])
        let own = try #require(
            resources(
                limits("l", lines),
                work("{memory: 1Gi, cpuset: 1, cpuShares: 2}".replacing("cpuset: 1", with: "cpuset: \"1\""))))
        #expect(own.cpuset == "1" && own.cpuShares == 2)
    }

    @Test("a reservation from limits must be less than the memory that it is of")
    func reservation() {
        let found = problems(limits("l", "defaults: {memoryReservation: 1Gi}"), work("{memory: 1Gi}"), pool)
        #expect(
            found.count == 1
                && found[0].contains(
                    "'memoryReservation' of Workload/w would be 1Gi, not less than its 'memory' of 1Gi"),
            "\(found)")
    }

    @Test("other defaults that differ are an error as well", arguments: ["cpuset", "oomScoreAdjustment", "blockIO"])
    func furtherContradictions(field: String) {
        let values =
            [
                "cpuset": ["\"0\"", "\"1\""], "oomScoreAdjustment": ["1", "2"],
                "blockIO": ["{weight: 10}", "{weight: 20}"],
            ][field] ?? []
        let found = problems(
            limits("one", "defaults: {\(field): \(values[0])}"), limits("two", "defaults: {\(field): \(values[1])}"),
            work("{}"), pool)
        #expect(found.first?.contains("give Workload/w different defaults for '\(field)'") == true, "\(found)")
    }

    @Test("a container without a limit cannot be summed up")
    func unbounded() {
        let found = problems(limits("q", "totals: {perPool: {cpus: 3}}"), work("{}"), pool)
        #expect(
            found == [
                "web.yaml:8:1: error: Workload/w has no limit of 'cpus', which ResourceLimits/q sums up, the total: web.yaml:6:28 (set 'resources.cpus', or a default in the ResourceLimits)"
            ])
        #expect(problems(limits("q", "totals: {perPool: {cpus: 3}}\ndefaults: {cpus: 1}"), work("{}"), pool) == [])
    }

    @Test("what a pool's hosts have is not promised twice")
    func capacity() {
        let small = object(
            "HostPool", "hosts: {name: h}\ncapacity: {cpus: 4, memory: 8Gi, reserved: {cpus: 1, memory: 1Gi}}",
            name: "local")
        #expect(problems(small, work("{cpus: 1, memory: 1Gi}", replicas: 3)) == [])
        let found = problems(small, work("{cpus: 1, memory: 2Gi}", replicas: 4))
        #expect(
            found == [
                "web.yaml:12:13: error: HostPool 'local' holds 3 CPUs per host, but 4 (Workload/w) = 4, the capacity: web.yaml:6:20 (raise 'capacity.cpus' or ask for less)",
                "web.yaml:12:13: error: HostPool 'local' holds 7Gi of memory per host, but 8Gi (Workload/w) = 8Gi, the capacity: web.yaml:6:31 (raise 'capacity.memory' or ask for less)",
            ])
    }

    @Test("a default over the ceiling beside it is wrong where it stands, whether anything is selected or not")
    func defaultOverCeiling() {
        let wrong = object("ResourceLimits", "selector: {}\ndefaults: {cpus: 4}\nceilings: {cpus: 2}", name: "l")
        #expect(
            problems(wrong, pool, work("{cpus: 1}")) == [
                "web.yaml:6:20: error: the default of 'cpus' is 4, over its ceiling of 2, the ceiling: web.yaml:7:20"
            ])
        #expect(problems(wrong.replacing("cpus: 4", with: "cpus: 2"), pool) == [])
    }

    @Test("the size of a container's own file system has a ceiling too")
    func disk() {
        let found = problems(limits("l", "ceilings: {disk: 1Gi}"), pool, work("{disk: 2Gi}"))
        #expect(
            found.count == 1 && found[0].contains("'disk' of Workload/w is 2Gi, over the ceiling of 1Gi"), "\(found)")
        #expect(resources(limits("l", "ceilings: {disk: 1Gi}"), work("{}"))?.disk == gibibytes(1))
    }

    @Test("a total of a pool is not guessed where nobody knows how many hosts there are")
    func openPool() {
        let hosts = object("HostPool", "hosts: {matchLabels: {a: b}}\nscope: perHost", name: "local")
        func found(_ totals: String, _ pool: String) -> [String] {
            problems(limits("l", "totals: {\(totals): {containers: 9}}"), pool, work("{}"))
        }
        #expect(
            found("perPool", hosts) == [
                "web.yaml:6:21: error: 'perPool' cannot be checked: every host of HostPool/local runs the whole number, and how many there are is open (use 'perHost')"
            ])
        #expect(found("perHost", hosts) == [] && found("perPool", pool) == [])
    }
}
