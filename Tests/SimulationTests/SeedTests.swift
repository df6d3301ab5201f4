import Invariants
import ReconcileTesting
import Reconciler
import Simulation
import Testing

/// Random worlds with faults at every call: no invariant is broken, and the host ends as git says.
struct SeedTests {
    @Test("in a world of trouble every invariant holds, and the host converges when it ends", arguments: 1...12)
    func holds(number: Int) {
        let seed = UInt64(number)
        var run = SeedRun(seed: seed, length: .short)
        let violations = run.run().map(\.description)
        #expect(violations.isEmpty, "scripts/sim \(seed): \(violations.first ?? "")")
    }

    @Test("the same seed gives the same world")
    func isDeterministic() {
        var (one, two) = (SeedRun(seed: 7, length: .short), SeedRun(seed: 7, length: .short))
        let (first, second) = (one.run(), two.run())
        #expect(first == second)
        #expect(one.world.figures == two.world.figures && one.world.now == two.world.now)
        #expect(one.world.engine.containers == two.world.engine.containers)
    }
}

/// Small stories, ended at points all along the way and begun again.
struct CrashPointTests {
    @Test(
        "wherever the program ends, the next run brings the story to the same end", arguments: Scenario.all.map(\.name))
    func crashes(name: String) throws {
        let scenario = try #require(Scenario.all.first { $0.name == name })
        // Every point in a build with optimisation: scripts/sim --crash-points.
        let (coverage, findings) = CrashExplorer().explore(scenario, stride: 5, pairs: false)
        #expect(coverage.tellings > 1)
        #expect(findings.isEmpty, "scripts/sim --story \(findings.first?.description ?? "")")
    }
}

/// A checker that sees nothing would pass every run.
struct SeededBugTests {
    @Test("a bug that is put in on purpose is reported, and as what it is", arguments: SeededBug.allCases)
    func isSeen(bug: SeededBug) throws {
        let found = try #require(BugHunt(bug).run(), "\(bug.rawValue) was not seen")
        #expect(found.violation.invariant == bug.invariant, "seed \(found.seed): \(found.violation)")
    }
}
