import Specs
import Testing

@Suite("WarmPool")
struct WarmPoolTests {
    @Test("a complete document has every field")
    func complete() throws {
        var expected = WarmPool(hostPool: "everything", size: 0, template: ContainerTemplate(image: "a"))
        expected.size = .percentOfClaimed(Percentage(20))
        expected.min = 2
        expected.max = 4
        expected.maxMembers = 8
        expected.targetMissProbability = Percentage(hundredths: 50)
        expected.refill.maxInFlight = 4
        expected.refill.surge = 2
        expected.refill.perMinute = 30
        expected.claim.ttl = .seconds(1200)
        expected.claim.maxAge = .seconds(8 * 3600)
        expected.claim.coldStart = false
        expected.claim.onLost = .replace
        expected.claim.hooks.afterClaim = hook(["prepare"], .seconds(1))
        expected.claim.hooks.onRestore = hook(["restore", "--all"], .seconds(10))
        expected.claim.hooks.beforeRelease = hook(["save"], .seconds(10))
        expected.idle.mode = .pause
        expected.idle.maxAge = .seconds(24 * 3600)
        expected.rollout.maxUnavailable = .percent(Percentage(10))
        expected.rollout.progressDeadline = .seconds(300)
        expected.placement.tolerations = [Toleration(key: "spot", operator: .exists, effect: .noExecute)]
        expected.placement.antiAffinity = AntiAffinity()
        expected.placement.dependsOn = [ResourceID(.workload, "blue-green")]
        expected.source.template.securityProfile = "everything"
        // From the ResourceLimits that select it.
        expected.source.template.resources = Resources(
            cpus: milliCPUs(250), memory: mebibytes(128), pids: 64,
            ulimits: ["core": Ulimit(soft: 0, hard: 0), "nofile": Ulimit(soft: 4096, hard: 4096)])
        expected.source.template.resources.disk = gibibytes(20)
        #expect(try CompleteSpecs.load().warmPools.map(\.spec) == [expected])
    }

    private func hook(_ command: [String], _ timeout: Duration) -> WarmPool.Hook {
        var hook = WarmPool.Hook()
        hook.command = command
        hook.timeout = timeout
        return hook
    }

    @Test("what is left out has its default")
    func defaults() throws {
        let text = [object("WarmPool", "size: 2\ntemplate: {image: a}"), pool].joined(separator: "\n---\n")
        let spec = try #require(load(text).specs?.warmPools.first?.spec)
        #expect(spec == WarmPool(hostPool: "local", size: 2, template: ContainerTemplate(image: "a")))
        #expect(spec.claim.ttl == .seconds(1800) && spec.claim.coldStart && spec.claim.onLost == .fail)
        #expect(spec.refill.surge == 1 && spec.refill.maxInFlight == nil && spec.idle.mode == .run)
        #expect(spec.rollout.maxUnavailable == .count(0) && spec.targetMissProbability == Percentage(1))
    }

    @Test(
        "a size is a count, a share of the claimed members, or auto",
        arguments: [
            ("3", WarmPool.Size.count(3)), ("0", .count(0)), ("12.5%", .percentOfClaimed(Percentage(hundredths: 1250))),
            ("auto", .auto), ("\"20%\"", .percentOfClaimed(Percentage(20))),
        ])
    func sizes(text: String, size: WarmPool.Size) {
        let text = [object("WarmPool", "size: \(text)\ntemplate: {image: a}"), pool].joined(separator: "\n---\n")
        #expect(load(text).specs?.warmPools.first?.spec.size == size)
    }

    @Test(
        "what is wrong is said at its place",
        arguments: [
            ("size: 1001", "5:9: error: 'spec.size' must be 0-1000, not '1001'"),
            (
                "size: many",
                "5:9: error: 'spec.size' must be a percentage such as 20%, not 'many' (it begins with a digit)"
            ),
            ("size: 0%", "5:9: error: 'spec.size' must be 0.01% to 1000%, not '0%'"),
            ("size: -1", "5:9: error: 'spec.size' must be 0-1000, not '-1'"),
            (
                "size: 2\nmin: 3",
                "5:9: error: 'size' must be at least 'min', 3, not 2, first at web.yaml:6:8"
            ),
            ("size: 5\nmax: 4", "6:8: error: 'max' must be at least 'size', 5, not 4, first at web.yaml:5:9"),
            (
                "size: 10%\nmin: 5\nmaxMembers: 4",
                "7:15: error: 'maxMembers' must be at least 'min', 5, not 4, first at web.yaml:6:8"
            ),
            (
                "size: auto\ntargetMissProbability: 60%",
                "6:26: error: 'spec.targetMissProbability' must be 0.01% to 50%, not '60%'"
            ),
            (
                "size: 1\nrefill: {maxInFlight: 0}",
                "6:25: error: 'spec.refill.maxInFlight' must be 1-64, not '0'"
            ),
            ("size: 1\nclaim: {ttl: 0s}", "6:16: error: 'spec.claim.ttl' must be 1s to 720h, not '0s'"),
            (
                "size: 1\nclaim: {onLost: retry}",
                "6:19: error: 'spec.claim.onLost' must be replace or fail, not 'retry'"
            ),
            (
                "size: 1\nclaim: {hooks: {afterclaim: {command: [a]}}}",
                "6:19: error: unknown key 'afterclaim' (did you mean 'afterClaim'?)"
            ),
            (
                "size: 1\nclaim: {hooks: {afterClaim: {command: prepare}}}",
                "6:41: error: 'spec.claim.hooks.afterClaim.command' must be a list, not the string 'prepare'"
            ),
            ("size: 1\nidle: {mode: stop}", "6:16: error: 'spec.idle.mode' must be run or pause, not 'stop'"),
            ("size: 1\nidle: {maxAge: 1s}", "6:18: error: 'spec.idle.maxAge' must be 10s to 8760h, not '1s'"),
            (
                "size: 1\nrollout: {maxUnavailable: half}",
                "6:29: error: 'spec.rollout.maxUnavailable' must be a percentage such as 20%, not 'half' (it begins with a digit)"
            ),
            ("min: 1", "5:3: error: WarmPool/x needs 'size' or an Autoscaler"),
            ("size: 1\nreplicas: 1", "6:3: error: unknown key 'replicas' (known keys: size, "),
        ])
    func mistakes(lines: String, expected: String) {
        let found = problems(of: "WarmPool", lines + "\ntemplate: {image: a}")
        #expect(found.count == 1 && found[0].hasPrefix(expected), "\(found)")
    }
}
