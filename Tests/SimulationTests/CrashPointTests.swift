import Simulation
import Testing

/// Small stories with an end of the program at their points. `scripts/sim --crash-points` tries every one of them.
struct CrashPointTests {
    /// Every eighth point, since builds for tests are slow.
    private static let stride = 8

    @Test("a crash anywhere in a small story leads to the same end", arguments: Scenario.all)
    func leadsToTheSameEnd(_ scenario: Scenario) {
        let (coverage, findings) = CrashExplorer().explore(scenario, stride: Self.stride, pairs: false)
        #expect(findings.map(\.description) == [])
        #expect(coverage.steps <= 12, "the story is too long")
        #expect(coverage.points >= max(1, 4 * coverage.steps), "there is more than one point around each step")
    }
}

extension Scenario: CustomTestStringConvertible {
    public var testDescription: String { name }
}
