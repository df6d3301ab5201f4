/// One value on its way to a type: the node, its dotted path, and where findings go.
///
/// Every accessor either gives the typed value or reports what is wrong and gives nil, so that one run finds
/// everything.
package struct Field {
    package let node: YAMLNode
    package let context: DecodingContext
    private let place: FieldPath

    /// The root of a document.
    package init(_ node: YAMLNode, in context: DecodingContext) { self.init(node, .root, context) }

    private init(_ node: YAMLNode, _ place: FieldPath, _ context: DecodingContext) {
        self.node = node
        self.place = place
        self.context = context
    }

    /// Such as `spec.template.image`; empty for the root of a document.
    package var path: String { place.keys.joined(separator: ".") }

    /// Reports a finding at the place of this value.
    package func report(
        _ code: Diagnostic.Code, _ message: String, hint: String? = nil, related: SourcePosition? = nil
    ) {
        context.report(Diagnostic(code, at: node.position, message, hint: hint, related: related))
    }

    /// Reports that the value is not what the field takes: `'spec.size' must be an integer, not the string 'many'`.
    package func reportWrongType(_ expected: String, hint: String? = nil) {
        report(.wrongType, "\(name) must be \(expected), not \(actual)", hint: hint)
    }

    /// The path in quotes, for messages.
    package var name: String { path.isEmpty ? "the document" : "'\(path)'" }

    /// What the value is, for messages: `the string 'two'`, `a list`.
    private var actual: String {
        switch node.content {
        case .sequence: return "a list"
        case .mapping: return "a map"
        case .scalar(let scalar):
            let shown = Diagnostic.quote(scalar.text)
            switch scalar.value {
            case .null: return scalar.text.isEmpty ? "empty" : "null"
            case .bool: return "the boolean \(shown)"
            case .integer, .hugeInteger: return "the integer \(shown)"
            case .leadingZero: return "\(shown) with its leading zero"
            case .float: return "the decimal number \(shown)"
            case .string: return "the string \(shown)"
            }
        }
    }

    /// The value under a key or index of this one.
    func child(_ key: String, _ node: YAMLNode) -> Field {
        Field(node, .key(key, in: place), context)
    }
}

/// The way from the root of a document to a value; put together only for those who ask.
private indirect enum FieldPath: Sendable {
    case root
    case key(String, in: FieldPath)

    var keys: [String] {
        switch self {
        case .root: []
        case .key(let key, let outer): outer.keys + [key]
        }
    }
}
