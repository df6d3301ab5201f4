import Synchronization

/// Which starts of containers our own probe has found ready. A restart of the container makes it unknown again.
package final class ProbeMemory: Sendable {
    /// The start that was probed, by container.
    private let starts = Mutex<[String: String]>([:])

    package init() {}

    package func hasSucceeded(id: String, startedAt: String) -> Bool {
        starts.withLock { $0[id] == startedAt }
    }

    package func record(succeeded: Bool, id: String, startedAt: String) {
        starts.withLock { $0[id] = succeeded ? startedAt : nil }
    }

    /// Forgets containers that are gone, so that the memory does not grow.
    package func retain(_ ids: Set<String>) {
        starts.withLock { starts in starts = starts.filter { ids.contains($0.key) } }
    }

    package func forget(_ id: String) { starts.withLock { $0[id] = nil } }
}
