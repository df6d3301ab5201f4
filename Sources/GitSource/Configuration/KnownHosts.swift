import Crypto
import FoundationEssentials

/// The host keys that we trust, in the format of OpenSSH (`sshd(8)`, SSH_KNOWN_HOSTS FILE FORMAT).
///
/// libgit2 looks only into the home of the user, so the file is read here. Certificate authorities are not supported:
/// a line that begins with `@cert-authority` vouches for nobody.
package struct KnownHosts: Sendable {
    package enum Verdict: Hashable, Sendable {
        case trusted
        /// No line names this host.
        case unknown
        /// The host is named with other keys only.
        case changed
        case revoked
    }

    private struct Line {
        var isRevoked: Bool
        var patterns: [Substring]
        var type: String
        var key: Data
    }

    private let lines: [Line]

    /// Lines that cannot be read are skipped: they can only take trust away.
    package init(_ text: String) {
        lines = text.split(whereSeparator: \.isNewline).compactMap(Self.parse)
    }

    /// Compares the key that a server showed with those that are known for it.
    ///
    /// - Parameters:
    ///   - port: nil or 22 for the usual one; any other is looked up as `[host]:port` only, as OpenSSH does.
    ///   - key: the key in its wire format.
    package func verdict(host: String, port: UInt16?, key: [UInt8]) -> Verdict {
        judge(host: host, port: port) { $0 == Data(key) }
    }

    /// The same for a server of which only the hash of its key can be had.
    package func verdict(host: String, port: UInt16?, keySHA256: [UInt8]) -> Verdict {
        judge(host: host, port: port) { Array(SHA256.hash(data: $0)) == keySHA256 }
    }

    /// Plain lines for one host, strongest key type first.
    ///
    /// libgit2 asks a server for the type of the first key in `~/.ssh/known_hosts`, and takes the server's choice
    /// otherwise, which may be a type that is not in our file.
    package func plainLines(host: String, port: UInt16?) -> String {
        let name = Self.lookupName(host: host, port: port)
        let preferred = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"]
        return preferred.flatMap { type in
            lines.filter { !$0.isRevoked && $0.type == type && Self.matches($0.patterns, name) }
        }.map { "\(name) \($0.type) \($0.key.base64EncodedString())\n" }.joined()
    }

    private func judge(host: String, port: UInt16?, isShown: (Data) -> Bool) -> Verdict {
        let name = Self.lookupName(host: host, port: port)
        let named = lines.filter { Self.matches($0.patterns, name) }
        if named.contains(where: { $0.isRevoked && isShown($0.key) }) { return .revoked }
        let trusted = named.filter { !$0.isRevoked }
        if trusted.contains(where: { isShown($0.key) }) { return .trusted }
        return trusted.isEmpty ? .unknown : .changed
    }

    private static func lookupName(host: String, port: UInt16?) -> String {
        guard let port, port != 22 else { return host.lowercased() }
        return "[\(host.lowercased())]:\(port)"
    }

    private static func parse(_ line: Substring) -> Line? {
        var fields = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        guard let first = fields.first, !first.hasPrefix("#") else { return nil }
        if first.hasPrefix("@") {
            guard first == "@revoked" else { return nil }
            fields.removeFirst()
        }
        guard fields.count >= 3, let key = Data(base64Encoded: String(fields[2])) else { return nil }
        let patterns = fields[0].split(separator: ",")
        return Line(isRevoked: first == "@revoked", patterns: patterns, type: String(fields[1]), key: key)
    }

    /// One negated pattern that matches outweighs all others of its line.
    private static func matches(_ patterns: [Substring], _ name: String) -> Bool {
        var isMatched = false
        for pattern in patterns {
            if pattern.hasPrefix("!") {
                if matches(pattern.dropFirst(), name) { return false }
            } else if matches(pattern, name) {
                isMatched = true
            }
        }
        return isMatched
    }

    private static func matches(_ pattern: Substring, _ name: String) -> Bool {
        if pattern.hasPrefix("|") { return matchesHash(pattern, name) }
        return matchesWildcards(Array(pattern.lowercased().utf8), Array(name.utf8))
    }

    /// `|1|salt|hash`, where the hash is HMAC-SHA1 of the name with the salt as its key.
    private static func matchesHash(_ pattern: Substring, _ name: String) -> Bool {
        let fields = pattern.split(separator: "|")
        guard fields.count == 3, fields[0] == "1", let salt = Data(base64Encoded: String(fields[1])),
            let hash = Data(base64Encoded: String(fields[2]))
        else { return false }
        let code = HMAC<Insecure.SHA1>.authenticationCode(for: Data(name.utf8), using: SymmetricKey(data: salt))
        return Data(code) == hash
    }

    /// `*` and `?`, in time proportional to the product of both lengths.
    private static func matchesWildcards(_ pattern: [UInt8], _ name: [UInt8]) -> Bool {
        var reachable = Set([0])  // how much of the pattern may be used up
        func skipStars(_ positions: Set<Int>) -> Set<Int> {
            var all = positions
            for position in positions {
                var next = position
                while next < pattern.count, pattern[next] == UInt8(ascii: "*") {
                    next += 1
                    all.insert(next)
                }
            }
            return all
        }
        for byte in name {
            var next: Set<Int> = []
            for position in skipStars(reachable) where position < pattern.count {
                switch pattern[position] {
                case UInt8(ascii: "*"): next.insert(position)
                case UInt8(ascii: "?"), byte: next.insert(position + 1)
                default: break
                }
            }
            reachable = next
        }
        return skipStars(reachable).contains(pattern.count)
    }
}
