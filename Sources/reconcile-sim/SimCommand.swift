import ArgumentParser
import CMalloc
import Invariants
import Simulation

/// Runs the program's heart in worlds of dice, and says what went wrong.
@main
struct SimCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile-sim",
        abstract: "Runs the control loop against a simulated engine, git, disk and clock.",
        discussion: """
            Without arguments it runs consecutive seeds on all cores for 60 seconds. A seed that fails is printed with \
            the command that shows what happened. Exits with 1 if any invariant did not hold.
            """)

    @Argument(help: "One seed to run again, with everything that happened in it.")
    var seed: UInt64?

    @Option(help: "How long to run seeds.")
    var minutes: Double = 1

    @Option(help: "The first of the seeds.")
    var from: UInt64 = 1

    @Option(help: "Runs so many seeds, however long it takes.")
    var count: UInt64?

    @Flag(help: "With a seed: in a large world, as each sixteenth seed is anyway.")
    var large = false

    @Flag(help: "Ends the program at every point of every small story instead.")
    var crashPoints = false

    @Option(help: "Tells one story, with crashes at these points: NAME or NAME:POINT,POINT.")
    var story: String?

    @Option(help: "Runs with something wrong on purpose, which must be found. See 'docs/simulator.md'.")
    var bug: String?

    @Flag(help: "Prints nothing but the violations of a seed or story.")
    var quiet = false

    func run() async throws {
        // Each world is torn down before the next: what it had is kept for that one, and not given back to the kernel.
        mallopt(M_TOP_PAD, 16 << 20)
        mallopt(M_TRIM_THRESHOLD, 1 << 30)
        let isFine =
            if let story {
                try tell(story)
            } else if crashPoints {
                await CrashSweep().run()
            } else if let bug {
                try find(bug)
            } else if let seed {
                replay(seed)
            } else {
                await SeedSweep(from: from, count: count, duration: .seconds(minutes * 60)).run()
            }
        if !isFine { throw ExitCode(1) }
    }

    private func replay(_ seed: UInt64) -> Bool {
        var run = SeedRun(seed: seed, scale: large ? .large : nil, tracing: quiet ? .none : .printed)
        let violations = run.run()
        for violation in violations { print(violation) }
        return violations.isEmpty
    }

    private func tell(_ text: String) throws -> Bool {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard let name = parts.first, let scenario = Scenario.all.first(where: { $0.name == name }) else {
            let names = Scenario.all.map(\.name).joined(separator: ", ")
            throw ValidationError("'\(text)' is no story; there are \(names)")
        }
        let points = parts.dropFirst().flatMap { $0.split(separator: ",").compactMap { Int($0) } }
        let ending = scenario.tell(crashingAt: points, tracing: quiet ? .none : .printed)
        for violation in ending.violations { print(violation) }
        print("points: \(ending.points), steps: \(ending.steps), disruptions: \(ending.disruptions)")
        print(ending.state)
        return ending.violations.isEmpty
    }

    private func find(_ name: String) throws -> Bool {
        guard let bug = SeededBug(rawValue: name) else {
            let names = SeededBug.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("'\(name)' is no seeded bug; there are \(names)")
        }
        guard let found = BugHunt(bug).run() else {
            print("\(name) was not found")
            return false
        }
        print("\(name) was found with seed \(found.seed): \(found.violation)")
        return found.violation.invariant == bug.invariant
    }
}
