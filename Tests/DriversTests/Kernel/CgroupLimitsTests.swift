import Reconciler
import Specs
import Testing

@testable import Drivers

/// Files of a control group, and what they come to.
///
/// Those of version 1 were copied from a container of dockerd 20.10 on Linux 6.18. Those of version 2 are written after
/// Documentation/admin-guide/cgroup-v2.rst, and were never tried on a host that has it.
struct CgroupCase: Sendable, CustomTestStringConvertible {
    let name: String
    let version: CgroupFile.Version
    let files: [CgroupFile: String]
    /// What inspect shows.
    var engine = LiveSettings()
    var expected = LiveSettings()

    var testDescription: String { "\(version): \(name)" }

    private static let noLimit = "9223372036854771712\n"
    private static let open1: [CgroupFile: String] = [
        .cpuQuota: "-1\n", .cpuPeriod: "100000\n", .cpuShares: "1024\n", .cpus: "0-1\n", .parentCPUs: "0-1\n",
        .memory: noLimit, .swap: noLimit, .reservation: noLimit, .pids: "max\n",
    ]
    private static let open2: [CgroupFile: String] = [
        .cpuQuota: "max 100000\n", .cpuShares: "100\n", .cpus: "\n", .parentCPUs: "0-1\n", .memory: "max\n",
        .swap: "max\n", .reservation: "0\n", .pids: "max\n",
    ]

    private static func one(
        _ name: String, _ files: [CgroupFile: String?], engine: LiveSettings = LiveSettings(), is expected: LiveSettings
    ) -> Self {
        var all = open1
        for (file, text) in files { all[file] = text }
        return Self(name: name, version: .one, files: all, engine: engine, expected: expected)
    }

    private static func two(
        _ name: String, _ files: [CgroupFile: String?], engine: LiveSettings = LiveSettings(), is expected: LiveSettings
    ) -> Self {
        var all = open2
        for (file, text) in files { all[file] = text }
        return Self(name: name, version: .two, files: all, engine: engine, expected: expected)
    }

    private static let swap = LiveSettings(memory: 64 << 20, memorySwap: 128 << 20)

    static let all: [CgroupCase] = [
        one("no limits", [:], is: LiveSettings()), two("no limits", [:], is: LiveSettings()),
        one("half a CPU", [.cpuQuota: "50000\n"], is: LiveSettings(nanoCPUs: 500_000_000)),
        two("half a CPU", [.cpuQuota: "50000 100000\n"], is: LiveSettings(nanoCPUs: 500_000_000)),
        one(
            "another period", [.cpuQuota: "50000\n", .cpuPeriod: "50000\n"], is: LiveSettings(nanoCPUs: 1_000_000_000)),
        one(
            "what the kernel rounds is what was asked for", [.cpuQuota: "33333\n"],
            engine: LiveSettings(nanoCPUs: 333_333_333), is: LiveSettings(nanoCPUs: 333_333_333)),
        one(
            "a quota that inspect does not know of", [.cpuQuota: "90000\n"],
            engine: LiveSettings(nanoCPUs: 333_333_333), is: LiveSettings(nanoCPUs: 900_000_000)),
        one(
            "a quota that somebody lifted", [:], engine: LiveSettings(nanoCPUs: 333_333_333), is: LiveSettings()),
        one(
            "memory and swap", [.memory: "67108864\n", .swap: "134217728\n"], engine: swap, is: swap),
        two("memory and swap", [.memory: "67108864\n", .swap: "67108864\n"], engine: swap, is: swap),
        two(
            "memory without swap", [.memory: "67108864\n", .swap: "0\n"],
            is: LiveSettings(memory: 64 << 20, memorySwap: 64 << 20)),
        one(
            "swap that the engine calls unlimited and the kernel does not",
            [.memory: "67108864\n", .swap: "134217728\n"], engine: LiveSettings(memory: 64 << 20, memorySwap: -1),
            is: swap),
        one(
            "swap without limit", [.memory: "67108864\n"], is: LiveSettings(memory: 64 << 20, memorySwap: -1)),
        two(
            "swap without limit", [.memory: "67108864\n"], is: LiveSettings(memory: 64 << 20, memorySwap: -1)),
        one(
            "a kernel that does not account for swap", [.memory: "67108864\n", .swap: nil], engine: swap, is: swap),
        one(
            "bytes that are no whole pages", [.memory: "67108864\n", .swap: "134217728\n"],
            engine: LiveSettings(memory: (64 << 20) + 5, memorySwap: (128 << 20) + 10),
            is: LiveSettings(memory: (64 << 20) + 5, memorySwap: (128 << 20) + 10)),
        one("a reservation", [.reservation: "33554432\n"], is: LiveSettings(memoryReservation: 32 << 20)),
        two("a reservation", [.reservation: "33554432\n"], is: LiveSettings(memoryReservation: 32 << 20)),
        one("processes", [.pids: "64\n"], is: LiveSettings(pids: 64)),
        two("processes", [.pids: "64\n"], is: LiveSettings(pids: 64)),
        one("shares", [.cpuShares: "512\n"], is: LiveSettings(cpuShares: 512)),
        two(
            "shares, on the straight line", [.cpuShares: "20\n"], engine: LiveSettings(cpuShares: 512),
            is: LiveSettings(cpuShares: 512)),
        two(
            "shares, on the curve", [.cpuShares: "59\n"], engine: LiveSettings(cpuShares: 512),
            is: LiveSettings(cpuShares: 512)),
        two("a weight that somebody set", [.cpuShares: "10000\n"], is: LiveSettings(cpuShares: 262_144)),
        one("one CPU of two", [.cpus: "1\n"], is: LiveSettings(cpuset: "1")),
        two("one CPU of two", [.cpus: "1\n"], is: LiveSettings(cpuset: "1")),
        one(
            "all CPUs by name", [:], engine: LiveSettings(cpuset: "0,1"), is: LiveSettings(cpuset: "0,1")),
        one(
            "the weight of block I/O", [.blockIOWeight: "300\n"], engine: LiveSettings(blockIOWeight: 300),
            is: LiveSettings(blockIOWeight: 300)),
        two(
            "the weight of block I/O, converted", [.blockIOWeight: "default 2930\n"],
            engine: LiveSettings(blockIOWeight: 300), is: LiveSettings(blockIOWeight: 300)),
        one(
            "another weight than was asked for", [.blockIOWeight: "500\n"], engine: LiveSettings(blockIOWeight: 300),
            is: LiveSettings(blockIOWeight: 500)),
        one(
            "the restart policy is the engine's", [:], engine: LiveSettings(restartPolicy: "always"),
            is: LiveSettings(restartPolicy: "always")),
    ]
}

