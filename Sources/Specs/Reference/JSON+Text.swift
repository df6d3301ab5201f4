extension JSON {
    /// Indented by two blanks a level; what fits on a line of 100 characters and holds no object within stays on it.
    package var text: String { lines(indent: "") }

    private func lines(indent: String) -> String {
        let short = line
        if isFlat, indent.count + short.count <= 100 { return short }
        let inner = indent + "  "
        switch self {
        case .array(let items) where !items.isEmpty:
            let rows = items.map { inner + $0.lines(indent: inner) }
            return "[\n" + rows.joined(separator: ",\n") + "\n" + indent + "]"
        case .object(let members) where !members.isEmpty:
            let rows = members.map { inner + Self.quoted($0.key) + ": " + $0.value.lines(indent: inner) }
            return "{\n" + rows.joined(separator: ",\n") + "\n" + indent + "}"
        default: return short
        }
    }

    /// Whether there are at most lists and objects of scalars in it.
    private var isFlat: Bool {
        switch self {
        case .array(let items): items.allSatisfy(\.isScalar)
        case .object(let members): members.allSatisfy(\.value.isScalar)
        default: true
        }
    }

    private var isScalar: Bool {
        switch self {
        case .array(let items): items.isEmpty
        case .object(let members): members.isEmpty
        default: true
        }
    }

    private var line: String {
        switch self {
        case .null: "null"
        case .boolean(let value): String(value)
        case .integer(let value): String(value)
        case .number(let value): Int64(exactly: value).map { String($0) } ?? String(value)
        case .string(let text): Self.quoted(text)
        case .array(let items): "[" + items.map(\.line).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { Self.quoted($0.key) + ": " + $0.value.line }.joined(separator: ", ") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
