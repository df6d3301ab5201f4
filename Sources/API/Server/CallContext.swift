import Glibc
import Hummingbird
import NIOCore

/// A request together with the connection that it came by.
struct PeerContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// The name of the user who runs the program at the other end, as the kernel knows it; nothing that it says itself.
    ///
    /// `uid 1234` for a user without a name, `unknown` where the kernel does not tell.
    func peerName() async -> String {
        guard let provider = channel as? any SocketOptionProvider else { return "unknown" }
        do {
            let peer: PeerCredentials = try await provider.unsafeGetSocketOption(
                level: NIOBSDSocket.OptionLevel(rawValue: SOL_SOCKET), name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
            ).get()
            return Self.userName(of: peer.user) ?? "uid \(peer.user)"
        } catch {
            return "unknown"
        }
    }

    private static func userName(of user: uid_t) -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16 << 10) { buffer in
            guard let start = buffer.baseAddress, getpwuid_r(user, &entry, start, buffer.count, &found) == 0,
                found != nil, let name = entry.pw_name
            else { return nil }
            return String(cString: name)
        }
    }
}

/// The kernel's `struct ucred`, which is what `SO_PEERCRED` answers with.
private struct PeerCredentials: Sendable {
    var process: pid_t
    var user: uid_t
    var group: gid_t
}
