import Specs

/// Findings as workflow commands, which GitHub Actions shows beside the lines of a change.
///
/// The syntax is that of `@actions/core`: data escapes `%`, CR and LF; properties also `:` and `,`.
enum WorkflowCommands {
    static func text(_ report: FindingsReport) -> String {
        (report.diagnostics.map(command) + [report.summary]).joined(separator: "\n")
    }

    static func command(_ diagnostic: Diagnostic) -> String {
        let properties = [
            ("file", diagnostic.position.file), ("line", String(diagnostic.position.line)),
            ("col", String(diagnostic.position.column)),
            ("title", "\(diagnostic.code.rawValue): \(diagnostic.code.explanation.title)"),
        ]
        var lines = [diagnostic.message]
        if let hint = diagnostic.hint { lines.append("help: \(hint)") }
        lines += diagnostic.related.map { "\($0.position): \($0.note)" }
        return command(name(diagnostic.severity), properties, lines.joined(separator: "\n"))
    }

    /// `::notice file=web.yaml,line=3::message`, with everything escaped that would end it.
    static func command(_ name: String, _ properties: [(String, String)], _ message: String) -> String {
        let list = properties.map { "\($0)=\(property($1))" }.joined(separator: ",")
        return "::\(name) \(list)::\(data(message))"
    }

    private static func name(_ severity: Diagnostic.Severity) -> String {
        switch severity {
        case .error: "error"
        case .warning: "warning"
        case .info: "notice"
        }
    }

    private static func data(_ text: String) -> String { escaped(text, "%\r\n") }

    private static func property(_ text: String) -> String { escaped(text, "%\r\n:,") }

    /// Scalar by scalar: CR and LF together are one character, which is neither of the two.
    private static func escaped(_ text: String, _ special: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if special.unicodeScalars.contains(scalar) {
                let hex = String(scalar.value, radix: 16, uppercase: true)
                result += "%" + (hex.count < 2 ? "0" : "") + hex
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
