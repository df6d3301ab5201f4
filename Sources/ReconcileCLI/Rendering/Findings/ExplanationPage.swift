import Specs

/// What a code means, for a terminal, for programs and for the reference page.
struct ExplanationPage {
    private let code: Diagnostic.Code
    private let explanation: Diagnostic.Explanation

    init(_ code: Diagnostic.Code) {
        self.code = code
        explanation = code.explanation
    }

    private static let isReserved = "No check of this version reports it yet."
    private static let escapes = "`\\xNN` and `\\t` stand for a byte that cannot be shown."

    private var remarks: [String] {
        (Diagnostic.Code.withoutCheck.contains(code) ? [Self.isReserved] : [])
            + (explanation.wrong?.isEscaped == true ? [Self.escapes] : [])
    }

    private var examples: [(title: String, text: String)] {
        [("Wrong", explanation.wrong), ("Right", explanation.right)].compactMap { title, example in
            example.map { (title, $0.text) }
        }
    }

    /// For a terminal, within 100 columns.
    var text: String { text(.plain) }

    func text(_ style: Style) -> String {
        let heading =
            style(code.rawValue, code.severity.role) + ": " + style(explanation.title, .strong)
            + " (\(code.severity.rawValue), \(code))"
        let paragraphs = [explanation.meaning, explanation.reason] + remarks
        let blocks = paragraphs.map { Paragraph.lines($0).joined(separator: "\n") }
        let snippets = examples.map { title, text in
            style("\(title):", title == "Right" ? .help : .error) + "\n"
                + text.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + $0 }
                .joined(separator: "\n")
        }
        return ([heading] + blocks + snippets).joined(separator: "\n\n")
    }

    /// One section of the reference page.
    var markdown: String { "### \(code.rawValue): \(explanation.title)\n\n" + markdownBody }

    var markdownBody: String {
        let severity = "`\(code)`, \(code.severity.rawValue)."
        let paragraphs = ["\(severity) \(explanation.meaning)", explanation.reason] + remarks
        let snippets = examples.map { title, text in "\(title):\n\n```yaml\n\(text)\n```" }
        return (paragraphs.flatMap { [Paragraph.lines($0, width: 120).joined(separator: "\n")] } + snippets)
            .joined(separator: "\n\n")
    }

    /// For programs; fields are only ever added within a version.
    struct Document: Encodable {
        var version = 1
        var code: String
        var name: String
        var severity: Diagnostic.Severity
        var title: String
        var meaning: String
        var reason: String
        var wrong: String?
        var right: String?
        /// False for a code that no check of this version reports.
        var reported: Bool
    }

    var document: Document {
        Document(
            code: code.rawValue, name: "\(code)", severity: code.severity, title: explanation.title,
            meaning: explanation.meaning, reason: explanation.reason, wrong: explanation.wrong?.text,
            right: explanation.right?.text, reported: !Diagnostic.Code.withoutCheck.contains(code))
    }
}
