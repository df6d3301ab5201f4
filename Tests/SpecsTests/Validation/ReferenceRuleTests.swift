import Specs
import Testing

@Suite("References lead to one object each")
struct ReferenceRuleTests {
    private func waiting(_ name: String, for others: String...) -> String {
        let list = others.map { "{kind: Workload, name: \($0)}" }.joined(separator: ", ")
        return object("Workload", "dependsOn: [\(list)]\ntemplate: {image: a}", name: name)
    }

    @Test("an object must not wait for itself, however many are between")
    func circles() {
        let found = problems(waiting("a", for: "b"), waiting("b", for: "c"), waiting("c", for: "a"), pool)
        #expect(found.count == 1)
        #expect(
            found.first?.hasPrefix(
                "web.yaml:5:14: error: Workload/a waits for itself: Workload/a -> Workload/b -> Workload/c -> Workload/a"
            )
                == true, "\(found)")
        #expect(problems(waiting("a", for: "a"), pool).first?.contains("Workload/a -> Workload/a") == true)
    }

    @Test("waiting for one object along two ways is no circle")
    func diamond() {
        let end = object("Workload", "template: {image: a}", name: "d")
        #expect(
            problems(waiting("a", for: "b", "c"), waiting("b", for: "d"), waiting("c", for: "d"), end, pool) == [])
    }

    @Test("what is waited for must be declared")
    func danglingDependency() {
        let end = object("Workload", "template: {image: a}", name: "database")
        #expect(
            problems(waiting("a", for: "databse"), end, pool) == [
                "web.yaml:5:14: error: Workload 'databse' is not declared (did you mean 'database'?)"
            ])
    }

    @Test("a shared template must be declared, and one that nobody uses is a warning")
    func templates() {
        let template = object("ContainerTemplate", "image: a", name: "base")
        let user = object("Workload", "templateRef: base", name: "w")
        #expect(problems(template, user, pool) == [])
        #expect(
            problems(template, user.replacing("templateRef: base", with: "templateRef: bas"), pool) == [
                "web.yaml:1:1: warning: nothing refers to ContainerTemplate/base",
                "web.yaml:11:16: error: ContainerTemplate 'bas' is not declared (did you mean 'base'?)",
            ])
        #expect(problems(template, pool) == ["web.yaml:1:1: warning: nothing refers to ContainerTemplate/base"])
    }

    private let scaler = """
        target: {kind: Workload, name: labelled}
        max: 2
        metrics: [{type: Resource, name: cpu, target: {averageUtilization: 70}}]
        """

    @Test("one object has at most one Autoscaler")
    func twoAutoscalers() {
        let one = object("Autoscaler", scaler, name: "one")
        let two = object("Autoscaler", scaler, name: "two")
        #expect(
            problems(one, two, pool, labelled) == [
                "web.yaml:13:11: error: Workload/labelled has two Autoscalers, 'one' and 'two', first at web.yaml:5:11"
            ])
        #expect(problems(one, pool, labelled) == [])
    }

    @Test("a pool has a size of its own or an Autoscaler, not both")
    func poolSizes() {
        let pools = """
            target: {kind: WarmPool, name: w}
            max: 2
            metrics: [{type: PoolUtilization, strategy: threshold, above: 70%}]
            """
        let sized = object("WarmPool", "size: 1\ntemplate: {image: a}", name: "w")
        let open = object("WarmPool", "template: {image: a}", name: "w")
        let autoscaler = object("Autoscaler", pools)
        #expect(problems(open, autoscaler, pool) == [])
        #expect(problems(sized, pool) == [])
        #expect(
            problems(sized, autoscaler, pool) == [
                "web.yaml:5:9: error: 'size' cannot stand beside Autoscaler/x, which sets it, its Autoscaler: web.yaml:12:11 (leave 'size' out)"
            ])
        #expect(problems(open, pool).first?.contains("WarmPool/w needs 'size' or an Autoscaler") == true)
    }

    @Test("a scheduled task shares the names of containers with the other kinds")
    func names() {
        let task = object("ScheduledTask", "schedule: \"@daily\"\ntemplate: {image: a}", name: "labelled")
        #expect(
            problems(labelled, task, pool) == [
                "web.yaml:10:18: error: ScheduledTask 'labelled' has the name of a Workload, first at web.yaml:3:18 (their containers would have the same names)"
            ])
    }
}
