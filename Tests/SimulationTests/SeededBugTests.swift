import Invariants
import Simulation
import Testing

/// What is wrong on purpose must be found, and called by its name.
struct SeededBugTests {
    @Test("the checker sees every seeded bug, and names the invariant that it breaks", arguments: SeededBug.allCases)
    func isSeen(_ bug: SeededBug) throws {
        let found = try #require(BugHunt(bug).run(), "it was not found")
        #expect(found.violation.invariant == bug.invariant, "seed \(found.seed): \(found.violation)")
    }

    @Test("there is a seeded bug for every invariant")
    func areComplete() {
        #expect(Set(SeededBug.allCases.map(\.invariant)) == Set(Invariant.allCases))
    }

    @Test("what never comes up delays nobody else")
    func headOfLine() {
        #expect(HeadOfLine().violation == nil)
    }
}
