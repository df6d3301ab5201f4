import FoundationEssentials
import Specs
import Synchronization

/// Which upstream resolvers there are, the one that answered last first.
final class UpstreamServers: Sendable {
    private struct Contents {
        var read: [ServerAddress] = []
        var lastRead: ContinuousClock.Instant?
        var path: String?
        var preferred: ServerAddress?
    }

    /// A file that changed is noticed after this time.
    private static let freshness = Duration.seconds(5)

    private let contents = Mutex(Contents())

    /// - Parameter own: addresses that the filter itself listens on: it must not ask itself.
    func servers(_ settings: UpstreamSettings.Servers, without own: Set<ServerAddress>) -> [ServerAddress] {
        contents.withLock { contents in
            let all =
                switch settings {
                case .fixed(let servers): servers
                case .resolvConf(let path): Self.read(path, &contents)
                }
            let others = all.filter { !own.contains($0) }
            guard let preferred = contents.preferred, others.contains(preferred) else { return others }
            return [preferred] + others.filter { $0 != preferred }
        }
    }

    func prefer(_ server: ServerAddress) { contents.withLock { $0.preferred = server } }

    private static func read(_ path: String, _ contents: inout Contents) -> [ServerAddress] {
        let now = ContinuousClock.now
        if contents.path == path, let last = contents.lastRead, now - last < freshness { return contents.read }
        contents.path = path
        contents.lastRead = now
        // A file that is being replaced may be gone for a moment; the servers that it named last are still there.
        if let data = FileManager.default.contents(atPath: path) {
            contents.read = ServerAddress.parse(resolvConf: String(decoding: data, as: UTF8.self))
        }
        return contents.read
    }
}
