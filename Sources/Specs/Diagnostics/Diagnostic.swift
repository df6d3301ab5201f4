/// One finding about the specs: what is wrong, where, and what would be right.
package struct Diagnostic: Hashable, Codable, Sendable, CustomStringConvertible {
    package enum Severity: String, CaseIterable, Codable, Comparable, Sendable {
        /// The revision is refused.
        case error
        /// Most likely not what was meant; the revision is used.
        case warning
        /// Worth knowing.
        case info

        /// A note is less than a warning, and a warning less than an error.
        package static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }

        private var rank: Int {
            switch self {
            case .error: 2
            case .warning: 1
            case .info: 0
            }
        }
    }

    /// Another place that takes part in a finding.
    package struct Related: Hashable, Codable, Sendable {
        package var position: SourcePosition
        /// What is there, such as `first declared here`.
        package var note: String

        package init(_ position: SourcePosition, _ note: String) {
            self.position = position
            self.note = note
        }

        /// The first of several places that say the same.
        package static func first(_ position: SourcePosition) -> Self { Self(position, "first declared here") }

        fileprivate var shortDescription: String {
            note.hasPrefix("first ") ? "first at \(position)" : "\(note): \(position)"
        }
    }

    package var severity: Severity
    /// Stable, and explained by `reconcile explain`.
    package var code: Code
    package var position: SourcePosition
    /// Lower case, quotes the value, never holds a secret.
    package var message: String
    /// What would be right, such as ``did you mean `replicas`?``.
    package var hint: String?
    /// Other places that take part in the finding, such as the first of two duplicates.
    package var related: [Related]

    package init(
        _ severity: Severity, _ code: Code, at position: SourcePosition, _ message: String,
        hint: String? = nil, related: [Related] = []
    ) {
        self.severity = severity
        self.code = code
        self.position = position
        self.message = message
        self.hint = hint
        self.related = related
    }

    /// A finding as severe as its code says.
    package init(
        _ code: Code, at position: SourcePosition, _ message: String, hint: String? = nil, related: [Related] = []
    ) {
        self.init(code.severity, code, at: position, message, hint: hint, related: related)
    }

    /// A finding about what was declared before, at another place if there is one.
    package init(
        _ code: Code, at position: SourcePosition, _ message: String, hint: String? = nil, related: SourcePosition?
    ) {
        self.init(code, at: position, message, hint: hint, related: related.map { [.first($0)] } ?? [])
    }

    /// `web.yaml:6:10: error: unknown key 'replica' (did you mean 'replicas'?)`
    package var description: String {
        let others = related.map { ", " + $0.shortDescription }.joined()
        return "\(position): \(severity.rawValue): \(message)\(others)" + (hint.map { " (\($0))" } ?? "")
    }
}
