import Reconciler
import Specs

/// One autoscaler as a person reads it: what was measured, what each metric asks for, why this number, and what limits it.
enum AutoscalerRenderer {
    /// All of them, a line each.
    static func list(_ reports: [AutoscalerReport]) -> String {
        if reports.isEmpty { return "No autoscaler is in force." }
        let rows = reports.map { report in
            [
                report.autoscaler.name, report.target.description, report.size.map { "\($0)" } ?? "unknown",
                report.status?.bounds.description ?? "", report.problem ?? report.why,
            ]
        }
        return Table.lines([["NAME", "TARGET", "REPLICAS", "BOUNDS", "WHY"]] + rows).joined(separator: "\n")
    }

    /// One as of its last evaluation.
    static func text(_ report: AutoscalerReport) -> String {
        var head = ["\(report.autoscaler) of \(report.target)"]
        if let at = report.evaluatedAt { head.append("  evaluated   \(at)") }
        if let at = report.lastScaleUp { head.append("  scaled up   \(at)") }
        if let at = report.lastScaleDown { head.append("  scaled down \(at)") }
        head.append("  why         \(report.why)")
        if let problem = report.problem { head.append("  problem     \(problem)") }
        guard let status = report.status else { return head.joined(separator: "\n") }
        return (head + ["", text(status)]).joined(separator: "\n")
    }

    static func text(_ status: ScalingStatus) -> String {
        let number = status.current == status.desired ? "\(status.desired)" : "\(status.current) -> \(status.desired)"
        var blocks = [["  members  \(number) (autoscaled, bounds \(status.bounds.description))"]]
        if !status.recommendations.isEmpty {
            let rows = status.recommendations.map { ["  " + $0.metric, $0.problem ?? $0.reading, ask($0)] }
            blocks.append(Table.lines([["  METRIC", "VALUE", "ASKS FOR"]] + rows))
        }
        let conditions = status.conditions.map { condition in
            [
                "  " + condition.kind.rawValue, condition.status ? "True" : "False", condition.reason.rawValue,
                condition.message,
            ]
        }
        blocks.append(Table.lines([["  CONDITION", "STATUS", "REASON", "MESSAGE"]] + conditions))
        return blocks.map { $0.joined(separator: "\n") }.joined(separator: "\n\n")
    }

    private static func ask(_ recommendation: MetricRecommendation) -> String {
        if recommendation.problem != nil { return "" }
        let number = recommendation.replicas.map { "\($0)" } ?? "no opinion"
        let left = [("missing", recommendation.missing), ("not ready", recommendation.unready)].filter { $0.1 > 0 }
        return left.isEmpty ? number : number + " (" + left.map { "\($0.1) \($0.0)" }.joined(separator: ", ") + ")"
    }
}
