import Synchronization

/// The probe of each container that was still running when its time was over.
///
/// The engine has no call that ends a command that it has begun, and an image need not hold a program that could. So a
/// container gets no further probe while one hangs in it: however often it is asked, it holds one process that hangs,
/// and after a restart of the daemon, which does not know of that one, one more.
final class OpenProbes: Sendable {
    private let execs = Mutex<[String: String]>([:])

    /// The exec that hangs in this container, by the ids of both.
    subscript(_ container: String) -> String? {
        get { execs.withLock { $0[container] } }
        set { execs.withLock { $0[container] = newValue } }
    }
}
