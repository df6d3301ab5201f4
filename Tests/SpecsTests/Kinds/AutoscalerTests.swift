import Specs
import Testing

@Suite("Autoscaler")
struct AutoscalerTests {
    private func complete() throws -> Autoscaler {
        try #require(try CompleteSpecs.load().autoscalers.first { $0.id.name == "canary" }?.spec)
    }

    @Test("a complete document has bounds, behavior and schedules")
    func bounds() throws {
        let spec = try complete()
        #expect(spec.target == ResourceID(.workload, "canary"))
        #expect(spec.min == 0 && spec.max == 20 && spec.scaleToZero && spec.interval == .seconds(30))
        var expected = Autoscaler.Behavior()
        expected.scaleUp.stabilizationWindowSeconds = 60
        expected.scaleUp.selectPolicy = .min
        expected.scaleUp.policies = [
            Autoscaler.Policy(type: .pods, value: 2, periodSeconds: 30),
            Autoscaler.Policy(type: .percent, value: 10, periodSeconds: 60),
        ]
        expected.scaleUp.tolerance = 0.05
        expected.scaleUp.cooldown = .seconds(60)
        expected.scaleDown.stabilizationWindowSeconds = 600
        expected.scaleDown.selectPolicy = .disabled
        expected.scaleDown.policies = [Autoscaler.Policy(type: .percent, value: 50, periodSeconds: 60)]
        expected.scaleDown.tolerance = 0
        expected.scaleDown.cooldown = .seconds(300)
        #expect(spec.behavior == expected)
        // Schedules are a set, in the order of their names.
        #expect(spec.schedules.map(\.name) == ["lunch", "nights"])
        #expect(spec.schedules.map(\.timeZone) == ["UTC", "Asia/Tokyo"])
        #expect(spec.schedules.map(\.min) == [2, 1] && spec.schedules.map(\.max) == [8, 4])
        #expect(
            spec.schedules.map { $0.interval?.description } == [
                "0 12 * * * to 0 13 * * *", "0 20 * * * to 0 7 * * *",
            ])
    }

    @Test("a complete document has metrics of all shapes")
    func metrics() throws {
        var cpu = Autoscaler.Metric(type: .resource)
        cpu.name = .cpu
        cpu.target = .averageUtilization(70)
        var disk = Autoscaler.Metric(type: .hostResource)
        disk.name = .disk
        disk.strategy = .threshold
        disk.above = .percent(Percentage(80))
        disk.below = .percent(Percentage(hundredths: 4050))
        disk.step = 2
        disk.maxAge = .seconds(120)
        var requests = Autoscaler.Metric(type: .prometheus)
        requests.prometheus = MetricQuery(query: "sum(rate(requests[1m]))")
        requests.target = .averageValue(1000)
        var forecast = Autoscaler.Metric(type: .external)
        var hook = Autoscaler.ExternalSource()
        hook.hook = "forecast"
        hook.pointer = "/replicas"
        hook.timeout = .seconds(1)
        forecast.external = hook
        forecast.strategy = .passThrough
        var jobs = Autoscaler.Metric(type: .queue)
        var queue = Autoscaler.QueueSource()
        queue.name = "jobs"
        queue.hook = "queue-length"
        queue.timeout = .seconds(2)
        jobs.queue = queue
        jobs.strategy = .threshold
        jobs.above = .number(500)
        #expect(try complete().metrics == [cpu, disk, requests, forecast, jobs])
    }

    @Test("what is left out has the default of autoscaling/v2")
    func defaults() throws {
        let text = """
            target: {kind: Workload, name: labelled}
            max: 5
            metrics: [{type: Resource, name: cpu, target: {averageUtilization: 70}}]
            """
        let loaded = load([object("Autoscaler", text), pool, labelled].joined(separator: "\n---\n"))
        let spec = try #require(loaded.specs?.autoscalers.first?.spec)
        #expect(spec.min == 1 && spec.max == 5 && !spec.scaleToZero && spec.schedules.isEmpty)
        #expect(spec.interval == .seconds(15) && spec.behavior == Autoscaler.Behavior())
        #expect(spec.behavior.scaleUp.stabilizationWindowSeconds == 0)
        #expect(spec.behavior.scaleDown.stabilizationWindowSeconds == 300)
        #expect(spec.behavior.scaleUp.tolerance == 0.1 && spec.behavior.scaleUp.cooldown == .zero)
        let metric = try #require(spec.metrics.first)
        #expect(metric.strategy == .target && metric.maxAge == .seconds(60) && metric.step == 1 && metric.times == 3)
    }

    private static let cpu = "{type: Resource, name: cpu, target: {averageUtilization: 70}}"

    @Test(
        "what is wrong with its bounds is said at its place",
        arguments: [
            ("min: 3\nmax: 2", "6:8: error: 'min' must be at most 'max', 2, not 3"),
            ("min: 0\nmax: 2", "6:8: error: 'min: 0' needs 'scaleToZero: true'"),
            ("min: 1", "5:3: error: 'spec' needs 'max'"),
            ("max: 0", "6:8: error: 'spec.max' must be 1-1000, not '0'"),
            ("max: 2\ninterval: 100ms", "7:13: error: 'spec.interval' must be 1s to 1h, not '100ms'"),
            (
                "max: 2\nbehavior: {scaleup: {}}",
                "7:14: error: unknown key 'scaleup' (did you mean 'scaleUp'?)"
            ),
            (
                "max: 2\nbehavior: {scaleUp: {stabilizationWindowSeconds: 3601}}",
                "7:52: error: 'spec.behavior.scaleUp.stabilizationWindowSeconds' must be 0-3600, not '3601'"
            ),
            (
                "max: 2\nbehavior: {scaleUp: {stabilizationWindowSeconds: 5m}}",
                "7:52: error: 'spec.behavior.scaleUp.stabilizationWindowSeconds' must be an integer, not the string '5m'"
            ),
            (
                "max: 2\nbehavior: {scaleUp: {selectPolicy: max}}",
                "7:38: error: 'spec.behavior.scaleUp.selectPolicy' must be Max, Min or Disabled, not 'max' (did you mean 'Max'?)"
            ),
            (
                "max: 2\nbehavior: {scaleUp: {policies: [{type: Pods, value: 0, periodSeconds: 15}]}}",
                "7:55: error: 'spec.behavior.scaleUp.policies.0.value' must be 1-100000, not '0'"
            ),
            (
                "max: 2\nbehavior: {scaleUp: {policies: [{type: Pods, value: 1}]}}",
                "7:35: error: 'spec.behavior.scaleUp.policies.0' needs 'periodSeconds'"
            ),
            (
                "max: 2\nbehavior: {scaleUp: {tolerance: 10%}}",
                "7:35: error: 'spec.behavior.scaleUp.tolerance' must be a number, not the string '10%'"
            ),
            (
                "max: 2\nschedules: [{name: a, start: \"0 1 * * *\", end: \"0 1 * * *\", min: 1, max: 1}]",
                "7:15: error: 'spec.schedules.0': it starts and ends at the same time ('0 1 * * *' is both)"
            ),
            (
                "max: 2\nschedules: [{name: a, start: \"0 1 * * *\", end: \"0 2 * * *\", min: 2, max: 1}]",
                "7:68: error: 'min' must be at most 'max', 1, not 2"
            ),
            (
                "max: 2\nschedules: [{name: a, start: \"0 1 * * *\", end: \"0 2 * * *\", timeZone: Asia/Tokio, min: 1, max: 1}]",
                "7:73: error: 'Asia/Tokio' is not a time zone"
            ),
        ])
    func bounds(lines: String, expected: String) {
        let found = problems(
            of: "Autoscaler", "target: {kind: Workload, name: labelled}\n\(lines)\nmetrics: [\(Self.cpu)]")
        #expect(found.count == 1 && found[0].hasPrefix(expected), "\(found)")
    }

    @Test(
        "what is wrong with its metrics is said at its place",
        arguments: [
            ("", "7:12: error: 'spec.metrics' must have at least one item (leave it out for the default)"),
            ("{type: CPU}", "7:20: error: 'spec.metrics.0.type' must be Resource, "),
            ("{type: Resource, target: {averageUtilization: 70}}", "7:13: error: 'spec.metrics.0' needs 'name'"),
            (
                "{type: Resource, name: disk, target: {averageUtilization: 70}}",
                "7:36: error: 'spec.metrics.0' of type 'Resource' measures cpu or memory"
            ),
            ("{type: Resource, name: cpu}", "7:13: error: 'spec.metrics.0' needs 'target'"),
            (
                "{type: Resource, name: cpu, target: {}}",
                "7:49: error: 'spec.metrics.0.target' needs 'averageUtilization', 'averageValue' or 'value'"
            ),
            (
                "{type: Resource, name: cpu, target: {averageUtilization: 70%}}",
                "7:70: error: 'spec.metrics.0.target.averageUtilization' must be an integer, not the string '70%'"
            ),
            (
                "{type: Resource, name: cpu, target: {value: 1, averageValue: 2}}",
                "7:57: error: 'value' cannot stand beside 'averageValue', first at"
            ),
            (
                "{type: Resource, name: cpu, strategy: threshold}",
                "7:13: error: 'spec.metrics.0' needs 'above' or 'below'"
            ),
            (
                "{type: Resource, name: cpu, strategy: threshold, above: 80}",
                "7:69: error: 'above' of a metric of type 'Resource' must be a percentage"
            ),
            (
                "{type: Queue, queue: {name: jobs, hook: h}, strategy: threshold, above: 80%}",
                "7:85: error: 'above' of a metric of type 'Queue' must be a number"
            ),
            (
                "{type: Resource, name: cpu, strategy: threshold, above: 40%, below: 80%}",
                "7:81: error: 'below' must be less than 'above', first at web.yaml:7:69"
            ),
            (
                "{type: Resource, name: cpu, target: {averageUtilization: 70}, above: 80%}",
                "7:82: error: 'spec.metrics.0.above' needs 'strategy: threshold'"
            ),
            (
                "{type: Resource, name: cpu, strategy: threshold, above: 80%, target: {averageUtilization: 70}}",
                "7:82: error: 'spec.metrics.0.target' needs 'strategy: target'"
            ),
            (
                "{type: Resource, name: cpu, target: {averageUtilization: 70}, times: 3}",
                "7:82: error: 'spec.metrics.0.times' does not belong to a metric of type 'Resource' (remove it)"
            ),
            (
                "{type: Resource, name: cpu, target: {averageUtilization: 70}, queue: {name: jobs, hook: h}}",
                "7:82: error: 'spec.metrics.0.queue' does not belong to a metric of type 'Resource' (remove it)"
            ),
            ("{type: Queue, target: {value: 5}}", "7:13: error: 'spec.metrics.0' needs 'queue'"),
            (
                "{type: Prometheus, prometheus: {query: \"\"}, target: {value: 5}}",
                "7:52: error: 'spec.metrics.0.prometheus.query' must be a query of 1-4096 characters, not ''"
            ),
            (
                "{type: PoolUtilization, strategy: threshold, above: 70%}",
                "7:20: error: a metric of type 'PoolUtilization' cannot be measured of a Workload"
            ),
            (
                "{type: PoolExhausted, times: 3}",
                "7:20: error: a metric of type 'PoolExhausted' cannot be measured of a Workload"
            ),
        ])
    func metrics(lines: String, expected: String) {
        let text = "target: {kind: Workload, name: labelled}\nmax: 2\nmetrics: [\(lines)]"
        let found = problems(of: "Autoscaler", text)
        #expect(found.count == 1 && found[0].hasPrefix(expected), "\(found)")
    }

    @Test(
        "its target is an object that can be scaled and is declared",
        arguments: [
            (
                "{kind: ScheduledTask, name: a}",
                "5:18: error: 'spec.target.kind' must be Workload, WarmPool or HostPool"
            ),
            ("{kind: Workload}", "5:11: error: 'spec.target' needs 'name'"),
            (
                "{kind: Workload, name: labeled}",
                "5:34: error: Workload 'labeled' is not declared (did you mean 'labelled'?)"
            ),
            (
                "{kind: HostPool, name: local}",
                "7:20: error: a metric of type 'Resource' cannot be measured of a HostPool"
            ),
        ])
    func targets(target: String, expected: String) {
        let found = problems(of: "Autoscaler", "target: \(target)\nmax: 2\nmetrics: [\(Self.cpu)]")
        #expect(found.count == 1 && found[0].hasPrefix(expected), "\(found)")
    }

    @Test("findings about schedules stand at their own lines, in whatever order they are written")
    func schedules() {
        func lines(_ second: String, scaleToZero: Bool = false) -> String {
            "target: {kind: Workload, name: labelled}\nmax: 2\nmetrics: [\(Self.cpu)]\nscaleToZero: \(scaleToZero)\nschedules:\n"
                + "  - {name: zero, \(second)}\n"
                + "  - {name: a, start: \"0 9 * * *\", end: \"0 10 * * *\", min: 1, max: 2}"
        }
        #expect(
            problems(of: "Autoscaler", lines("start: 0 1 * * *, end: 0 2 * * *, timeZone: Asia/Tokio, min: 1, max: 1"))
                == [
                    "10:64: error: 'Asia/Tokio' is not a time zone (did you mean 'Asia/Tokyo'?)"
                ])
        let never = problems(of: "Autoscaler", lines("start: 0 1 31 2 *, end: 0 2 * * *, min: 1, max: 1"))
        #expect(
            never.count == 1 && never[0].hasPrefix("10:27: error: the schedule of Autoscaler/x never comes"), "\(never)"
        )
        let zero = "start: 0 1 * * *, end: 0 2 * * *, min: 0, max: 0"
        #expect(
            problems(of: "Autoscaler", lines(zero)) == [
                "10:59: error: 'min: 0' of schedule 'zero' needs 'scaleToZero: true'"
            ])
        #expect(problems(of: "Autoscaler", lines(zero, scaleToZero: true)) == [])
    }

    @Test(
        "its most is not more than its target can have",
        arguments: [
            (
                "Workload", "replicas: 1\nstrategy: {type: recreate}\npublish: [{hostPort: 80, containerPort: 80}]",
                "but the most of Workload/t, which publishes ports with 'recreate', is 1"
            ),
            ("Workload", "replicas: 1", "but the most of 'containersPerHost' of HostPool/small is 4"),
            ("WarmPool", "maxMembers: 3", "but the most of 'maxMembers' of WarmPool/t is 3"),
        ])
    func most(kind: String, lines: String, expected: String) {
        let target = object(kind, "hostPool: small\ntemplate: {image: a}\n" + lines, name: "t")
        let small = object("HostPool", "hosts: {name: b}\ncapacity: {containersPerHost: 4}", name: "small")
        func found(_ most: Int) -> [String] {
            let text = "target: {kind: \(kind), name: t}\nmax: \(most)\nmetrics: [\(Self.cpu)]"
            return problems(object("Autoscaler", text), target, small)
        }
        #expect(
            found(5).count == 1
                && found(5)[0].hasPrefix("web.yaml:6:8: error: 'max' of Autoscaler/x is 5, \(expected)"), "\(found(5))")
        #expect(found(1) == [])
    }
}
