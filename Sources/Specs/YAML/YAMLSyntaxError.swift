import CLibYAML

/// What libyaml says when it cannot go on, put into our words and at the place where a person would look.
struct YAMLSyntaxError {
    private let problem: String
    private let problemMark: yaml_mark_t
    private let context: String
    private let contextMark: yaml_mark_t
    private let firstLine: Int

    /// `firstLine` is the line of the file where the parser's text begins, from 1.
    init(_ parser: yaml_parser_t, firstLine: Int) {
        self.firstLine = firstLine
        problem = parser.problem.map { String(cString: $0) } ?? "not YAML"
        problemMark = parser.problem_mark
        context = parser.context.map { String(cString: $0) } ?? ""
        contextMark = parser.context_mark
    }

    func diagnostic(in bytes: YAMLBytes) -> Diagnostic {
        let place = position(problemMark, bytes)
        if isAboutTokens, let tab = bytes.indentingTab(line: place.line) { return .tabIndentation(at: tab) }
        if problem == "found incompatible YAML document" || context == "while scanning a directive" {
            return Diagnostic(.unsupportedDirective, at: place, YAMLParts.onlySupported)
        }
        if context == "while scanning a simple key" {
            let message = "expected ':' after this key"
            return Diagnostic(.syntax, at: position(contextMark, bytes), message, hint: "check the indentation")
        }
        if context == "while scanning a quoted scalar", problem == "found unexpected end of stream" {
            return Diagnostic(.syntax, at: position(contextMark, bytes), "quoted string is never closed")
        }
        return Diagnostic(.syntax, at: place, message(place, bytes), hint: hint)
    }

    /// Where tabs make libyaml complain about something else.
    private var isAboutTokens: Bool {
        problem.contains("tab character") || problem == "found character that cannot start any token"
    }

    private func message(_ place: SourcePosition, _ bytes: YAMLBytes) -> String {
        guard !context.isEmpty else { return problem }
        let start = position(contextMark, bytes)
        let origin = start.line == place.line ? "" : " that starts on line \(start.line)"
        return "\(problem) \(context)\(origin)"
    }

    private var hint: String? {
        switch problem {
        case "found character that cannot start any token": "put the value in quotes"
        case "mapping values are not allowed in this context":
            "check the indentation, and put a value that holds ': ' in quotes"
        case "did not find expected key", "did not find expected '-' indicator": "check the indentation"
        default: nil
        }
    }

    private func position(_ mark: yaml_mark_t, _ bytes: YAMLBytes) -> SourcePosition {
        SourcePosition(in: bytes.name, line: Int(mark.line) + firstLine, column: Int(mark.column) + 1)
    }
}
