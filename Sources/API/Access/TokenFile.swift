import Crypto
import Specs

/// The bearer tokens that a host lets in, each by its SHA-256: whoever reads the file has no token.
///
///     # name  role      SHA-256 of the token, in hexadecimal                                      expires
///     ci      operator  9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  2027-01-01T00:00:00Z
package struct TokenFile: Hashable, Sendable {
    struct Entry: Hashable, Sendable {
        var name: String
        var role: Role
        var digest: [UInt8]
        /// nil never ends.
        var expires: Instant?
    }

    /// What became of a token that somebody showed.
    enum Verdict: Hashable, Sendable {
        case known(name: String, Role)
        case expired(name: String)
        case unknown
    }

    let entries: [Entry]

    /// Lets nobody in.
    init() { entries = [] }

    /// - Parameters:
    ///   - text: the whole file.
    ///   - path: of the file, for messages.
    /// - Throws: `APISettingsError` that names the line and what would be right; never a token.
    package init(_ text: String, path: String) throws(APISettingsError) {
        var entries: [Entry] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" || $0 == "\r" }
            if words.isEmpty { continue }
            let entry = try Self.entry(words, at: "\(path):\(index + 1)")
            if entries.contains(where: { $0.name == entry.name }) {
                throw APISettingsError("\(path):\(index + 1): the name '\(entry.name)' is there already")
            }
            entries.append(entry)
        }
        self.entries = entries
    }

    private static func entry(_ words: [Substring], at place: String) throws(APISettingsError) -> Entry {
        guard (3...4).contains(words.count) else {
            throw APISettingsError(
                "\(place): a line is 'NAME ROLE SHA256 [EXPIRES]', and this one has \(words.count) words")
        }
        guard let role = Role(rawValue: String(words[1])) else {
            throw APISettingsError("\(place): '\(words[1])' is no role; it is viewer, user, operator or admin")
        }
        guard let digest = Hexadecimal.bytes(words[2]), digest.count == SHA256.byteCount else {
            throw APISettingsError(
                "\(place): the third word must be the SHA-256 of the token, 64 hexadecimal digits, and never the token")
        }
        var expires: Instant?
        if words.count == 4 {
            do throws(InvalidText) {
                expires = try Instant.parse(String(words[3]))
            } catch {
                throw APISettingsError("\(place): \(error)")
            }
        }
        return Entry(name: String(words[0]), role: role, digest: digest, expires: expires)
    }

    /// What stands in the file for a token: its SHA-256 in hexadecimal.
    package static func digest(of token: String) -> String {
        Hexadecimal.text(SHA256.hash(data: Array(token.utf8)))
    }

    /// Takes as long whichever entry it is, and whether it is one.
    func verdict(on token: String, now: Instant) -> Verdict {
        let digest = Array(SHA256.hash(data: Array(token.utf8)))
        var found: Entry?
        for entry in entries where ConstantTime.isEqual(entry.digest, digest) { found = entry }
        guard let found else { return .unknown }
        if let expires = found.expires, expires <= now { return .expired(name: found.name) }
        return .known(name: found.name, found.role)
    }
}
