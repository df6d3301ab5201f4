import Synchronization

/// Ends the wait between two looks at the source: somebody knows, or wants to know, that there is something new.
final class SourceTrigger: Sendable {
    private struct State {
        var isFired = false
        var sleeper: Task<Void, Never>?
    }

    private let state = Mutex(State())

    /// The next look begins now, or as soon as the one under way has ended.
    func lookNow() {
        state.withLock { state in
            state.isFired = true
            state.sleeper?.cancel()
        }
    }

    /// Waits so long, or until somebody asks for a look, or until the task is cancelled.
    func wait(for duration: Duration) async {
        // A cancelled sleep is the end of the wait, and no error.
        let sleeper = Task { _ = try? await Task.sleep(for: duration) }
        state.withLock { state in
            state.sleeper = sleeper
            if state.isFired { sleeper.cancel() }
        }
        await withTaskCancellationHandler {
            await sleeper.value
        } onCancel: {
            sleeper.cancel()
        }
        state.withLock { $0 = State() }
    }
}
