import Specs
import Testing

@Suite("ResourceLimits")
struct ResourceLimitsTests {
    @Test("a complete document has every field")
    func complete() throws {
        var expected = ResourceLimits(selector: LabelSelector(matchLabels: ["app": "everything"]))
        expected.defaults = Resources(
            cpus: milliCPUs(250), memory: mebibytes(128), pids: 64, ulimits: ["core": Ulimit(soft: 0, hard: 0)])
        expected.ceilings.cpus = milliCPUs(2000)
        expected.ceilings.memory = gibibytes(4)
        expected.ceilings.memorySwap = nil
        expected.ceilings.pids = 512
        expected.ceilings.shm = gibibytes(1)
        expected.ceilings.disk = gibibytes(20)
        expected.ceilings.cpuShares = 4096
        expected.ceilings.ulimits = ["nofile": 4096]
        expected.totals.perPool = total(100, 64, 256, 10_000)
        expected.totals.perHost = total(50, 14, 48, 5_000)
        #expect(try CompleteSpecs.load().resourceLimits.map(\.spec) == [expected])
    }

    private func total(_ containers: Int, _ cpus: Int64, _ memory: Int64, _ pids: Int64) -> ResourceLimits.Total {
        var total = ResourceLimits.Total()
        total.containers = containers
        total.cpus = milliCPUs(cpus * 1000)
        total.memory = gibibytes(memory)
        total.pids = pids
        return total
    }

    @Test("what is left out has its default")
    func defaults() throws {
        let text = [object("ResourceLimits", "selector: {}\ndefaults: {}"), pool].joined(separator: "\n---\n")
        #expect(load(text).specs?.resourceLimits.map(\.spec) == [ResourceLimits()])
    }

    @Test(
        "what is wrong is said at its place",
        arguments: [
            ("defaults: {cpus: 1}", "5:3: error: 'spec' needs 'selector'"),
            ("selector: {}", "5:3: error: 'spec' needs 'defaults', 'ceilings' or 'totals'"),
            (
                "selector: {matchLabels: [a]}\ndefaults: {}",
                "5:27: error: 'spec.selector.matchLabels' must be a map"
            ),
            (
                "selector: {}\ndefaults: {memory: 1}",
                "6:22: error: 'spec.defaults.memory' must be 6Mi to 64Ti, not '1'"
            ),
            ("selector: {}\nceilings: {cpu: 1}", "6:14: error: unknown key 'cpu' (did you mean 'cpus'?)"),
            ("selector: {}\nceilings: {pids: 0}", "6:20: error: 'spec.ceilings.pids' must be 1-4194304, not '0'"),
            (
                "selector: {}\ntotals: {perRack: {}}",
                "6:12: error: unknown key 'perRack' (known keys: perPool, perHost)"
            ),
            (
                "selector: {}\ntotals: {perHost: {containers: -1}}",
                "6:34: error: 'spec.totals.perHost.containers' must be 0-100000, not '-1'"
            ),
        ])
    func mistakes(lines: String, expected: String) {
        let found = problems(of: "ResourceLimits", lines)
        #expect(found.count == 1 && found[0].hasPrefix(expected), "\(found)")
    }
}
