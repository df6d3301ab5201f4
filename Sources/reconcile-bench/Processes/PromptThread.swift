import Glibc

/// Threads of the bench that the kernel runs before all ordinary ones: whoever takes the time must not be late itself.
enum PromptThread {
    /// Root may, unless the control group of this process has no share of such threads.
    static let isAllowed: Bool = {
        let before = sched_getscheduler(0)
        defer { if before == SCHED_OTHER { set(SCHED_OTHER, 0) } }
        return set(SCHED_FIFO, 1)
    }()

    /// Has the thread of the caller run so for the rest of its life.
    static func enter() { set(SCHED_FIFO, 1) }

    @discardableResult
    private static func set(_ policy: CInt, _ priority: CInt) -> Bool {
        var parameters = sched_param(sched_priority: priority)
        return sched_setscheduler(0, policy, &parameters) == 0
    }
}
