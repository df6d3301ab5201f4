import FoundationEssentials
import Specs

/// The lines of an allowed signers file (`ssh-keygen(1)`, ALLOWED SIGNERS).
///
/// It is `ssh-keygen` that decides by them. They are read here to refuse a file that cannot mean what it says, and to
/// explain a refusal.
struct AllowedSigners: Sendable {
    struct Line: Hashable, Sendable {
        var principals: String
        /// Names in lower case, values without quotes; empty for those without a value.
        var options: [String: String]
        var key: PublicKey

        /// Whether the line lets its key sign for git.
        var isForGit: Bool {
            guard let namespaces = options["namespaces"] else { return true }
            return namespaces.split(separator: ",").contains { $0 == "git" || $0 == "*" || $0 == "git*" }
        }

        /// Dates are local time in that file; a day more or less matters to the explanation only.
        func isExpired(at now: Instant) -> Bool {
            Self.digits(options["valid-before"]).map { $0 <= Self.digits(now) } ?? false
        }

        func isNotYetValid(at now: Instant) -> Bool {
            Self.digits(options["valid-after"]).map { $0 > Self.digits(now) } ?? false
        }

        /// Fourteen digits, from year to second, that can be compared.
        private static func digits(_ option: String?) -> String? {
            option.map { String(($0.filter(\.isNumber) + "000000").prefix(14)) }
        }

        static func digits(_ moment: Instant) -> String { moment.description.filter(\.isNumber) }
    }

    /// The file as it is.
    let bytes: [UInt8]
    private(set) var lines: [Line] = []
    /// The first line, from 1 on, that names no key.
    private(set) var unreadableLine: Int?

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        let text = String(decoding: bytes, as: UTF8.self)
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let fields = Self.split(line, at: \.isWhitespace)
            guard let first = fields.first, !first.hasPrefix("#") else { continue }
            if let parsed = Self.parse(fields) {
                lines.append(parsed)
            } else {
                unreadableLine = unreadableLine ?? number + 1
            }
        }
    }

    func lines(of key: PublicKey) -> [Line] { lines.filter { $0.key == key } }

    /// The names in all lines that let the key sign for git: `find-principals` tells of the first line of a key only,
    /// whatever that one is for.
    func namesForGit(of key: PublicKey) -> [String] {
        lines(of: key).filter(\.isForGit).flatMap { $0.principals.split(separator: ",").map(String.init) }
    }

    private static func parse(_ fields: [Substring]) -> Line? {
        let principals = String(fields[0]).filter { $0 != "\"" }
        if let key = PublicKey(fields: fields.dropFirst()) {
            return Line(principals: principals, options: [:], key: key)
        }
        guard fields.count > 3, let key = PublicKey(fields: fields.dropFirst(2)) else { return nil }
        var options: [String: String] = [:]
        for option in split(fields[1], at: { $0 == "," }) {
            let pair = option.split(separator: "=", maxSplits: 1)
            guard let name = pair.first else { continue }
            options[name.lowercased()] = pair.count == 2 ? pair[1].filter { $0 != "\"" } : ""
        }
        return Line(principals: principals, options: options, key: key)
    }

    /// What is in quotes is never split.
    private static func split(_ text: Substring, at isSeparator: (Character) -> Bool) -> [Substring] {
        var isQuoted = false
        return text.split { character in
            if character == "\"" { isQuoted.toggle() }
            return !isQuoted && isSeparator(character)
        }
    }
}
