import Reconciler
import Specs

/// The plan of one host, in both forms.
struct HostPlan {
    let preview: Preview
    let document: PlanDocument

    /// One after the other, each under the name of its host where it was not looked at right now, and all in total.
    static func text(_ plans: [HostPlan], style: Style = .plain) -> String {
        var parts = plans.map { plan in
            let text = PlanRenderer.text(plan.preview, style: style)
            guard let snapshot = plan.document.snapshot, let host = plan.document.host else { return text }
            return "Host \(host), \(snapshot.words):\n\(text)"
        }
        if plans.count > 1 {
            parts.append("In total on \(plans.count) hosts: \(PlanCounts(plans.map(\.document)).words).")
        }
        return parts.joined(separator: "\n\n")
    }
}

/// The plans of several hosts as JSON.
struct PlansDocument: Codable {
    var formatVersion = 1
    /// In the order of the hosts' names.
    var plans: [PlanDocument]
    /// Of all of them together.
    var summary: PlanDocument.Summary

    init(_ plans: [PlanDocument]) {
        self.plans = plans
        func sum(_ count: (PlanDocument.Summary) -> Int) -> Int { plans.reduce(0) { $0 + count($1.summary) } }
        summary = PlanDocument.Summary(
            hasChanges: plans.contains { $0.summary.hasChanges }, changes: sum(\.changes), held: sum(\.held),
            settled: sum(\.settled), outdated: sum(\.outdated))
    }
}
