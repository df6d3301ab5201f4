import FoundationEssentials
import Glibc

/// The process behind an engine's socket, in one run of it: `4711@8812` is pid 4711, started 8,812 ticks after boot.
///
/// The kernel names whoever called `listen` on the socket (`SO_PEERCRED`, unix(7)), and `/proc/PID/stat` when that
/// process started (field 22, proc(5)). Under socket activation this is systemd: of the same machine, and no more.
package struct EngineProcess: Hashable, Sendable, CustomStringConvertible {
    let pid: Int32
    /// Clock ticks since boot.
    let started: UInt64

    package var description: String { "\(pid)@\(started)" }

    /// - Returns: nil when nobody listens, or the process is out of our sight.
    package init?(listeningOn address: EngineAddress) {
        guard let pid = Self.peer(of: address.socketPath), let started = Self.start(of: pid) else { return nil }
        self.pid = pid
        self.started = started
    }

    /// A path as the process sees it, mount namespaces included.
    func path(of path: String) -> String { "/proc/\(pid)/root\(path)" }

    var sharesOurNetwork: Bool {
        guard let ours = Self.link("/proc/self/ns/net") else { return false }
        return Self.link("/proc/\(pid)/ns/net") == ours
    }

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

    private static func start(of pid: Int32) -> UInt64? {
        guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
        // The name of the program is in brackets, and may hold spaces and brackets itself.
        let stat = String(decoding: data, as: UTF8.self)
        guard let end = stat.lastIndex(of: ")") else { return nil }
        // The third field follows the name.
        let fields = stat[stat.index(after: end)...].split(separator: " ")
        return fields.count > 19 ? UInt64(fields[19]) : nil
    }
}
