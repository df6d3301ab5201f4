/// One finding about the specs: what is wrong, where, and what would be right.
package struct Diagnostic: Hashable, Codable, Sendable, CustomStringConvertible {
    package enum Severity: String, Codable, Sendable { case error, warning }

    package var severity: Severity
    /// A stable name to switch on, such as `unknownKey`.
    package var code: Code
    package var position: SourcePosition
    /// Lower case, quotes the value, never holds a secret.
    package var message: String
    /// What would be right, such as ``did you mean `replicas`?``.
    package var hint: String?
    /// Another place that takes part in the finding, such as the first of two duplicates.
    package var related: SourcePosition?

    package init(
        _ severity: Severity, _ code: Code, at position: SourcePosition, _ message: String,
        hint: String? = nil, related: SourcePosition? = nil
    ) {
        self.severity = severity
        self.code = code
        self.position = position
        self.message = message
        self.hint = hint
        self.related = related
    }

    /// An error.
    package init(
        _ code: Code, at position: SourcePosition, _ message: String, hint: String? = nil,
        related: SourcePosition? = nil
    ) {
        self.init(.error, code, at: position, message, hint: hint, related: related)
    }

    /// `web.yaml:6:10: error: unknown key 'replica' (did you mean 'replicas'?)`
    package var description: String {
        var text = "\(position): \(severity.rawValue): \(message)"
        if let related { text += ", first at \(related)" }
        if let hint { text += " (\(hint))" }
        return text
    }
}
