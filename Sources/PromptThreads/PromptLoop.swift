import CSched
import Glibc
package import NIOCore
package import NIOPosix

/// An event loop whose thread the kernel runs before all ordinary ones, for a bounded part of the time.
///
/// A host that starts containers keeps all of its processors busy. Whoever wakes up then to answer waits until others have used
/// up their slices, which takes tens of milliseconds. `SCHED_DEADLINE` gives the thread a processor at once, and bounds what it
/// can take away from others: beyond its share it waits, however many ask for something.
package struct PromptLoop: Sendable {
    private static let period = Duration.milliseconds(10)
    /// `SCHED_DEADLINE`, and the flag by which threads and processes that it starts are ordinary ones (sched(7)).
    private static let deadlinePolicy: UInt32 = 6
    private static let resetOnFork: UInt64 = 1

    package let group: MultiThreadedEventLoopGroup
    private let share: Duration

    /// A loop with a thread of its own, which lives until the group is shut down.
    ///
    /// - Parameter share: of each ten milliseconds of one processor.
    package init(share: Duration) {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        self.share = share
    }

    package var loop: any EventLoop { group.any() }

    /// Asks the kernel for it; to ask again changes nothing.
    ///
    /// - Returns: nil when the thread comes before others, else why it is scheduled like all others: it takes `CAP_SYS_NICE`,
    ///   a service that may have real-time threads, and a host with room for one.
    package func makePrompt() async -> String? {
        let outcome = await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: enter()) }
        }
        return outcome == 0 ? nil : String(cString: strerror(outcome))
    }

    /// For the thread of the caller.
    ///
    /// - Returns: 0 or errno.
    private func enter() -> Int32 {
        var schedule = thread_schedule()
        schedule.size = UInt32(MemoryLayout<thread_schedule>.size)
        (schedule.policy, schedule.flags) = (Self.deadlinePolicy, Self.resetOnFork)
        schedule.runtime = UInt64(share / .nanoseconds(1))
        schedule.deadline = UInt64(Self.period / .nanoseconds(1))
        schedule.period = schedule.deadline
        return set_thread_schedule(&schedule) == 0 ? 0 : errno
    }
}
