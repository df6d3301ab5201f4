import Foundation
import Logging
import Specs
import Synchronization

/// The tokens of a file that may change while the daemon runs: it is read anew when it was written.
///
/// A file that has become wrong is not used: the tokens of before hold, and the log says what is wrong with it.
final class TokenStore: Sendable {
    private struct Contents {
        var tokens: TokenFile
        var written: Date?
        var looked: ContinuousClock.Instant
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
        contents = Mutex(Contents(tokens: try Self.read(path), written: Self.written(path), looked: .now))
    }

    func verdict(on token: String, now: Instant) -> TokenFile.Verdict { current.verdict(on: token, now: now) }

    private var current: TokenFile {
        contents.withLock { contents in
            guard contents.looked.duration(to: .now) >= Self.pause else { return contents.tokens }
            contents.looked = .now
            let written = Self.written(path)
            if written == contents.written { return contents.tokens }
            contents.written = written
            do throws(APISettingsError) {
                contents.tokens = try Self.read(path)
            } catch {
                logger.error("tokens", metadata: ["event": "api.tokens-invalid", "message": "\(error)"])
            }
            return contents.tokens
        }
    }

    private static func written(_ path: String) -> Date? {
        // A file that has gone was written at no time, and reading it says why.
        try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
    }

    private static func read(_ path: String) throws(APISettingsError) -> TokenFile {
        try TokenFile(try HostFile.text(path, of: "tokens", isSecret: false), path: path)
    }
}
