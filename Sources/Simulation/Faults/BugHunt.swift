package import Invariants

/// Runs seeds with a seeded bug until the checker sees it.
package struct BugHunt: Sendable {
    private let bug: SeededBug

    package init(_ bug: SeededBug) { self.bug = bug }

    /// The first violation of the first seed that has one; nil when there is none in so many seeds.
    ///
    /// - Parameter length: of each seed.
    package func run(
        seeds: UInt64 = 40, length: SeedRun.Length = .init(ticks: 120, faults: 5, rounds: 5)
    ) -> (seed: UInt64, violation: Violation)? {
        if let story = bug.story { return story.tell(bug: bug).violations.first.map { (0, $0) } }
        if bug == .blockTheLine { return HeadOfLine(bug: bug).violation.map { (0, $0) } }
        for seed in 1...seeds {
            var run = SeedRun(seed: seed, length: length, scale: .large, bug: bug)
            if let first = run.run().first { return (seed, first) }
        }
        return nil
    }
}
