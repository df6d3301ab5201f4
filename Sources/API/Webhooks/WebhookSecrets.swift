import Foundation
import Logging

/// The secrets that webhooks are signed with, of a file that may change while the daemon runs.
///
/// With a file that is gone nobody is heard.
final class WebhookSecrets: Sendable {
    private static let shortest = 16

    private let file: WatchedFile<[String]>

    /// - Parameter path: of a file with one secret a line, several while one is changed.
    /// - Throws: `APISettingsError` when the file cannot be read, others may read it, or a secret is too short.
    init(path: String, logger: Logger) throws(APISettingsError) {
        file = try WatchedFile([path], event: "api.webhook-secrets", whenGone: [], logger: logger) {
            () throws(APISettingsError) in try Self.read(path)
        }
    }

    var all: [String] { file.value }

    private static func read(_ path: String) throws(APISettingsError) -> [String] {
        let text = try HostFile.text(path, of: "webhook secrets", isSecret: true)
        let secrets = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
        guard !secrets.isEmpty, secrets.allSatisfy({ $0.utf8.count >= shortest }) else {
            throw APISettingsError(
                "the file of webhook secrets '\(path)' must hold secrets of \(shortest) characters or more, one a line")
        }
        return secrets
    }
}
