import Dispatch
import Glibc
import Synchronization

/// Brings files that were written to the disk, a moment later and on a thread of its own: it takes milliseconds, tasks share
/// a few threads, and whoever waits for a claim waits for the same disk.
final class DiskSync: Sendable {
    /// A crowd that claims at once has its answers by then.
    private static let pause = DispatchTimeInterval.milliseconds(250)

    private let queue = DispatchQueue(label: "reconcile.members.sync", qos: .utility)
    private let waiting = Mutex<[(name: String, folder: String)]>([])

    /// A file that was made, and its name in its folder.
    func soon(_ name: String, in folder: String) {
        let isFirst = waiting.withLock { waiting in
            waiting.append((name, folder))
            return waiting.count == 1
        }
        if isFirst { queue.asyncAfter(deadline: .now() + Self.pause) { self.bringAll() } }
    }

    private func bringAll() {
        let files = waiting.withLock { waiting in
            defer { waiting.removeAll() }
            return waiting
        }
        for file in files { Self.now(file.name, in: file.folder) }
    }

    /// What cannot be written is the kernel's to tell: nobody waits for it.
    static func now(_ name: String, in folder: String) {
        for path in ["\(folder)/\(name)", folder] {
            let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
            // Gone already, with the member.
            if descriptor < 0 { continue }
            fsync(descriptor)
            close(descriptor)
        }
    }

    /// Returns when all that was asked for so far is on the disk.
    func finish() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.bringAll()
                continuation.resume()
            }
        }
    }
}
