package import Invariants

/// Ends the program at every point of a story, one telling each, and compares how it ends.
package struct CrashExplorer: Sendable {
    /// What was explored, in numbers.
    package struct Coverage: Hashable, Sendable {
        package var scenarios = 0
        package var tellings = 0
        /// Calls that changed something in the tellings without a crash.
        package var steps = 0
        package var points = 0

        package init() {}

        package static func += (a: inout Coverage, b: Coverage) {
            a.scenarios += b.scenarios
            a.tellings += b.tellings
            a.steps += b.steps
            a.points += b.points
        }
    }

    /// A telling that went wrong.
    package struct Finding: Sendable, CustomStringConvertible {
        package var scenario: String
        package var points: [Int]
        package var violations: [Violation]

        package var description: String {
            let points = points.map(String.init).joined(separator: ",")
            let replay = points.isEmpty ? scenario : "\(scenario):\(points)"
            return "\(replay): \(violations.first?.description ?? "")"
        }
    }

    /// Points further than this are the business of random seeds.
    package static let mostStepsForPairs = 4

    package init() {}

    /// - Parameters:
    ///   - stride: 1 tries every point; n every nth, for builds without optimisation.
    ///   - pairs: whether short stories are also told with two crashes.
    package func explore(_ scenario: Scenario, stride: Int = 1, pairs: Bool = true) -> (Coverage, [Finding]) {
        var coverage = Coverage()
        var findings: [Finding] = []
        let plain = scenario.tell()
        coverage.scenarios = 1
        coverage.tellings = 1
        coverage.steps = plain.steps
        coverage.points = plain.points
        if !plain.violations.isEmpty {
            return (coverage, [Finding(scenario: scenario.name, points: [], violations: plain.violations)])
        }
        var plans = Swift.stride(from: 1, through: plain.points, by: stride).map { [$0] }
        if pairs, plain.steps <= Self.mostStepsForPairs {
            plans += Swift.stride(from: 1, through: plain.points, by: 3 * stride).flatMap { first in
                Swift.stride(from: 1, through: plain.points, by: 3 * stride).map { [first, $0] }
            }
        }
        for plan in plans {
            let ending = scenario.tell(crashingAt: plan)
            coverage.tellings += 1
            let violations = ending.violations + Self.differences(of: ending, to: plain, crashes: plan.count)
            if !violations.isEmpty {
                findings.append(Finding(scenario: scenario.name, points: plan, violations: violations))
            }
        }
        return (coverage, findings)
    }

    /// Another end than without a crash, or more disruption than one more for each crash.
    private static func differences(
        of ending: Scenario.Ending, to plain: Scenario.Ending, crashes: Int
    ) -> [Violation] {
        guard ending.violations.isEmpty else { return [] }
        var violations: [Violation] = []
        if let difference = ending.state.difference(to: plain.state) {
            violations.append(Violation(.crash, "another end than without a crash: \(difference)", at: .zero))
        }
        if ending.disruptions > plain.disruptions + crashes {
            let message = "\(ending.disruptions) disruptions instead of \(plain.disruptions)"
            violations.append(Violation(.crash, message, at: .zero))
        }
        return violations
    }
}
