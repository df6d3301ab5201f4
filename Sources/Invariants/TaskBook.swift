import Reconciler
import Specs

/// What a trace has told of tasks so far.
struct TaskBook: Sendable {
    /// What is written down of each, as of the last commit.
    var memories: [ResourceID: TaskMemory] = [:]
    /// Slots in which a container was made, whatever became of it.
    var made: [ResourceID: Set<Int>] = [:]
    /// When the container of each attempt was started.
    var starts: [MemberInstance: String] = [:]
    /// Attempts that a call started which nobody waited for any more: what runs twice then, nobody could know.
    var startedLate: Set<MemberInstance> = []
}
