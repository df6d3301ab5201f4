import Specs
import Testing

@testable import ReconcileCLI
@testable import Reconciler

/// Rollouts as a person reads them.
struct RolloutRendererTests {
    private let one = Revision(id: "1111111aaaa", reference: "main")
    private let two = Revision(id: "2222222bbbb", reference: "main")

    private var report: RolloutReport {
        var state = RolloutState(generation: "a", revision: one, at: Instant(secondsSince1970: 0))
        state.complete(with: 1, at: Instant(secondsSince1970: 60))
        state.begin(
            generation: "b", revision: two, cause: .commit, lastGood: one, at: Instant(secondsSince1970: 120))
        var report = RolloutReport(ResourceID(.workload, "web"), state)
        report.counts = RolloutCounts(desired: 8, total: 9, updated: 3, available: 2, ready: 8)
        report.secondsLeft = 580
        return report
    }

    @Test("one says how far it is, when it fails, and where it would go back to")
    func text() {
        #expect(
            RolloutRenderer.text(report) == """
                Workload/web
                  revision   2222222
                  phase      Progressing
                  cause      Commit
                  members    3 of 8 updated, 2 available, 9 in all
                  started    1970-01-01T00:02:00Z
                  progress   1970-01-01T00:02:00Z
                  fails in   9m40s without progress
                  last good  1111111
                """)
    }

    @Test("all of them are a line each, and so are those that are over")
    func lists() {
        #expect(
            RolloutRenderer.list([report]) == """
                NAME  REVISION  PHASE        CAUSE   UPDATED  AVAILABLE  MESSAGE
                web   2222222   Progressing  Commit  3/8      2
                """)
        #expect(
            RolloutRenderer.history([report]) == """
                NAME  REVISION  OUTCOME   CAUSE   STARTED               ENDED                 MESSAGE
                web   1111111   Complete  Commit  1970-01-01T00:00:00Z  1970-01-01T00:01:00Z
                """)
        #expect(RolloutRenderer.list([]) == "Nothing is rolled out on this host.")
        #expect(RolloutRenderer.history([]) == "No rollout is over yet.")
    }
}
