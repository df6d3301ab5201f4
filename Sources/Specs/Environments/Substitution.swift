/// Puts the values of variables into documents.
struct Substitution {
    private let declared: [String: VariableBinding]
    private let environment: String?
    private(set) var diagnostics: [Diagnostic] = []

    /// - Parameter environment: the name of the environment that gave the values; nil for none.
    init(_ declared: [String: VariableBinding], in environment: String?) {
        self.declared = declared
        self.environment = environment
    }

    /// The document with all variables of its values replaced; keys are left alone.
    mutating func apply(to node: YAMLNode) -> YAMLNode {
        switch node.content {
        case .scalar(let scalar): return apply(to: scalar, of: node)
        case .sequence(let items): return YAMLNode(.sequence(items.map { apply(to: $0) }), at: node.position)
        case .mapping(var pairs):
            for index in pairs.indices { pairs[index].value = apply(to: pairs[index].value) }
            return YAMLNode(.mapping(pairs), at: node.position)
        }
    }

    private mutating func apply(to scalar: YAMLScalar, of node: YAMLNode) -> YAMLNode {
        do throws(VariableText.Problem) {
            guard let text = try VariableText(scalar.text) else { return node }
            // A value that is the whole text keeps its type, so that a number stays a number.
            if let name = text.wholeVariable { return value(of: name, at: node.position) ?? node }
            var result = ""
            for part in text.parts {
                switch part {
                case .text(let text): result += text
                case .variable(let name):
                    guard case .scalar(let value)? = value(of: name, at: node.position)?.content else { return node }
                    result += value.text
                }
            }
            var changed = scalar
            changed.text = result
            // What was put together is text, whatever it looks like; a plain `v${{ major }}` stays plain.
            if changed.style == .plain, changed.value != .string { changed.style = .doubleQuoted }
            return YAMLNode(.scalar(changed), at: node.position)
        } catch {
            let hint = "write '$${{' for a '${{' that is meant literally"
            diagnostics.append(Diagnostic(.invalidValue, at: node.position, error.message, hint: hint))
            return node
        }
    }

    private mutating func value(of name: String, at place: SourcePosition) -> YAMLNode? {
        guard let binding = declared[name] else {
            let names = declared.keys.sorted()
            let hint =
                NearestName.hint(for: name, among: names)
                ?? "declare it in a document of kind Variables, or write '$${{' for a literal '${{'"
            diagnostics.append(
                Diagnostic(
                    .undefinedVariable, at: place, "variable \(Diagnostic.quote(name)) is not declared", hint: hint))
            return nil
        }
        if let value = binding.value { return value }
        let source = environment.map { " in environment '\($0)'" } ?? ""
        let message = "variable '\(name)' has neither a value\(source) nor a default"
        let hint = "give it a value in an Environment, or a default where it is declared"
        diagnostics.append(Diagnostic(.undefinedVariable, at: place, message, hint: hint, related: binding.place))
        return nil
    }
}

/// A declared variable and what it stands for.
struct VariableBinding {
    /// nil where neither the environment nor the declaration gives one.
    var value: YAMLNode?
    /// Where it is declared.
    var place: SourcePosition
}
