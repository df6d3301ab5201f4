package import Reconciler

/// What was asked for, before anybody looked whether it is there.
package enum GitReference: Hashable, Sendable {
    /// A full commit id, in lower case.
    case commit(String)
    /// A name that begins with `refs/`.
    case full(String)
    /// A branch or a tag, whichever there is.
    case short(String)

    /// - Throws: `SourceError` with `invalidConfiguration` for a name that git itself would refuse, and for `HEAD`,
    ///   which follows whatever the server's owner makes the default.
    package init(_ text: String) throws(SourceError) {
        if text.utf8.count == 40, text.utf8.allSatisfy({ Self.isHexDigit($0) }) {
            self = .commit(text.lowercased())
            return
        }
        if text == "HEAD" {
            throw SourceError(.invalidConfiguration, "the reference 'HEAD' is refused: name the branch, such as 'main'")
        }
        guard Self.isValid(text) else {
            throw SourceError(
                .invalidConfiguration,
                "the reference '\(Redaction().apply(to: text))' is not a name that git allows: use a branch, a tag, "
                    + "a full commit id or refs/...")
        }
        self = text.hasPrefix("refs/") ? .full(text) : .short(text)
    }

    /// The rules of `git check-ref-format`, and no leading `-`.
    private static func isValid(_ text: String) -> Bool {
        let refused = Set(" ~^:?*[\\".utf8)
        guard !text.isEmpty, text.utf8.count <= 255, !text.hasPrefix("-"), !text.hasSuffix("."), text != "@",
            !text.contains(".."), !text.contains("@{"),
            text.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f && !refused.contains($0) })
        else { return false }
        return text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && !$0.hasPrefix(".") && !$0.hasSuffix(".lock")
        }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }
}

extension GitReference {
    /// The full name among those that the server offers; nil for a commit id, which has none.
    ///
    /// - Throws: `SourceError` with `referenceMissing` when there is none, and with `invalidConfiguration` when a
    ///   branch and a tag share the name: which one is meant must not depend on who creates the other.
    package func resolve(among offered: Set<String>) throws(SourceError) -> String? {
        if offered.isEmpty {
            throw SourceError(.referenceMissing, "the repository has no branches and no tags: it seems to be empty")
        }
        switch self {
        case .commit: return nil
        case .full(let name):
            guard offered.contains(name) else { throw Self.missing(name, offered) }
            return name
        case .short(let name):
            let found = ["refs/heads/\(name)", "refs/tags/\(name)"].filter(offered.contains)
            if found.count > 1 {
                throw SourceError(
                    .invalidConfiguration, "'\(name)' is both a branch and a tag: write '\(found[0])' or '\(found[1])'")
            }
            guard let only = found.first else { throw Self.missing(name, offered) }
            return only
        }
    }

    private static func missing(_ name: String, _ offered: Set<String>) -> SourceError {
        let branches = offered.filter { $0.hasPrefix("refs/heads/") }.sorted().map { "'\($0.dropFirst(11))'" }
        let list = branches.prefix(5).joined(separator: ", ") + (branches.count > 5 ? ", ..." : "")
        let hint = branches.isEmpty ? "there are no branches" : "there are the branches \(list)"
        return SourceError(
            .referenceMissing, Redaction().apply(to: "the server has no branch or tag '\(name)': \(hint)"))
    }
}
