import Specs
import Testing

@Suite("HostPool")
struct HostPoolTests {
    @Test("a complete document has every field")
    func complete() throws {
        let pool = try #require(try CompleteSpecs.load().hostPools.first)
        #expect(pool.labels == ["tier": "a"])
        #expect(pool.annotations == ["example.com/note": "any text, even: this"])
        var expected = HostPool(
            hosts: .init(name: "host-1.example.com", matchLabels: ["role": "agent"]), scope: .perHost,
            capacity: .init(
                containersPerHost: 64, cpus: milliCPUs(16_000), memory: gibibytes(64),
                reserved: .init(cpus: milliCPUs(1_500), memory: gibibytes(8), disk: gibibytes(50))))
        expected.hosts.labels.matchExpressions = [
            LabelExpression(key: "broken", operator: .doesNotExist),
            LabelExpression(key: "zone", operator: .in, values: ["a", "b"]),
        ]
        expected.placement = .binpack
        expected.cordon = true
        var drain = HostPool.Drain()
        drain.deadline = .seconds(5400)
        drain.force = true
        drain.reason = "new kernel"
        expected.drain = drain
        expected.taints = [
            Taint(key: "example.com/gpu", value: "a100", effect: .noSchedule), Taint(key: "spot", effect: .noExecute),
        ]
        expected.interruptible = true
        expected.provider = "cloud"
        #expect(pool.spec == expected)
    }

    @Test("what is left out has its default")
    func defaults() throws {
        let spec = try #require(load(object("HostPool", "hosts: {name: a}")).specs?.hostPools.first?.spec)
        #expect(spec == HostPool(hosts: .init(name: "a")))
        #expect(spec.scope == .shared && spec.placement == .spread && !spec.cordon && !spec.interruptible)
        #expect(spec.drain == nil && spec.taints.isEmpty && spec.provider == nil)
        #expect(spec.capacity == HostPool.Capacity())
    }

    @Test("selectors compare names and labels")
    func selectors() throws {
        let hosts = try CompleteSpecs.load().hostPools[0].spec.hosts
        #expect(hosts.selects(name: "host-1.example.com", labels: ["role": "agent", "zone": "b"]))
        #expect(!hosts.selects(name: "host-2.example.com", labels: ["role": "agent", "zone": "b"]))
        #expect(!hosts.selects(name: "host-1.example.com", labels: ["role": "agent", "zone": "c"]))
        #expect(!hosts.selects(name: "host-1.example.com", labels: ["role": "agent", "zone": "a", "broken": "x"]))
    }

    @Test(
        "what is wrong is said at its place",
        arguments: [
            ("scope: shared", "5:3: error: 'spec' needs 'hosts'"),
            ("hosts: {}", "5:10: error: 'spec.hosts' needs 'name' or 'matchLabels'"),
            ("hosts: {nam: a}", "5:11: error: unknown key 'nam' (did you mean 'name'?)"),
            (
                "hosts: {name: a}\ntaints: [{key: a, effect: NoSchedule}, {key: a, value: b, effect: NoSchedule}]",
                "6:42: error: taint 'a' is listed twice, first at web.yaml:6:12"
            ),
            (
                "hosts: {name: Host_1}",
                "5:17: error: 'spec.hosts.name' must be a host name of a-z, 0-9, '-' and '.', not 'Host_1'"
            ),
            (
                "hosts: {matchExpressions: [{key: a, operator: In}]}",
                "5:30: error: operator 'In' needs 'values'"
            ),
            (
                "hosts: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}",
                "5:65: error: operator 'Exists' takes no 'values'"
            ),
            (
                "hosts: {matchExpressions: [{key: a, operator: is}]}",
                "5:49: error: 'spec.hosts.matchExpressions.0.operator' must be In, NotIn, Exists or DoesNotExist, not 'is'"
            ),
            (
                "hosts: {name: a}\nscope: perhost",
                "6:10: error: 'spec.scope' must be shared or perHost, not 'perhost' (did you mean 'perHost'?)"
            ),
            (
                "hosts: {name: a}\ncapacity: {containersPerHost: 0}",
                "6:33: error: 'spec.capacity.containersPerHost' must be 1-1000, not '0'"
            ),
            (
                "hosts: {name: a}\ncapacity: {cpus: 2, reserved: {cpus: 4}}",
                "6:40: error: 'spec.capacity.reserved.cpus' must be less than 'cpus', 2, not 4"
            ),
            (
                "hosts: {name: a}\ncapacity: {memory: 2Gi, reserved: {memory: 2Gi}}",
                "6:46: error: 'spec.capacity.reserved.memory' must be less than 'memory', 2Gi, not 2Gi"
            ),
            (
                "hosts: {name: a}\ncapacity: {cpus: 1m}",
                "6:20: error: 'spec.capacity.cpus' must be 10m to 10000, not '1m'"
            ),
            (
                "hosts: {name: a}\ncapacity: {reserved: {disk: lots}}",
                "6:31: error: 'spec.capacity.reserved.disk' must be an amount of bytes such as 512Mi or 4Gi, not 'lots' (it begins with a digit)"
            ),
            (
                "hosts: {name: a}\nplacement: pack",
                "6:14: error: 'spec.placement' must be spread or binpack, not 'pack'"
            ),
            ("hosts: {name: a}\ncordon: yes", "6:11: error: 'spec.cordon' must be true or false, not the string 'yes'"),
            (
                "hosts: {name: a}\ndrain: {deadline: 31d}",
                "6:21: error: 'spec.drain.deadline' must be a duration such as 90s or 1h30m, not '31d'"
            ),
            (
                "hosts: {name: a}\ndrain: {reason: a new kernel, force: true}",
                "6:40: error: 'force: true' needs 'deadline' (it says what becomes of what is left then, as in 'deadline: 1h')"
            ),
            (
                "hosts: {name: a}\ndrain: {dedline: 1h, force: true}",
                "6:11: error: unknown key 'dedline' (did you mean 'deadline'?)"
            ),
            (
                "hosts: {name: a}\ndrain: {deadline: 721h}",
                "6:21: error: 'spec.drain.deadline' must be 0s to 720h, not '721h'"
            ),
            ("hosts: {name: a}\ndrain: true", "6:10: error: 'spec.drain' must be a map, not the boolean 'true'"),
            ("hosts: {name: a}\ntaints: [{key: a}]", "6:12: error: 'spec.taints.0' needs 'effect'"),
            (
                "hosts: {name: a}\ntaints: [{key: a, effect: NoRun}]",
                "6:29: error: 'spec.taints.0.effect' must be NoSchedule or NoExecute, not 'NoRun'"
            ),
            (
                "hosts: {name: a}\nprovider: My Cloud",
                "6:13: error: 'spec.provider' must be 1-40 characters of a-z, 0-9 and '-', with a letter or digit at both ends, not 'My Cloud'"
            ),
        ])
    func mistakes(lines: String, expected: String) {
        let found = problems(object("HostPool", lines))
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.hasPrefix("web.yaml:" + expected) == true, "\(found)")
    }
}
