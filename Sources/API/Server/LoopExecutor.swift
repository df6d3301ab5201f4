import NIOCore

/// Runs tasks on the thread of an event loop.
///
/// All other tasks of the program share as many threads as the machine has processors. A short answer would wait there behind
/// whatever plan is being made or document being read; on the thread that reads and writes the connections anyway, the
/// kernel gives it its turn.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Where long work of a request is done, so that no other connection waits for it.
enum Aside {
    static func run<Value: Sendable, Failure: Error>(
        _ work: @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await withTaskExecutorPreference(globalConcurrentExecutor) { () throws(Failure) in try work() }
    }
}
