import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What is remembered of a rollout, step by step.
struct RolloutStateTests {
    private let one = Revision(id: "1111111", reference: "main")
    private let two = Revision(id: "2222222", reference: "main")
    private func at(_ seconds: Int64) -> Instant { Instant(secondsSince1970: seconds) }

    @Test("only what is further than ever before is progress")
    func progress() {
        var state = RolloutState(generation: "a", revision: one, at: at(0))
        func counts(_ updated: Int, _ available: Int) -> RolloutCounts {
            RolloutCounts(desired: 3, total: 3, updated: updated, available: available, ready: 3)
        }
        let steps = [(0, 0), (1, 0), (1, 1), (1, 0), (1, 1), (2, 1)]
        let progress = steps.enumerated().map { state.advance(to: counts($1.0, $1.1), at: at(Int64($0))) }
        #expect(progress == [false, true, true, false, false, true])
        #expect(state.lastProgress == at(5))
    }

    @Test("a rollout that fails and is rolled back is history, and so is the way back")
    func history() {
        var state = RolloutState(generation: "a", revision: one, at: at(0))
        state.complete(with: 1, at: at(1))
        state.begin(generation: "b", revision: two, cause: .commit, lastGood: one, at: at(2))
        state.fail("nothing came up", at: at(3))
        #expect(state.isOpen && state.lastGood == one)
        state.begin(generation: "a", revision: one, cause: .rollback, lastGood: nil, at: at(3))
        state.complete(with: 1, at: at(4))
        #expect(state.history.map(\.outcome) == [.complete, .rolledBack, .complete])
        #expect(state.history.map(\.cause) == [.commit, .commit, .rollback])
        #expect(state.history[1].message == "nothing came up" && state.message.isEmpty)
    }

    @Test("what is not complete when something else comes is superseded or undone")
    func superseded() {
        var state = RolloutState(generation: "a", revision: one, at: at(0))
        state.begin(generation: "b", revision: two, cause: .commit, lastGood: nil, at: at(1))
        state.begin(generation: "a", revision: one, cause: .undo, lastGood: nil, at: at(2))
        #expect(state.history.map(\.outcome) == [.superseded, .undone])
    }

    @Test("the history is bounded, and the oldest goes first")
    func bounded() {
        var state = RolloutState(generation: "a", revision: one, at: at(0))
        for number in 1...30 {
            state.complete(with: 1, at: at(Int64(number)))
            state.restart(RestartMark(incarnations: [number], by: "ada", at: at(Int64(number))))
        }
        #expect(state.history.count == RolloutState.mostEntries)
        #expect(state.history.last?.ended == at(30) && state.restart?.incarnations == [30])
    }

    @Test("one that failed and came up after all is one rollout")
    func failsAndResumes() {
        var state = RolloutState(generation: "a", revision: one, at: at(0))
        state.fail("late", at: at(1))
        state.resume()
        state.fail("late again", at: at(2))
        state.resume()
        state.complete(with: 1, at: at(3))
        #expect(state.history.map(\.outcome) == [.complete])
    }

    @Test("a template is proven by members, stays so through restarts, and not through another template")
    func proven() {
        var state = RolloutState(generation: "a", revision: one, at: at(0))
        state.complete(with: 0, at: at(1))
        #expect(!state.isProven)
        state.complete(with: 1, at: at(1))
        state.restart(RestartMark(incarnations: [1], by: "ada", at: at(2)))
        #expect(state.isProven && state.phase == .progressing)
        state.endRestart(at: at(3))
        #expect(state.isProven && state.restart == nil && state.history.last?.outcome == .undone)
        state.begin(generation: "b", revision: two, cause: .commit, lastGood: one, at: at(4))
        #expect(!state.isProven)
    }
}
