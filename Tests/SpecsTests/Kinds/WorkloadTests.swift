import Specs
import Testing

@Suite("Workload")
struct WorkloadTests {
    private func workload(_ name: String) throws -> Resource<Workload> {
        try #require(try CompleteSpecs.load().workloads.first { $0.id.name == name })
    }

    @Test("a complete document has every field")
    func complete() throws {
        let spec = try workload("canary").spec
        #expect(spec.placement.hostPool == "everything")
        #expect(spec.replicas == 3)
        #expect(spec.disruptionBudget == .minAvailable(.percent(Percentage(50))))
        #expect(
            spec.placement.tolerations == [
                Toleration(key: "example.com/gpu", value: "a100", effect: .noSchedule),
                Toleration(key: "spot", operator: .exists),
            ])
        let apart = AntiAffinity(selector: LabelSelector(matchLabels: ["app": "everything"]), required: false)
        #expect(spec.placement.antiAffinity == apart)
        #expect(
            spec.placement.dependsOn == [ResourceID(.warmPool, "sandbox"), ResourceID(.workload, "blue-green")])
        #expect(spec.source.reference == "everything")
        #expect(spec.source.template.image == "nginx:1.27")
    }

    @Test("a canary has steps and an analysis")
    func canary() throws {
        var expected = RolloutStrategy(.canary)
        expected.maxSurge = .percent(Percentage(25))
        expected.maxUnavailable = .count(1)
        expected.minHealthyTime = .seconds(30)
        expected.progressDeadline = .seconds(1200)
        expected.autoRollback = true
        var share = RolloutStrategy.Step()
        share.weight = Percentage(10)
        share.pause = .seconds(600)
        var count = RolloutStrategy.Step()
        count.count = 2
        var check = RolloutStrategy.MetricCheck()
        check.name = "errors"
        check.query = MetricQuery(server: "main", query: "sum(rate(errors[1m]))", timeout: .seconds(2))
        check.min = 0
        check.max = 0.5
        var budget = RolloutStrategy.ErrorBudget()
        budget.query = MetricQuery(query: #"error_ratio{window="$window"}"#)
        budget.objective = Percentage(hundredths: 9990)
        budget.burnRate = 10
        budget.window = .seconds(3600)
        var canary = RolloutStrategy.Canary()
        canary.steps = [share, count]
        canary.analysis.interval = .seconds(60)
        canary.analysis.initialDelay = .seconds(20)
        canary.analysis.failureLimit = 5
        canary.analysis.metrics = [check]
        canary.analysis.errorBudget = budget
        expected.canary = canary
        #expect(try workload("canary").spec.strategy == expected)
    }

    @Test("blue-green and published ports")
    func others() throws {
        var switched = RolloutStrategy(.blueGreen)
        switched.blueGreen = RolloutStrategy.BlueGreen()
        switched.blueGreen?.promotion = .manual
        switched.blueGreen?.hold = .seconds(3600)
        #expect(try workload("blue-green").spec.strategy == switched)
        let published = try workload("published").spec
        #expect(published.disruptionBudget == .maxUnavailable(.count(1)))
        #expect(
            published.publish == [
                PublishedPort(hostIP: "127.0.0.1", hostPort: 53, container: ContainerPort(5353, .udp)),
                PublishedPort(hostPort: 443, container: ContainerPort(8443)),
            ])
    }

    @Test("what is left out has its default")
    func defaults() throws {
        let text = [object("Workload", "template: {image: a}"), pool].joined(separator: "\n---\n")
        let spec = try #require(load(text).specs?.workloads.first?.spec)
        #expect(spec == Workload(hostPool: "local", template: ContainerTemplate(image: "a")))
        #expect(spec.replicas == 1 && spec.strategy == RolloutStrategy(.rolling) && spec.disruptionBudget == nil)
        #expect(spec.strategy.maxSurge == .count(1) && spec.strategy.maxUnavailable == .count(0))
        #expect(spec.strategy.progressDeadline == .seconds(600) && !spec.strategy.autoRollback)
        let canary = RolloutStrategy.Canary()
        #expect(canary.analysis.interval == .seconds(30) && canary.analysis.failureLimit == 3)
    }

    @Test(
        "what is wrong is said at its place",
        arguments: [
            ("replicas: 1001", "5:13: error: 'spec.replicas' must be 0-1000, not '1001'"),
            ("replicas: 1.5", "5:13: error: 'spec.replicas' must be an integer, not the decimal number '1.5'"),
            ("templateRef: a", "5:16: error: 'templateRef' cannot stand beside 'template', first at web.yaml:6:13"),
            ("strategy: rolling", "5:13: error: 'spec.strategy' must be a map, not the string 'rolling'"),
            (
                "strategy: {type: bluegreen}",
                "5:20: error: 'spec.strategy.type' must be rolling, recreate, blueGreen or canary, not 'bluegreen' (did you mean 'blueGreen'?)"
            ),
            (
                "strategy: {maxSurge: 0}",
                "5:24: error: 'maxSurge' and 'maxUnavailable' cannot both be 0 (no member could be replaced)"
            ),
            ("strategy: {maxSurge: 101%}", "5:24: error: 'spec.strategy.maxSurge' must be 0% to 100%, not '101%'"),
            (
                "strategy: {canary: {steps: [{count: 1}]}}",
                "5:22: error: 'spec.strategy.canary' does not belong to a strategy of type 'rolling' (set 'type: canary' or remove it)"
            ),
            ("strategy: {type: canary}", "5:13: error: 'spec.strategy' needs 'canary'"),
            (
                "strategy: {type: canary, canary: {steps: []}}",
                "5:44: error: 'spec.strategy.canary.steps' must have at least one item (leave it out for the default)"
            ),
            (
                "strategy: {type: canary, canary: {steps: [{pause: 1m}]}}",
                "5:45: error: 'spec.strategy.canary.steps.0' needs 'weight' or 'count'"
            ),
            (
                "strategy: {type: canary, canary: {steps: [{weight: 10%, count: 1}]}}",
                "5:66: error: 'count' cannot stand beside 'weight', first at web.yaml:5:54 (keep one of the two)"
            ),
            (
                "strategy: {type: canary, canary: {steps: [{weight: 10}]}}",
                "5:54: error: 'spec.strategy.canary.steps.0.weight' must be a percentage such as 20%, not '10' (write 10%)"
            ),
            (
                "strategy: {type: canary, canary: {steps: [{count: 1}], analysis: {metrics: [{name: a, prometheus: {query: b}}]}}}",
                "5:79: error: 'spec.strategy.canary.analysis.metrics.0' needs 'min' or 'max'"
            ),
            (
                "strategy: {type: canary, canary: {steps: [{count: 1}], analysis: {metrics: [{name: a, prometheus: {query: b}, min: 2, max: 1}]}}}",
                "5:118: error: 'min' must be at most 'max', 1.0, not 2.0"
            ),
            (
                "strategy: {type: canary, canary: {steps: [{count: 1}], analysis: {errorBudget: {objective: 99%}}}}",
                "5:82: error: 'spec.strategy.canary.analysis.errorBudget' needs 'prometheus'"
            ),
            (
                "disruptionBudget: {}", "5:21: error: 'spec.disruptionBudget' needs 'minAvailable' or 'maxUnavailable'"
            ),
            (
                "disruptionBudget: {minAvailable: 1, maxUnavailable: 1}",
                "5:55: error: 'maxUnavailable' cannot stand beside 'minAvailable', first at web.yaml:5:36 (keep one of the two)"
            ),
            (
                "publish: [{hostPort: 80}]\nstrategy: {type: recreate}",
                "5:13: error: 'spec.publish.0' needs 'containerPort'"
            ),
            (
                "publish: [{hostPort: 0, containerPort: 80}]\nstrategy: {type: recreate}",
                "5:24: error: 'spec.publish.0.hostPort' must be 1-65535, not '0'"
            ),
            (
                "publish: [{hostPort: 80, containerPort: 80}, {hostPort: 81, containerPort: 80, hostIP: 127.0.0.1}]",
                "5:59: error: '127.0.0.1' can be published with 'strategy: {type: recreate}' only (members cannot be reached from the loopback; name another address of the host)"
            ),
            (
                "publish: [{hostPort: 80, containerPort: 80}]\nstrategy: {type: recreate}\nreplicas: 2",
                "5:12: error: 'spec.publish' with 'strategy: {type: recreate}' needs 'replicas' to be 0 or 1, not 2 (the engine gives a port to one container; use 'strategy: {type: rolling}' for several)"
            ),
            (
                "publish: [{hostPort: 80, containerPort: 80, hostIP: \"::1\"}]\nstrategy: {type: recreate}",
                "5:55: error: 'spec.publish.0.hostIP' must be an IPv4 address such as 127.0.0.1, not '::1' (this version publishes on IPv4 only)"
            ),
            (
                "tolerations: [{key: a, operator: Exists, value: b}]",
                "5:51: error: operator 'Exists' takes no 'value' (remove it)"
            ),
            ("tolerations: [{operator: Exists}]", "5:17: error: 'spec.tolerations.0' needs 'key'"),
            (
                "dependsOn: [{kind: HostPool, name: local}]",
                "5:22: error: 'spec.dependsOn.0.kind' must be Workload or WarmPool, not 'HostPool'"
            ),
            (
                "dependsOn: [{kind: Workload, name: labelled}, {kind: Workload, name: labelled}]",
                "5:49: error: 'Workload/labelled' is listed twice, first at web.yaml:5:15"
            ),
            (
                "antiAffinity: {required: 1}",
                "5:28: error: 'spec.antiAffinity.required' must be true or false, not the integer '1'"
            ),
        ])
    func mistakes(lines: String, expected: String) {
        let found = problems(of: "Workload", lines + "\ntemplate: {image: a}")
        #expect(found.count == 1 && found[0].hasPrefix(expected), "\(found)")
    }

    @Test("a template is written in place or referred to")
    func template() {
        #expect(problems(of: "Workload", "replicas: 1") == ["5:3: error: 'spec' needs 'template' or 'templateRef'"])
    }

    @Test(
        "the steps of a canary grow",
        arguments: [
            ("{weight: 50%}, {weight: 10%}", false), ("{count: 3}, {count: 2}", false),
            ("{weight: 10%}, {weight: 10%}", true),
            ("{count: 3}, {weight: 10%}, {weight: 50%}", true),
        ])
    func canarySteps(steps: String, isRight: Bool) {
        let found = problems(
            of: "Workload", "template: {image: a}\nstrategy: {type: canary, canary: {steps: [\(steps)]}}")
        #expect(found.isEmpty == isRight, "\(found)")
        #expect(found.allSatisfy { $0.contains("error: a step must not have fewer members than the one before it") })
    }
}
