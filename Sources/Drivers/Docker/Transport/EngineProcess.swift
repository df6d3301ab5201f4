import FoundationEssentials
import Glibc

/// The process behind an engine's socket: the kernel names whoever called `listen` on it (`SO_PEERCRED`, unix(7)).
///
/// Under socket activation this is systemd, which is of the same machine, and that is all that is asked here.
struct EngineProcess: Sendable {
    private let pid: Int32

    /// - Returns: nil when nobody listens, or the process is out of our sight.
    init?(listeningOn address: EngineAddress) {
        guard let pid = Self.peer(of: address.socketPath) else { return nil }
        self.pid = pid
    }

    var isAlive: Bool { access("/proc/\(pid)/root", F_OK) == 0 }

    /// A path as the process sees it, mount namespaces included.
    func path(of path: String) -> String { "/proc/\(pid)/root\(path)" }

    var sharesOurNetwork: Bool {
        guard let ours = Self.link("/proc/self/ns/net") else { return false }
        return Self.link(networkNamespace) == ours
    }

    /// The file that names its network namespace.
    var networkNamespace: String { "/proc/\(pid)/ns/net" }

    private static func link(_ path: String) -> String? {
        // No such process, or not for our eyes: then nothing is known of it.
        try? FileManager.default.destinationOfSymbolicLink(atPath: path)
    }

    private static func peer(of path: String) -> Int32? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) }
        }
        guard connected == 0 else { return nil }
        // `struct ucred`, which Swift's view of the C library leaves out.
        var credentials: (pid: Int32, uid: UInt32, gid: UInt32) = (0, 0, 0)
        var size = socklen_t(MemoryLayout.size(ofValue: credentials))
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0, credentials.pid > 0 else {
            return nil
        }
        return credentials.pid
    }
}
