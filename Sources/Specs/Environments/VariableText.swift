/// Text with `${{ name }}` in it, taken apart.
///
/// The form is that of GitHub Actions, because no shell gives it a meaning: `${HOME}` and `$(cmd)` in commands stay what
/// they are. `$${{` is a `${{` that is meant literally.
struct VariableText {
    enum Part: Equatable {
        case text(String)
        case variable(String)
    }

    /// Why text is not right.
    struct Problem: Error, Equatable { var message: String }

    var parts: [Part]

    /// The only variable, when the text is nothing but it.
    var wholeVariable: String? {
        if parts.count == 1, case .variable(let name) = parts[0] { name } else { nil }
    }

    /// nil when there is no variable and nothing to unescape in it.
    init?(_ text: String) throws(Problem) {
        guard text.utf8.contains(UInt8(ascii: "$")), text.contains("${{") else { return nil }
        parts = []
        var rest = text[...]
        var literal = ""
        while let start = rest.firstRange(of: "${{") {
            literal += rest[..<start.lowerBound]
            if literal.hasSuffix("$") {
                literal += "{{"
                rest = rest[start.upperBound...]
                continue
            }
            guard let end = rest[start.upperBound...].firstRange(of: "}}") else {
                throw Problem(message: "'${{' has no '}}' behind it")
            }
            let name = rest[start.upperBound..<end.lowerBound].trimming { $0 == " " }
            guard Grammar.isVariableName(name) else {
                throw Problem(message: "\(Diagnostic.quote(name)) between '${{' and '}}' is not the name of a variable")
            }
            if !literal.isEmpty { parts.append(.text(literal)) }
            literal = ""
            parts.append(.variable(String(name)))
            rest = rest[end.upperBound...]
        }
        literal += rest
        if !literal.isEmpty { parts.append(.text(literal)) }
    }
}

extension Substring {
    fileprivate func trimming(_ isBlank: (Character) -> Bool) -> Substring {
        var text = drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return text
    }
}
