import FoundationEssentials
import HostFiles
import Reconciler

/// Where the secrets for a repository are found; they are read anew for every fetch, so that they can be rotated.
package struct GitCredentials: Hashable, Sendable {
    /// A place that holds an access token for https.
    package enum Token: Hashable, Sendable {
        case file(String)
        /// The name of an environment variable.
        case environment(String)
    }

    package var token: Token?
    /// The user name sent beside the token; most forges ignore it.
    package var tokenUser: String
    /// A private key without a passphrase, readable by its owner alone.
    package var privateKeyFile: String?
    /// The only host keys that ssh trusts; there is no trust on first use.
    package var knownHostsFile: String?

    package init(
        token: Token? = nil, tokenUser: String = "x-access-token", privateKeyFile: String? = nil,
        knownHostsFile: String? = nil
    ) {
        self.token = token
        self.tokenUser = tokenUser
        self.privateKeyFile = privateKeyFile
        self.knownHostsFile = knownHostsFile
    }
}

/// The secrets of one fetch, as they travel to the child process on its standard input.
struct LoadedCredentials: Codable, Sendable {
    var tokenUser = ""
    var token: String?
    var privateKey: String?
    var knownHosts: String?

    /// User and token as RFC 7617 spells them; nil without a token.
    var basicAuthorization: String? {
        token.map { Data("\(tokenUser):\($0)".utf8).base64EncodedString() }
    }
}

extension GitCredentials {
    /// Reads what the scheme needs and nothing else.
    ///
    /// - Throws: `SourceError` with `invalidConfiguration`, naming the file or variable and never its content.
    func load(
        for scheme: RepositoryURL.Scheme, environment: [String: String]
    ) throws(SourceError) -> LoadedCredentials {
        var loaded = LoadedCredentials(tokenUser: tokenUser)
        switch scheme {
        case .https, .http: loaded.token = try loadToken(environment)
        case .ssh:
            loaded.privateKey = try loadPrivateKey()
            loaded.knownHosts = try loadKnownHosts()
        case .file: break
        }
        return loaded
    }

    private func loadToken(_ environment: [String: String]) throws(SourceError) -> String? {
        let text: String
        let place: String
        switch token {
        case nil: return nil
        case .file(let path):
            place = "the token file '\(path)'"
            text = try Self.text(path, "token file", .open)
        case .environment(let name):
            place = "the environment variable '\(name)'"
            text = environment[name] ?? ""
        }
        let token = text.trimmingCharacters { $0.isWhitespace }
        guard !token.isEmpty else { throw SourceError(.invalidConfiguration, "\(place) holds no token") }
        guard token.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw SourceError(.invalidConfiguration, "\(place) holds more than one word: it must be the token alone")
        }
        return token
    }

    private static func text(
        _ path: String, _ what: String, _ secrecy: TrustedFile.Secrecy
    ) throws(SourceError) -> String {
        do throws(TrustedFile.Failure) {
            let bytes = try TrustedFile(path, secrecy, largest: largestFile).read().bytes
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw TrustedFile.Failure(reason: "is not a text")
            }
            return text
        } catch {
            throw SourceError(.invalidConfiguration, "the \(what) '\(path)' \(error.reason)")
        }
    }

    private static let largestFile = 32 << 10

    private func loadPrivateKey() throws(SourceError) -> String {
        guard let privateKeyFile else {
            throw SourceError(.invalidConfiguration, "ssh needs a private key file, and none is configured")
        }
        return try Self.text(privateKeyFile, "private key file", .secret)
    }

    private func loadKnownHosts() throws(SourceError) -> String {
        guard let knownHostsFile else {
            throw SourceError(
                .invalidConfiguration,
                "ssh needs a known_hosts file, and none is configured: make one with ssh-keyscan and compare it")
        }
        return try Self.text(knownHostsFile, "known_hosts file", .open)
    }
}

extension String {
    fileprivate func trimmingCharacters(_ isTrimmed: (Character) -> Bool) -> String {
        guard let first = firstIndex(where: { !isTrimmed($0) }), let last = lastIndex(where: { !isTrimmed($0) }) else {
            return ""
        }
        return String(self[first...last])
    }
}
