import Reconciler
import Synchronization

/// Lets callers that want the same image at the same time share one pull.
///
/// The pull is given up when the last caller that waits for it has been cancelled.
final class SharedPulls: Sendable {
    private typealias Outcome = Result<ObservedImage, DriverError>

    private struct Pull {
        var task: Task<Outcome, Never>
        var waiters: Int
        /// Tells this pull from a later one of the same reference.
        var number: Int
    }

    private struct State {
        var pulls: [String: Pull] = [:]
        var started = 0
    }

    private let state = Mutex(State())

    func run(
        _ reference: String, _ pull: @escaping @Sendable () async throws(DriverError) -> ObservedImage
    ) async throws(DriverError) -> ObservedImage {
        let (task, number) = join(reference, pull)
        let outcome = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            leave(reference, number)
        }
        return try outcome.get()
    }

    /// How many callers wait for this reference.
    func waiters(for reference: String) -> Int { state.withLock { $0.pulls[reference]?.waiters ?? 0 } }

    private func join(
        _ reference: String, _ pull: @escaping @Sendable () async throws(DriverError) -> ObservedImage
    ) -> (Task<Outcome, Never>, Int) {
        state.withLock { state in
            if let running = state.pulls[reference] {
                state.pulls[reference]?.waiters += 1
                return (running.task, running.number)
            }
            state.started += 1
            let number = state.started
            let task = Task {
                let outcome = await Result { () async throws(DriverError) in try await pull() }
                self.finish(reference, number)
                return outcome
            }
            state.pulls[reference] = Pull(task: task, waiters: 1, number: number)
            return (task, number)
        }
    }

    private func finish(_ reference: String, _ number: Int) {
        state.withLock { state in
            if state.pulls[reference]?.number == number { state.pulls[reference] = nil }
        }
    }

    private func leave(_ reference: String, _ number: Int) {
        state.withLock { state in
            guard var pull = state.pulls[reference], pull.number == number else { return }
            pull.waiters -= 1
            state.pulls[reference] = pull
            // Whoever comes later must not join a pull that was given up.
            guard pull.waiters == 0 else { return }
            state.pulls[reference] = nil
            pull.task.cancel()
        }
    }
}