struct CgroupLimitsTests {
    @Test("the kernel's files are the truth, in the units of the specs", arguments: CgroupCase.all)
    func limits(_ c: CgroupCase) throws {
        let limits = try #require(CgroupLimits(c.version, includingThrottles: true) { c.files[$0] })
        #expect(LiveSettings(limits, engine: c.engine) == c.expected)
    }

    @Test("a group that is gone has no limits to show")
    func gone() {
        #expect(CgroupLimits(.one, includingThrottles: false) { _ in nil } == nil)
    }

    @Test("throttles of block devices are read by device")
    func throttles() throws {
        let one: [CgroupFile: String] = [
            .memory: "9223372036854771712\n", .readBytes: "8:0 1048576\n8:16 5\n", .writeOperations: "8:0 100\n",
        ]
        let first = try #require(CgroupLimits(.one, includingThrottles: true) { one[$0] })
        #expect(
            first.throttles == [
                "8:0": .init(readBytes: 1_048_576, writeOperations: 100), "8:16": .init(readBytes: 5),
            ])
        let two: [CgroupFile: String] = [
            .memory: "max\n", .readBytes: "8:16 rbps=2097152 wbps=max riops=max wiops=120\n",
        ]
        let second = try #require(CgroupLimits(.two, includingThrottles: true) { two[$0] })
        #expect(second.throttles == ["8:16": .init(readBytes: 2_097_152, writeOperations: 120)])
    }

    @Test("the file cache of both versions is told apart from what is in use")
    func statistics() {
        let one = "cache 10\ninactive_file 1\nactive_file 2\ntotal_inactive_file 300\ntotal_active_file 20\n"
        let first = Self.statistics(one, .one)
        #expect(first.activeFile == 20 && first.inactiveFile == 300)
        let two = "anon 5\nfile 10\ninactive_file 7\nactive_file 8\n"
        #expect(Self.statistics(two, .two).fileCache == 15)
    }

    private static func statistics(_ text: String, _ version: CgroupFile.Version) -> MemoryStatistics {
        Array(text.utf8).withUnsafeBytes { MemoryStatistics($0, version) }
    }

    @Test(
        "a value is found by its whole key",
        arguments: [
            ("a 1\nab 2\n", "ab", 2), ("ab 2\na 1", "a", 1), ("a\nb 1\n", "a", nil), ("a x\n", "a", nil),
            ("", "a", nil),
            ("a 9223372036854775807\n", "a", Int64.max), ("a 9223372036854775808\n", "a", nil), ("\n\na 0\n", "a", 0),
        ] as [(String, StaticString, Int64?)])
    func values(text: String, key: StaticString, value: Int64?) {
        #expect(CgroupText.value(of: key, in: text) == value)
    }

    @Test(
        "the more containers there are, the less often they are checked",
        arguments: [(0, 10), (60, 10), (100, 15), (200, 30), (5_000, 30)])
    func pauses(count: Int, seconds: Int) { #expect(KernelReader.pause(containers: count) == .seconds(seconds)) }

    @Test("limits of processes are read by Docker's names")
    func processLimits() {
        let text = """
            Limit                     Soft Limit           Hard Limit           Units
            Max cpu time              unlimited            unlimited            seconds
            Max open files            1024                 4096                 files
            Max realtime timeout      unlimited            unlimited            us

            """
        let limits = ProcessLimits.all(in: text)
        #expect(limits["nofile"]?.soft == 1024 && limits["nofile"]?.hard == 4096)
        #expect(limits["cpu"]?.hard == -1 && limits["rttime"]?.soft == -1 && limits.count == 3)
    }
}
