import Reconciler
import Specs

/// What an autoscaler would have done, as a person reads it: a line for each change, and for each new reason.
enum SimulationRenderer {
    static func text(_ outcome: ScalingSimulation.Outcome, of name: String) -> String {
        let rows = [["TIME", "MEMBERS", "WHY", "WHAT LIMITS IT"]] + outcome.moments.map(row)
        let last = outcome.last.map { ["", "At \($0.at):", AutoscalerRenderer.text($0.decision.status), ""] } ?? [""]
        return (Table.lines(rows) + last + summary(outcome, name)).joined(separator: "\n")
    }

    private static func row(_ moment: ScalingSimulation.Moment) -> [String] {
        let decision = moment.decision
        let members = decision.isChange ? "\(decision.current) -> \(decision.desired)" : "\(decision.desired)"
        return [moment.at.description, members, why(decision), limits(decision)]
    }

    private static func why(_ decision: ScalingDecision) -> String {
        if let problem = decision.problem, decision.condition(.scalingActive)?.status != true { return problem }
        return decision.why
    }

    /// The conditions that say that something is not as metrics ask for.
    private static func limits(_ decision: ScalingDecision) -> String {
        decision.conditions.filter { $0.isLimit }.map { "\($0.reason.rawValue): \($0.message)" }.joined(separator: "; ")
    }

    private static func summary(_ outcome: ScalingSimulation.Outcome, _ name: String) -> [String] {
        let span = WindowText.span(seconds: outcome.seconds)
        let hours = Double(outcome.memberSeconds) / 3_600
        let average = outcome.seconds > 0 ? Double(outcome.memberSeconds) / Double(outcome.seconds) : 0
        let smallest = min(outcome.smallest, outcome.largest)
        var lines = [
            "Autoscaler/\(name): \(outcome.evaluations) evaluations in \(span), \(outcome.scaleUps) up, "
                + "\(outcome.scaleDowns) down; \(smallest)-\(outcome.largest) members, \(rounded(average)) on average, "
                + "\(rounded(hours)) member hours"
        ]
        if outcome.limitedSeconds > 0 {
            lines.append("held back by bounds or policies for \(WindowText.span(seconds: outcome.limitedSeconds))")
        }
        if outcome.blindSeconds > 0 {
            lines.append("without some metric for \(WindowText.span(seconds: outcome.blindSeconds))")
        }
        return lines
    }

    private static func rounded(_ number: Double) -> String {
        let tenths = Int((number * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension ScalingCondition {
    /// Whether it says that the number is not what metrics ask for.
    fileprivate var isLimit: Bool {
        switch reason {
        case .scaleUpStabilized, .scaleDownStabilized, .backoffUpscale, .backoffDownscale: true
        default: kind == .scalingLimited && status
        }
    }
}

/// The same for programs. Fields are only ever added within a format version.
struct SimulationDocument: Encodable {
    var formatVersion = 1
    var autoscaler: String
    var evaluations: Int
    var seconds: Int64
    var scaleUps: Int
    var scaleDowns: Int
    var least: Int
    var most: Int
    var final: Int
    var memberSeconds: Int64
    var limitedSeconds: Int64
    var withoutMetricSeconds: Int64
    var changes: [Entry]

    struct Entry: Encodable {
        var time: Instant
        var current: Int
        var desired: Int
        var bounds: ScalingBounds
        var recommendations: [MetricRecommendation]
        var proposed: Int?
        var stabilized: Int?
        var conditions: [ScalingCondition]
    }

    init(_ outcome: ScalingSimulation.Outcome, of name: String) {
        autoscaler = name
        evaluations = outcome.evaluations
        seconds = outcome.seconds
        scaleUps = outcome.scaleUps
        scaleDowns = outcome.scaleDowns
        least = min(outcome.smallest, outcome.largest)
        most = outcome.largest
        final = outcome.final
        memberSeconds = outcome.memberSeconds
        limitedSeconds = outcome.limitedSeconds
        withoutMetricSeconds = outcome.blindSeconds
        changes = outcome.moments.map { moment in
            let decision = moment.decision
            return Entry(
                time: moment.at, current: decision.current, desired: decision.desired, bounds: decision.bounds,
                recommendations: decision.recommendations, proposed: decision.proposed,
                stabilized: decision.stabilized, conditions: decision.conditions)
        }
    }
}
