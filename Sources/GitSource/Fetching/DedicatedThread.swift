import Glibc
import Reconciler

/// Runs blocking work on a thread of its own, so that it never takes one of the few that all tasks share.
enum DedicatedThread {
    /// The thread ends with the work; the caller is suspended meanwhile.
    static func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws(SourceError) -> Value
    ) async throws(SourceError) -> Value {
        let outcome = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, SourceError>, Never>) in
            start(Job { continuation.resume(returning: Result(catching: work)) }) {
                let reason = SystemError.text($0)
                continuation.resume(
                    returning: .failure(SourceError(.limitExceeded, "cannot start a thread for the specs: \(reason)")))
            }
        }
        return try outcome.get()
    }

    private final class Job: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    private static func start(_ job: Job, onFailure: (Int32) -> Void) {
        let retained = Unmanaged.passRetained(job)
        var thread = pthread_t()
        let failure = pthread_create(
            &thread, nil,
            { raw in
                if let raw { Unmanaged<Job>.fromOpaque(raw).takeRetainedValue().run() }
                return nil
            }, retained.toOpaque())
        guard failure == 0 else {
            retained.release()
            return onFailure(failure)
        }
        pthread_detach(thread)
    }
}
