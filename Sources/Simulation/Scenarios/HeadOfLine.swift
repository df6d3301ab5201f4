package import Invariants
import ReconcileTesting
import Reconciler

/// Fifty objects, one of which never comes up: the others must not wait for it.
package struct HeadOfLine: Sendable {
    private static let count = 50
    /// How much later the others may be: a tenth, and one turn.
    private static let tolerance = 1.1
    private static let turn = Duration.seconds(1)

    private let bug: SeededBug?

    package init(bug: SeededBug? = nil) { self.bug = bug }

    /// What is wrong; nil when nobody is held up.
    package var violation: Violation? {
        guard let alone = time(withPoison: false), let beside = time(withPoison: true) else {
            return Violation(.convergence, "the good objects never come up", at: .zero)
        }
        if beside <= alone * Self.tolerance + Self.turn { return nil }
        return Violation(
            .headOfLine, "beside an object that never comes up the others need \(beside) instead of \(alone)",
            at: beside)
    }

    /// How long it takes until all good objects are ready; nil when it takes for ever.
    private func time(withPoison isPoisoned: Bool) -> Duration? {
        var settings = ControllerSettings(resyncInterval: .seconds(10))
        if bug == .blockTheLine { settings.concurrency = 1 }
        var world = World(seed: 7, settings: settings)
        var objects = (0..<Self.count).map { DraftObject("o\($0)") }
        if isPoisoned {
            world.poisoned = "o25"
        } else {
            objects.removeAll { $0.name == "o25" }
        }
        world.push(Draft(objects))
        while world.now < .seconds(600) {
            world.run(until: world.now + .milliseconds(100))
            let running = world.engine.containers.values.count { $0.status == .running }
            if running == Self.count - 1 { return world.now }
        }
        return nil
    }
}
