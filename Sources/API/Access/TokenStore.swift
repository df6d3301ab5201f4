import Logging
import Specs

/// The tokens of a file that may change while the daemon runs. With a file that is gone all tokens are gone.
final class TokenStore: Sendable {
    private let file: WatchedFile<TokenFile>

    /// - Throws: `APISettingsError` when the file cannot be read or says what cannot be.
    init(path: String, logger: Logger) throws(APISettingsError) {
        file = try WatchedFile([path], event: "api.tokens", whenGone: TokenFile(), logger: logger) {
            () throws(APISettingsError) in
            try TokenFile(try HostFile.text(path, of: "tokens", isSecret: false), path: path)
        }
    }

    func verdict(on token: String, now: Instant) -> TokenFile.Verdict { file.value.verdict(on: token, now: now) }
}
