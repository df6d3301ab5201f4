import FoundationEssentials
import Glibc
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
            text = try SecretFile.read(path, what: "token file", ownerOnly: false)
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

    private func loadPrivateKey() throws(SourceError) -> String {
        guard let privateKeyFile else {
            throw SourceError(.invalidConfiguration, "ssh needs a private key file, and none is configured")
        }
        return try SecretFile.read(privateKeyFile, what: "private key file", ownerOnly: true)
    }

    private func loadKnownHosts() throws(SourceError) -> String {
        guard let knownHostsFile else {
            throw SourceError(
                .invalidConfiguration,
                "ssh needs a known_hosts file, and none is configured: make one with ssh-keyscan and compare it")
        }
        return try SecretFile.read(knownHostsFile, what: "known_hosts file", ownerOnly: false)
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

/// Reads a small file after looking at who else could have read or written it.
enum SecretFile {
    private static let maximumBytes = 32 << 10

    /// - Parameter ownerOnly: refuses a file that is not ours, or that anybody else may read, as ssh does.
    static func read(_ path: String, what: String, ownerOnly: Bool) throws(SourceError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw SourceError(.invalidConfiguration, "cannot open the \(what) '\(path)': \(SystemError.text(errno))")
        }
        defer { close(descriptor) }
        // The descriptor is asked, not the path: what is checked is then what is read.
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw SourceError(.invalidConfiguration, "the \(what) '\(path)' is not a regular file")
        }
        if ownerOnly { try checkOwner(of: path, what: what, status) }
        guard status.st_size <= maximumBytes, let bytes = Descriptor.readAll(descriptor, limit: maximumBytes),
            let text = String(validating: bytes, as: UTF8.self)
        else {
            throw SourceError(.invalidConfiguration, "the \(what) '\(path)' is not a text of at most 32 KiB")
        }
        return text
    }

    private static func checkOwner(of path: String, what: String, _ status: stat) throws(SourceError) {
        guard status.st_uid == geteuid() else {
            throw SourceError(
                .invalidConfiguration,
                "the \(what) '\(path)' belongs to user \(status.st_uid), not to user \(geteuid()) that we run as")
        }
        let mode = status.st_mode & 0o777
        guard mode == 0o600 || mode == 0o400 else {
            throw SourceError(
                .invalidConfiguration,
                "the \(what) '\(path)' has mode 0\(String(mode, radix: 8)): it must be 0600 or 0400")
        }
    }
}
