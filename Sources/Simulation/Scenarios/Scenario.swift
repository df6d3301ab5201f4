package import Invariants
import ReconcileTesting
import Reconciler

/// A small story: a host that is as git says, and one thing that changes.
package struct Scenario: Sendable {
    package let name: String
    let before: Draft
    let change: @Sendable (inout World) -> Void

    init(_ name: String, _ objects: [DraftObject], _ change: @escaping @Sendable (inout World) -> Void) {
        self.name = name
        before = Draft(objects)
        self.change = change
    }

    /// What one telling of the story came to.
    package struct Ending: Sendable {
        package var violations: [Violation]
        /// Points at which the program could have ended since the change.
        package var points: Int
        /// Calls that changed something since then.
        package var steps: Int
        /// Containers that ran and were stopped by us since then.
        package var disruptions: Int
        package var state: FinalState
        package var trace: Trace?
    }

    /// Within which everything must be done, crashes included.
    private static let bound = Duration.seconds(600)

    /// Tells the story, and ends the program at these points after the change: the first counts from the change, each
    /// other from the next boot.
    package func tell(crashingAt points: [Int] = [], tracing: Tracing = .none, bug: SeededBug? = nil) -> Ending {
        let settings = ControllerSettings(
            resyncInterval: .seconds(30), backoff: .init(base: .milliseconds(100), max: .seconds(20)))
        var world = World(seed: 1, settings: settings, tracing: tracing, bug: bug)
        world.push(before)
        world.calmDown()
        world.settleForScenario(within: Self.bound)
        let (steps, disruptions, first) = (world.figures.changes, world.figures.disruptions, world.journal.points)
        world.crashPlan = points
        world.planNextCrash()
        change(&world)
        world.settle(within: Self.bound)
        let last = world.journal.points
        if world.checker.violations.isEmpty { world.rest(rounds: 3, interval: settings.resyncInterval) }
        return Ending(
            violations: world.checker.violations, points: last - first, steps: world.figures.changes - steps,
            disruptions: world.figures.disruptions - disruptions, state: world.checker.finalState,
            trace: world.trace)
    }
}
