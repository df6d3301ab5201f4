/// A JSON value whose objects keep the order of their keys, so that equal values are equal bytes.
package indirect enum JSON: Equatable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([Member])

    package struct Member: Equatable, Sendable {
        package var key: String
        package var value: JSON

        package init(_ key: String, _ value: JSON) {
            self.key = key
            self.value = value
        }
    }

    /// The value of a key; nil when there is none, or when this is no object.
    package subscript(key: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    /// The objects' members one after the other; anything else has none.
    static func + (a: JSON, b: JSON) -> JSON {
        guard case .object(let first) = a, case .object(let second) = b else { return a }
        return .object(first + second)
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .boolean(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements.map { Member($0, $1) }) }

    static func strings(_ texts: [String]) -> JSON { .array(texts.map { .string($0) }) }
}

extension JSON {
    /// The value that YAML reads from text; nil for text that is not exactly one document.
    package init?(yaml text: String) {
        let stream = YAMLReader.read(SpecFile(path: "", bytes: Array(text.utf8)))
        guard stream.diagnostics.isEmpty, stream.documents.count == 1 else { return nil }
        self.init(stream.documents[0].root)
    }

    /// The value of a node; numbers that no integer holds are numbers all the same.
    init(_ node: YAMLNode) {
        switch node.content {
        case .sequence(let items): self = .array(items.map { JSON($0) })
        case .mapping(let pairs): self = .object(pairs.map { Member($0.key, JSON($0.value)) })
        case .scalar(let scalar):
            switch scalar.value {
            case .null: self = .null
            case .bool(let value): self = .boolean(value)
            case .integer(let value): self = .integer(value)
            case .float, .hugeInteger, .leadingZero:
                self = Double(scalar.text).map { .number($0) } ?? .string(scalar.text)
            case .string: self = .string(scalar.text)
            }
        }
    }
}
