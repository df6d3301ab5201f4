import Glibc
import Specs

/// The socket on which a supervisor hears how its service is, as sd_notify(3) describes it.
///
/// Each message is one datagram of `NAME=value` lines. Nothing ever waits for the supervisor: a message that does not fit
/// into its queue is not sent.
struct NotifySocket: Hashable, Sendable {
    /// A path, or `@name` for a socket in the abstract namespace, which has no file.
    let address: String

    /// - Throws: `UsageError` for an address that is neither, or too long for the kernel.
    init(_ address: String) throws(UsageError) {
        guard address.hasPrefix("/") || address.hasPrefix("@"), address.utf8.count > 1 else {
            throw UsageError(
                "NOTIFY_SOCKET \(Diagnostic.quote(address)) must be an absolute path, or '@' and a name")
        }
        guard address.utf8.count <= Self.longest else {
            throw UsageError("NOTIFY_SOCKET \(Diagnostic.quote(address)) is longer than \(Self.longest) bytes")
        }
        self.address = address
    }

    /// `sun_path` holds 108 bytes; a path also needs its closing NUL.
    private static let longest = 107

    /// Sends one message.
    ///
    /// - Returns: nil when it was handed over, else why not.
    @discardableResult
    func send(_ lines: [String]) -> String? {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        defer { close(descriptor) }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(address.utf8)
        // The leading NUL is what makes it abstract.
        if address.hasPrefix("@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
        // A path may be followed by NULs; of an abstract name they would be a part.
        let length = MemoryLayout.offset(of: \sockaddr_un.sun_path).map { $0 + bytes.count } ?? 0
        let message = Array(lines.joined(separator: "\n").utf8)
        let sent = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                sendto(
                    descriptor, message, message.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT), pointer,
                    socklen_t(length))
            }
        }
        return sent == message.count ? nil : String(cString: strerror(errno))
    }
}
