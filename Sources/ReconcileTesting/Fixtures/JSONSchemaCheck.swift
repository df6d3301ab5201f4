/// Checks JSON against a JSON Schema, as far as our own schemas go.
///
/// A keyword that it does not know is a finding, so that no schema says what nobody checks.
package struct JSONSchemaCheck {
    private let root: JSONDocument
    /// By their identifiers.
    private let others: [String: JSONDocument]
    private var findings: [String] = []

    private static let remarks: Set = ["$schema", "$id", "$defs", "title", "description"]

    /// What is wrong, one line each, beginning with the place; nothing where the document is as the schema says.
    ///
    /// - Parameter others: schemas that this one refers to.
    package static func findings(
        in document: JSONDocument, by schema: JSONDocument, referringTo others: [JSONDocument] = []
    ) -> [String] {
        let named = others.compactMap { other in other["$id"]?.text.map { ($0, other) } }
        var check = JSONSchemaCheck(root: schema, others: Dictionary(named) { $1 })
        check.check(document, schema, "$")
        return check.findings
    }

    private init(root: JSONDocument, others: [String: JSONDocument]) {
        self.root = root
        self.others = others
    }

    private mutating func check(_ value: JSONDocument, _ schema: JSONDocument, _ place: String) {
        for (keyword, word) in schema.members.sorted(by: { $0.key < $1.key })
        where !Self.remarks.contains(keyword) && keyword != "additionalProperties" {
            switch keyword {
            case "$ref": follow(word.text ?? "", value, place)
            case "type": checkType(value, word.text ?? "", place)
            case "const": if value != word { findings.append("\(place): is not \(word)") }
            case "enum":
                if !word.items.contains(value) { findings.append("\(place): \(value) is none of \(word.items)") }
            case "required":
                for name in word.items.compactMap(\.text) where value[name] == nil {
                    findings.append("\(place): '\(name)' is missing")
                }
            case "properties": checkMembers(value, word, schema, place)
            case "items":
                for (index, item) in value.items.enumerated() { check(item, word, "\(place)[\(index)]") }
            default: findings.append("\(place): the schema has the keyword '\(keyword)', which is not checked")
            }
        }
    }

    private mutating func follow(_ reference: String, _ value: JSONDocument, _ place: String) {
        if let other = others[reference] {
            findings += Self.findings(in: value, by: other).map { "\(place): \($0)" }
            return
        }
        let name = String(reference.dropFirst("#/$defs/".count))
        guard reference.hasPrefix("#/$defs/"), let target = root["$defs"]?[name] else {
            findings.append("\(place): the schema refers to '\(reference)', which is not there")
            return
        }
        check(value, target, place)
    }

    private mutating func checkMembers(
        _ value: JSONDocument, _ properties: JSONDocument, _ schema: JSONDocument, _ place: String
    ) {
        for (name, member) in value.members.sorted(by: { $0.key < $1.key }) {
            if let property = properties[name] {
                check(member, property, "\(place).\(name)")
            } else if schema["additionalProperties"] == .boolean(false) {
                findings.append("\(place): '\(name)' is not in the schema")
            }
        }
    }

    private mutating func checkType(_ value: JSONDocument, _ type: String, _ place: String) {
        let fits =
            switch (type, value) {
            case ("object", .object), ("array", .array), ("string", .string), ("boolean", .boolean),
                ("number", .number):
                true
            case ("integer", .number(let number)): number == number.rounded()
            default: false
            }
        if !fits { findings.append("\(place): is no \(type)") }
    }
}
