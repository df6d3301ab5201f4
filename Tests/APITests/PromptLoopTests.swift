import Foundation
import NIOCore
import PromptThreads
import Synchronization
import Testing

@Suite("Loops that come before others")
struct PromptLoopTests {
    @Test("one is scheduled so by the kernel, or says why not, and threads that it starts are ordinary")
    func scheduling() async throws {
        let prompt = PromptLoop(share: .milliseconds(1))
        let reason = await prompt.makePrompt()
        let policies = try await prompt.loop.submit { () -> [Int32] in
            let started = Lone()
            let thread = Thread { started.end(with: sched_getscheduler(0)) }
            thread.start()
            // Beside the policy there is a flag.
            return [sched_getscheduler(0) & 0xFF, started.wait()]
        }.get()
        // SCHED_DEADLINE; what a kernel or a container does not allow is no failure of ours.
        #expect(policies == (reason == nil ? [6, 0] : [0, 0]), "\(reason ?? "prompt")")
        try await prompt.group.shutdownGracefully()
    }

    /// One number from another thread.
    private final class Lone: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        private let value = Atomic<Int32>(-1)

        func end(with value: Int32) {
            self.value.store(value, ordering: .releasing)
            semaphore.signal()
        }

        func wait() -> Int32 {
            semaphore.wait()
            return value.load(ordering: .acquiring)
        }
    }
}
