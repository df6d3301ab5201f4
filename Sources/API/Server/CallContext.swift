import Glibc
import Hummingbird
import NIOCore
import Synchronization

/// A request together with the connection that it came by, and who sent it.
struct CallContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    var caller = Caller.nobody
    /// Whether whoever sent it would still be let in; for answers that go on for hours.
    var isAdmitted: @Sendable () -> Bool = { true }
    let body = IncomingBody()

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// Who asks, for the audit log.
    ///
    /// - Throws: `Refusal` where nobody can say it, as of one who has gone already: nothing is done in nobody's name.
    func callerName() async throws(Refusal) -> String {
        let name: String? =
            switch caller {
            case .peer: await peerName()
            case .token(let name, _): "token \(name)"
            case .nobody: nil
            }
        guard let name else {
            throw Refusal(.forbidden, "the system does not say who asks; ask again, and wait for the answer")
        }
        return name
    }

    /// The name of the user who runs the program at the other end, as the kernel knows it; nothing that it says itself.
    ///
    /// `uid 1234` for a user without a name, nil where the kernel does not tell.
    private func peerName() async -> String? {
        guard let provider = channel as? any SocketOptionProvider else { return nil }
        do {
            let peer: PeerCredentials = try await provider.unsafeGetSocketOption(
                level: NIOBSDSocket.OptionLevel(rawValue: SOL_SOCKET), name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
            ).get()
            return PeerNames.shared.name(of: peer.user) ?? "uid \(peer.user)"
        } catch {
            return nil
        }
    }
}

/// The names of those who ask. Ten seconds may pass until a user who was renamed is called by the new name: whoever claims a
/// hundred members does not have the list of users read a hundred times.
private final class PeerNames: Sendable {
    static let shared = PeerNames()

    private struct Known {
        var name: String?
        var until: ContinuousClock.Instant
    }

    private let known = Mutex<[uid_t: Known]>([:])

    /// - Returns: nil for a user without a name.
    func name(of user: uid_t) -> String? {
        let now = ContinuousClock.now
        if let found = known.withLock({ $0[user] }), now < found.until { return found.name }
        let name = Self.look(for: user)
        known.withLock { known in
            // As many users as ask within that time.
            known = known.filter { now < $0.value.until }
            known[user] = Known(name: name, until: now + .seconds(10))
        }
        return name
    }

    private static func look(for user: uid_t) -> String? {
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
