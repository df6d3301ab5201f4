import Synchronization

/// How far the pulls under way are, for whoever shows it.
package final class PullBoard: Sendable {
    private let pulls = Mutex<[String: PullMeter]>([:])

    package init() {}

    /// By reference, in the order of references.
    package var underWay: [(reference: String, meter: PullMeter)] {
        pulls.withLock { $0.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
    }

    /// - Parameter meter: nil where the pull is over.
    func note(_ reference: String, _ meter: PullMeter?) { pulls.withLock { $0[reference] = meter } }
}
