import NIOCore
import NIOPosix

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

/// Where long work of a request is done, so that no other connection waits for it: threads that block now and then, and
/// never those that plans are made on.
enum Aside {
    private final class Executor: TaskExecutor {
        func enqueue(_ job: consuming ExecutorJob) {
            let job = UnownedJob(job)
            // This pool is never shut down, so that nothing is ever cancelled in it.
            NIOThreadPool.singleton.submit { _ in job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }

    private static let executor = Executor()

    static func run<Value: Sendable, Failure: Error>(
        _ work: @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await withTaskExecutorPreference(executor) { () throws(Failure) in try work() }
    }
}
