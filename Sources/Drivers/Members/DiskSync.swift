import Dispatch
import Glibc

/// Brings files that were written to the disk, a moment later and on a thread of its own: it takes milliseconds, and tasks
/// share a few threads.
final class DiskSync: Sendable {
    private let queue = DispatchQueue(label: "reconcile.members.sync", qos: .utility)

    /// A file that was made, and its name in its folder.
    func soon(_ name: String, in folder: String) {
        queue.async { Self.now(name, in: folder) }
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
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }
}
