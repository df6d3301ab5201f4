package import Reconciler

/// The address of a repository, after our own rules have passed it.
///
/// Only schemes that prove who answers are taken, and nothing that a shell, a transport helper or a log could
/// misread. The text that passed is the text that is given to libgit2.
package struct RepositoryURL: Hashable, Sendable {
    package enum Scheme: String, Hashable, Sendable {
        case https, ssh, http, file
    }

    package let scheme: Scheme
    /// Empty for `file:`.
    package let host: String
    /// Who asks over ssh: `git` unless the address names somebody else.
    package let user: String
    /// The port that known_hosts is asked about; nil for the scheme's own.
    package let port: UInt16?
    package let text: String

    /// The folder of a repository on this host; nil for others, and where it is written with escapes.
    var localPath: String? {
        guard scheme == .file, !text.contains("%") else { return nil }
        return text.firstRange(of: "://").map { String(text[$0.upperBound...]) }
    }

    /// - Parameter allowInsecure: admits `http:` and `file:`.
    /// - Throws: `SourceError` with `invalidConfiguration`; the message shows the address without its secrets.
    package init(_ text: String, allowInsecure: Bool) throws(SourceError) {
        try Self.checkCharacters(text)
        guard let colon = text.firstRange(of: "://") else {
            self = try Self.scpLike(text)
            return
        }
        let schemeName = text[..<colon.lowerBound].lowercased()
        guard let scheme = Scheme(rawValue: schemeName) else {
            throw Self.refusal(text, "'\(schemeName)' is not a scheme that we use: use https or ssh")
        }
        if scheme == .http || scheme == .file {
            guard allowInsecure else {
                throw Self.refusal(
                    text,
                    "\(scheme.rawValue) proves nothing about the server: use https or ssh, or say --allow-insecure (source.allowInsecure)"
                )
            }
        }
        let rest = text[colon.upperBound...]
        let authority = rest.prefix { $0 != "/" }
        let path = rest.dropFirst(authority.count)
        guard path.count > 1 else { throw Self.refusal(text, "it names no repository after the host") }
        (user, host, port) = try Self.parse(authority: authority, scheme: scheme, in: text)
        self.scheme = scheme
        self.text = text
    }

    private init(scheme: Scheme, user: String, host: String, text: String) {
        self.scheme = scheme
        self.user = user
        self.host = host
        port = nil
        self.text = text
    }

    /// `user@host:path`: what is before the first colon may hold no slash.
    private static func scpLike(_ text: String) throws(SourceError) -> RepositoryURL {
        guard let colon = text.firstIndex(of: ":"), !text[..<colon].contains("/") else {
            throw refusal(text, "it has no scheme: write https://..., ssh://... or user@host:path")
        }
        let path = text[text.index(after: colon)...]
        if path.hasPrefix(":") { throw refusal(text, "transport helpers are not used: use https or ssh") }
        if path.contains("@") {
            throw refusal(text, "it seems to hold a password: secrets do not belong into the address")
        }
        guard !path.isEmpty, !path.hasPrefix("-") else { throw refusal(text, "it names no repository after the host") }
        let (user, host, _) = try parse(authority: text[..<colon], scheme: .ssh, in: text)
        return RepositoryURL(scheme: .ssh, user: user, host: host, text: text)
    }

    private static func parse(
        authority: Substring, scheme: Scheme, in text: String
    ) throws(SourceError) -> (user: String, host: String, port: UInt16?) {
        if scheme == .file {
            guard authority.isEmpty else { throw refusal(text, "a file address has no host: write file:///path") }
            return ("", "", nil)
        }
        var user: Substring = "git"
        var hostAndPort = authority
        if let at = authority.lastIndex(of: "@") {
            user = authority[..<at]
            try check(user: user, scheme: scheme, in: text)
            hostAndPort = authority[authority.index(after: at)...]
        }
        let (host, port) = try split(hostAndPort, in: text)
        let isName = host.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
        let isAddress = host.contains(":") && host.utf8.allSatisfy { isHexDigit($0) || $0 == UInt8(ascii: ":") }
        guard !host.isEmpty, !host.hasPrefix("-"), isName || isAddress else {
            throw refusal(text, "'\(host)' is not a host name or address")
        }
        return (String(user), host.lowercased(), port)
    }

    private static func check(user: Substring, scheme: Scheme, in text: String) throws(SourceError) {
        // A lone user name of an https address is, as often as not, a token.
        guard scheme == .ssh, !user.contains(":") else {
            throw refusal(text, "secrets do not belong into the address: configure a token file or variable")
        }
        guard !user.isEmpty, !user.hasPrefix("-"),
            user.utf8.allSatisfy({ isLetterOrDigit($0) || [0x2d, 0x2e, 0x5f].contains($0) })
        else { throw refusal(text, "'\(user)' is not a user name") }
    }

    private static func split(_ authority: Substring, in text: String) throws(SourceError) -> (String, UInt16?) {
        var host = authority
        var port: Substring?
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            host = authority[authority.index(after: authority.startIndex)..<end]
            let rest = authority[authority.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else {
                throw refusal(text, "'\(authority)' is not a host and port")
            }
            port = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            port = authority[authority.index(after: colon)...]
        }
        guard let port else { return (String(host), nil) }
        guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt16(port), number != 0 else {
            throw refusal(text, "'\(port)' is not a port (1-65535)")
        }
        return (String(host), number)
    }

    private static func checkCharacters(_ text: String) throws(SourceError) {
        guard !text.isEmpty, text.utf8.count <= 2_048 else {
            throw SourceError(.invalidConfiguration, "the repository's address must have 1 to 2048 characters")
        }
        guard !text.hasPrefix("-") else { throw refusal(text, "it begins with '-', as an option would") }
        // Quotes and backslashes would reach the shell on the other side of ssh; the others have no place in an address.
        let refused = Set("'\"`\\<>?#!$;&|*".utf8)
        guard text.utf8.allSatisfy({ (0x21...0x7e).contains($0) && !refused.contains($0) }) else {
            throw refusal(
                text, "it holds a blank, a control character, a quote or another character that we do not pass on")
        }
    }

    private static func refusal(_ text: String, _ reason: String) -> SourceError {
        SourceError(
            .invalidConfiguration, "the repository's address '\(Redaction().apply(to: text))' is refused: \(reason)")
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        isHexDigit(byte) || (0x61...0x7a).contains(byte | 0x20)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }
}
