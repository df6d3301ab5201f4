/// Takes secrets, control characters and excess length out of texts that a person will read.
///
/// Texts of libgit2 repeat addresses, and texts of a server are whatever the server likes.
package struct Redaction: Sendable {
    private let secrets: [String]
    private static let maximumLength = 400

    /// - Parameter secrets: values that must never be shown, such as the token of this fetch.
    package init(secrets: [String] = []) {
        self.secrets = secrets.filter { !$0.isEmpty }
    }

    /// The text on one line, with `***` in place of every secret.
    package func apply(to text: String) -> String {
        var result = text
        for secret in secrets { result = result.replacing(secret, with: "***") }
        result = result.split(separator: " ", omittingEmptySubsequences: false).map(Self.hideUser).joined(
            separator: " ")
        let printable = result.unicodeScalars.map { Self.isPrintable($0) ? Character($0) : " " }
        return String(printable.prefix(Self.maximumLength))
    }

    /// The text as it is, but for users and passwords in addresses.
    package static func hidingUsers(in text: String) -> String {
        guard text.contains("@") else { return text }
        return text.split(separator: " ", omittingEmptySubsequences: false).map(hideUser).joined(separator: " ")
    }

    /// `scheme://user:password@host` and `user:password@host` become `scheme://***@host` and `***@host`.
    private static func hideUser(in word: Substring) -> String {
        let start = word.firstRange(of: "://")?.upperBound ?? word.startIndex
        let authority = word[start...].prefix { $0 != "/" }
        guard let at = authority.lastIndex(of: "@") else { return String(word) }
        // `git@host:path` is how ssh is written, and no secret.
        if start == word.startIndex && !authority[..<at].contains(":") { return String(word) }
        return word[..<start] + "***" + word[at...]
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: false
        default: true
        }
    }
}
