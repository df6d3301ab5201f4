import API
import Foundation
import Glibc
import Reconciler
import Specs

extension SealedSnapshot {
    /// How far from now what a daemon says may be: it keeps an answer for ten seconds, and a look may take as long as the
    /// deadline of the question.
    private static let mostSeconds: Int64 = 60

    /// Whoever signs what somebody says vouches for him. So it must be root or the same user who listens, in a folder where
    /// nobody else can put a socket, and what he says must be a snapshot, and of now.
    ///
    /// - Throws: `ClientFailure`.
    func requireTrust(inDaemonAt socket: String, now: Instant) throws {
        let folder = (socket as NSString).deletingLastPathComponent
        guard Self.isOurs(socket, S_IFSOCK), Self.isOurs(folder.isEmpty ? "." : folder, S_IFDIR) else {
            throw ClientFailure(
                description:
                    "what is said at '\(socket)' is signed only where the socket and its folder belong to root or to the "
                    + "same user, and nobody else may write to the folder")
        }
        do {
            let taken = try snapshot(trusting: nil).takenAt
            if abs(now.secondsSince1970 - taken.secondsSince1970) > Self.mostSeconds {
                throw SnapshotProblem("was made at \(taken), and is signed only when it is of now")
            }
        } catch let problem as SnapshotProblem {
            throw ClientFailure(description: "what the daemon at '\(socket)' says \(problem)")
        }
    }

    private static func isOurs(_ path: String, _ type: mode_t) -> Bool {
        var status = stat()
        guard (type == S_IFDIR ? stat(path, &status) : lstat(path, &status)) == 0 else { return false }
        // Who may write to a socket may speak to it, and no more.
        let othersWrite = type == S_IFDIR && status.st_mode & 0o022 != 0
        return status.st_mode & S_IFMT == type && (status.st_uid == 0 || status.st_uid == geteuid()) && !othersWrite
    }
}
