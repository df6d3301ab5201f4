@testable import Specs

/// Decides whether a value is valid by a schema of draft 2020-12, for the keywords that `JSONSchema` writes.
///
/// A keyword that it does not know is a failure of the test, so that none is passed over in silence.
struct SchemaValidator {
    private let root: JSON
    private let patterns: Patterns

    init(_ root: JSON) {
        self.root = root
        patterns = Patterns()
    }

    /// Where the value is not valid and which keyword says so; nil when it is valid.
    func problem(of value: JSON) -> String? { problem(of: value, by: root, at: "") }

    private func problem(of value: JSON, by schema: JSON, at path: String) -> String? {
        if case .boolean(let isAllowed) = schema { return isAllowed ? nil : "\(path): not allowed" }
        guard case .object(let keywords) = schema else { return "\(path): not a schema" }
        for keyword in keywords {
            if let problem = problem(of: value, by: keyword, in: schema, at: path) { return problem }
        }
        return nil
    }

    private static let annotations: Set<String> = [
        "$schema", "$defs", "title", "description", "markdownDescription", "enumDescriptions",
        "markdownEnumDescriptions", "patternErrorMessage", "examples", "default", "then",
    ]

    private func problem(of value: JSON, by keyword: JSON.Member, in schema: JSON, at path: String) -> String? {
        let argument = keyword.value
        var failure: String { "\(path): \(keyword.key) \(argument.text.prefix(200))" }
        switch keyword.key {
        case let name where Self.annotations.contains(name): return nil
        case "$ref": return problem(of: value, by: definition(argument), at: path)
        case "type":
            return argument.items.contains { $0 == .string(value.type) || isInteger(value, $0) } ? nil : failure
        case "const": return value == argument ? nil : failure
        case "enum": return argument.items.contains { $0.isEqual(to: value) } ? nil : failure
        case "pattern":
            guard let text = value.text(ifString: ()) else { return nil }
            return patterns.matches(text, argument) ? nil : failure
        case "minimum": return (value.double ?? .infinity) >= (argument.double ?? 0) ? nil : failure
        case "exclusiveMinimum": return (value.double ?? .infinity) > (argument.double ?? 0) ? nil : failure
        case "maximum": return (value.double ?? -.infinity) <= (argument.double ?? 0) ? nil : failure
        case "minItems": return Double(value.list?.count ?? .max) >= (argument.double ?? 0) ? nil : failure
        case "maxItems": return Double(value.list?.count ?? 0) <= (argument.double ?? 0) ? nil : failure
        case "minProperties": return Double(value.members?.count ?? .max) >= (argument.double ?? 0) ? nil : failure
        case "uniqueItems":
            let items = value.list ?? []
            return items.indices.allSatisfy { !items[..<$0].contains(items[$0]) } ? nil : failure
        case "required":
            guard value.members != nil else { return nil }
            return argument.items.allSatisfy { value[$0.text(ifString: ()) ?? ""] != nil } ? nil : failure
        case "properties", "additionalProperties", "propertyNames", "items":
            return problem(ofPartsOf: value, by: keyword, in: schema, at: path)
        default: return problem(of: value, byCombination: keyword, in: schema, at: path)
        }
    }

    private func problem(
        ofPartsOf value: JSON, by keyword: JSON.Member, in schema: JSON, at path: String
    ) -> String? {
        for (index, item) in (keyword.key == "items" ? value.list ?? [] : []).enumerated() {
            if let problem = problem(of: item, by: keyword.value, at: "\(path)[\(index)]") { return problem }
        }
        for member in keyword.key == "items" ? [] : value.members ?? [] {
            let inner = "\(path).\(member.key)"
            let found: String? =
                switch keyword.key {
                case "propertyNames": problem(of: .string(member.key), by: keyword.value, at: inner)
                case "additionalProperties":
                    schema["properties"]?[member.key] == nil
                        ? problem(of: member.value, by: keyword.value, at: inner) : nil
                default: keyword.value[member.key].flatMap { problem(of: member.value, by: $0, at: inner) }
                }
            if let found { return found }
        }
        return nil
    }

    private func problem(
        of value: JSON, byCombination keyword: JSON.Member, in schema: JSON, at path: String
    ) -> String? {
        let problems = keyword.value.items.map { problem(of: value, by: $0, at: path) }
        switch keyword.key {
        case "allOf": return problems.compactMap { $0 }.first
        case "anyOf": return problems.contains(nil) ? nil : problems.compactMap { $0 }.joined(separator: "; ")
        case "oneOf": return problems.count { $0 == nil } == 1 ? nil : "\(path): oneOf"
        case "not": return problem(of: value, by: keyword.value, at: path) == nil ? "\(path): not" : nil
        case "if":
            let holds = problem(of: value, by: keyword.value, at: path) == nil
            return holds ? schema["then"].flatMap { problem(of: value, by: $0, at: path) } : nil
        default: return "\(path): '\(keyword.key)' is not known to this test"
        }
    }

    private func definition(_ reference: JSON) -> JSON {
        let name = reference.text(ifString: ())?.split(separator: "/").last.map { String($0) } ?? ""
        return root["$defs"]?[name] ?? .null
    }

    private func isInteger(_ value: JSON, _ type: JSON) -> Bool {
        switch type {
        case "integer": value.double.map { $0 == $0.rounded() } ?? false
        case "number": value.double != nil
        default: false
        }
    }
}

/// Compiled once each, and asked once for each text: there are some thousands of values to look at.
private final class Patterns {
    private var compiled: [String: Regex<AnyRegexOutput>] = [:]
    private var answers: [[String]: Bool] = [:]

    func matches(_ text: String, _ pattern: JSON) -> Bool {
        guard case .string(let pattern) = pattern else { return false }
        if let answer = answers[[pattern, text]] { return answer }
        if compiled[pattern] == nil {
            // What cannot be compiled matches nothing, and the test says so.
            compiled[pattern] = try? Regex(pattern)
        }
        let answer = compiled[pattern].map { text.firstMatch(of: $0) != nil } ?? false
        answers[[pattern, text]] = answer
        return answer
    }
}

extension JSON {
    fileprivate var items: [JSON] { list ?? [self] }

    fileprivate var list: [JSON]? {
        if case .array(let items) = self { items } else { nil }
    }

    fileprivate var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }

    fileprivate var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    fileprivate func text(ifString: Void) -> String? {
        if case .string(let text) = self { text } else { nil }
    }

    fileprivate func isEqual(to other: JSON) -> Bool { self == other || (double != nil && double == other.double) }

    fileprivate var type: String {
        switch self {
        case .null: "null"
        case .boolean: "boolean"
        case .integer, .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        }
    }
}
