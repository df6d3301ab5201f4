package import Reconciler

/// The folder within a repository that holds the specs, as its names from the top.
package struct SpecsPath: Hashable, Sendable {
    package let names: [String]

    /// Takes `deploy/prod`, `/deploy/prod/`, `.` and the empty text.
    ///
    /// - Throws: `SourceError` with `invalidConfiguration` for `..`, blanks and control characters.
    package init(_ text: String) throws(SourceError) {
        let names = text.split(separator: "/").filter { $0 != "." }.map(String.init)
        for name in names where name == ".." || name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) {
            throw SourceError(
                .invalidConfiguration,
                "the path '\(Redaction().apply(to: text))' is refused: it must stay within the repository")
        }
        self.names = names
    }

    package var text: String { names.joined(separator: "/") }
}
