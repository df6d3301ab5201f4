import Specs
import Testing

@Suite("What gates can never let through, or can never see, is said when it is written")
struct GateRuleTests {
    private func annotated(_ annotations: String) -> String {
        workload(template: "image: a").replacing(
            "metadata: {name: web}", with: "metadata: {name: web, annotations: {\(annotations)}}")
    }

    @Test("an annotation of ours that is misspelt is a warning with a hint")
    func annotations() {
        #expect(
            findings(annotated("reconcile.dev/pause: \"true\"")) == [
                "web.yaml:8:37: warning: annotation 'reconcile.dev/pause' means nothing to this version "
                    + "(did you mean 'reconcile.dev/paused'?)"
            ])
        #expect(
            findings(annotated("reconcile.dev/prune: disabled")).first?.hasSuffix("(it knows reconcile.dev/paused)")
                == true)
        #expect(findings(annotated("reconcile.dev/paused: \"true\", example.com/pause: x")) == [])
        #expect(load(annotated("reconcile.dev/paused: \"true\"")).specs?.workloads.first?.annotations.count == 1)
    }

    @Test(
        "a disruption budget that spares nobody is a warning where each member must go",
        arguments: [
            ("replicas: 3", "recreate", "minAvailable: 3", true), ("replicas: 3", "recreate", "minAvailable: 2", false),
            ("replicas: 3", "recreate", "minAvailable: 70%", true),
            ("replicas: 3", "recreate", "maxUnavailable: 0", true),
            ("replicas: 3", "recreate", "maxUnavailable: 1%", false),
            ("replicas: 3", "rolling", "minAvailable: 3", false),
            ("replicas: 0", "recreate", "minAvailable: 1", false),
        ])
    func budgets(replicas: String, strategy: String, budget: String, isWarned: Bool) {
        let spec = "\(replicas)\nstrategy: {type: \(strategy)}\ndisruptionBudget: {\(budget)}"
        let codes = load(workload(template: "image: a", spec: spec)).diagnostics.map(\.code)
        #expect(codes == (isWarned ? [.budgetWithoutRoom] : []))
    }
}
