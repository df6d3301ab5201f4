import Glibc
import Logging
import Specs
import Synchronization

/// The tokens of a file that may change while the daemon runs: it is read anew when it was written.
///
/// A file that has become wrong is not used: the tokens of before hold, and the log says what is wrong with it. With a file
/// that is gone all tokens are gone.
final class TokenStore: Sendable {
    private struct Contents {
        var tokens: TokenFile
        /// The file that they were read from.
        var version: FileVersion?
        /// The file that was found wrong, so that its fault is told once.
        var refused: FileVersion?
        var looked: ContinuousClock.Instant
    }

    /// What tells one state of a file from another, whatever links lead to it.
    private struct FileVersion: Equatable {
        var (device, inode, size): (UInt64, UInt64, Int64)
        var (written, changed): (Duration, Duration)

        /// nil where there is no file.
        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            (device, inode, size) = (UInt64(status.st_dev), UInt64(status.st_ino), Int64(status.st_size))
            written = .seconds(status.st_mtim.tv_sec) + .nanoseconds(status.st_mtim.tv_nsec)
            changed = .seconds(status.st_ctim.tv_sec) + .nanoseconds(status.st_ctim.tv_nsec)
        }
    }

    /// How long a change may take to be seen.
    private static let pause = Duration.seconds(1)

    private let path: String
    private let logger: Logger
    private let contents: Mutex<Contents>

    /// - Throws: `APISettingsError` when the file cannot be read or says what cannot be.
    init(path: String, logger: Logger) throws(APISettingsError) {
        self.path = path
        self.logger = logger
        // Before it is read: what is written meanwhile is then seen at the next look.
        let version = FileVersion(path)
        contents = Mutex(Contents(tokens: try Self.read(path), version: version, looked: .now))
    }

    func verdict(on token: String, now: Instant) -> TokenFile.Verdict { current.verdict(on: token, now: now) }

    private var current: TokenFile {
        contents.withLock { contents in
            guard contents.looked.duration(to: .now) >= Self.pause else { return contents.tokens }
            contents.looked = .now
            guard let version = FileVersion(path) else {
                // Whoever takes the file away takes the tokens away.
                if contents.version != nil {
                    logger.error("tokens", metadata: ["event": "api.tokens-gone", "message": "'\(path)' is gone"])
                }
                (contents.tokens, contents.version, contents.refused) = (TokenFile(), nil, nil)
                return contents.tokens
            }
            if version == contents.version { return contents.tokens }
            do throws(APISettingsError) {
                contents.tokens = try Self.read(path)
                (contents.version, contents.refused) = (version, nil)
            } catch {
                // It is tried again at every look: what was in the way may pass without a change of the file.
                if contents.refused != version {
                    logger.error("tokens", metadata: ["event": "api.tokens-invalid", "message": "\(error)"])
                }
                contents.refused = version
            }
            return contents.tokens
        }
    }

    private static func read(_ path: String) throws(APISettingsError) -> TokenFile {
        try TokenFile(try HostFile.text(path, of: "tokens", isSecret: false), path: path)
    }
}
