import Glibc

/// One socket file, told apart from another one that is made later at the same path: `131@1795267500.25`.
package struct SocketIdentity: Hashable, Sendable, CustomStringConvertible {
    private let inode: UInt
    /// Inodes are used again; the time of the last change of the file's status is not.
    private let seconds: Int
    private let nanoseconds: Int

    /// - Returns: nil when there is no socket that we may see.
    init?(of address: EngineAddress) {
        var status = stat()
        guard stat(address.socketPath, &status) == 0 else { return nil }
        inode = status.st_ino
        seconds = status.st_ctim.tv_sec
        nanoseconds = status.st_ctim.tv_nsec
    }

    package var description: String { "\(inode)@\(seconds).\(nanoseconds)" }
}
