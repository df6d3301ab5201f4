import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import ReconcileCLI

struct RecommendationRendererTests {
    private func text(_ usage: UsageSummary, _ resources: Resources) throws -> String {
        let desired = Declared.state(Declared.workload(ContainerTemplate(image: "web:1", resources: resources)))
        let object = try #require(desired.objects[ResourceID(.workload, "web")])
        return RecommendationRenderer.text([Recommendation(object, usage)])
    }

    @Test("a suggestion is YAML that can be pasted, and says what it rests on")
    func page() throws {
        let usage = UsageSummary(
            samples: 8640, seconds: 86_400, memoryP95: 118 << 20, memoryLargest: 131 << 20, memoryPeak: 240 << 20,
            cpuP95: 184_000_000, cpuLargest: 612_000_000, kills: 0, throttled: 0.004)
        let page = try text(
            usage, Resources(cpus: CPUQuantity(nanoCPUs: 2_000_000_000), memory: ByteQuantity(bytes: 512 << 20)))
        #expect(
            page == """
                # Workload/web (web.yaml:1:1): 8640 samples in 24 h
                # memory: p95 118Mi, largest 131Mi, kernel's peak 240Mi with file cache, of 512Mi
                # cpus: p95 184m, largest 612m, cut short in 0 % of periods, of 2
                spec:
                  template:
                    resources:
                      cpus: 220m  # now 2; p95 190m, and 15 % more
                      memory: 152Mi  # now 512Mi; largest working set 131Mi, and 15 % more
                """)
    }

    @Test("what is not limited, and little known, is said so")
    func little() throws {
        let page = try text(
            UsageSummary(samples: 3, seconds: 20, memoryP95: 1 << 20, memoryLargest: 1 << 20, kills: 0), Resources())
        #expect(
            page == """
                # Workload/web (web.yaml:1:1): 3 samples in 20 s
                # too little to rely on: 100 samples over 60 min are wanted
                # memory: p95 1Mi, largest 1Mi, of no limit
                spec:
                  template:
                    resources:
                      memory: 6Mi  # now none; largest working set 1Mi, and 15 % more
                """)
        #expect(RecommendationRenderer.text([]).hasPrefix("# nothing is known yet"))
    }
}
