/// What a schema says of the rules between the fields of one map.
struct RuleSchema {
    private let object: ObjectDescription

    init(_ object: ObjectDescription) { self.object = object }

    /// - Parameter type: gives the schema of a type.
    func schema(_ type: (TypeDescription) -> JSON) -> JSON {
        let exactly = object.exactlyOneOf.map { names -> JSON in ["oneOf": .array(names.map { required([$0]) })] }
        let atMost = object.atMostOneOf.map { names -> JSON in
            let some = names.map { required([$0]) }
            return ["oneOf": .array(some + [["not": ["anyOf": .array(some)]]])]
        }
        let conditions = object.conditions.filter { !$0.then.isEmpty }.map { condition -> JSON in
            let then = together(condition.then.map { schema(of: $0, type) })
            if condition.when.isEmpty { return then }
            return ["if": together(condition.when.map { test($0) }), "then": then]
        }
        let all = exactly + atMost + conditions
        return all.isEmpty ? [:] : ["allOf": .array(all)]
    }

    /// What must hold.
    private func schema(of state: FieldState, _ type: (TypeDescription) -> JSON) -> JSON {
        switch state {
        case .has(let path, let values):
            let value: JSON = ["anyOf": [["enum": yaml(values)], ScalarSchema.variableReference]]
            return place(value, at: path, isNeeded: !isDefault(path, among: values))
        case .takes(let name, let description): return properties(name, type(description))
        case .any(let states): return ["anyOf": .array(states.map { schema(of: $0, type) })]
        case .isWritten, .isLeftOut, .isFilled: return test(state)
        }
    }

    /// What is asked; a variable may have any value, so that it is never an answer.
    private func test(_ state: FieldState) -> JSON {
        switch state {
        case .isWritten(let name): required([name])
        case .isLeftOut(let name): properties(name, false)
        case .isFilled(let name): required([name]) + properties(name, ["minItems": 1, "minProperties": 1])
        case .has(let path, let values):
            place(["enum": yaml(values)], at: path, isNeeded: !isDefault(path, among: values))
        case .takes: preconditionFailure("a type is demanded, not asked for")
        case .any(let states): ["anyOf": .array(states.map { test($0) })]
        }
    }

    private func place(_ value: JSON, at path: String, isNeeded: Bool) -> JSON {
        path.split(separator: ".").reversed().reduce(value) { inner, name in
            (isNeeded ? required([String(name)]) : [:]) + properties(String(name), inner)
        }
    }

    private func isDefault(_ path: String, among values: [String]) -> Bool {
        var objects = [object]
        var field: FieldDescription?
        for name in path.split(separator: ".") {
            field = objects.flatMap(\.fields).first { $0.name == name }
            objects = field?.type.objects ?? []
        }
        return field?.defaultText.map { values.contains($0) } ?? false
    }

    private func together(_ schemas: [JSON]) -> JSON { schemas.count == 1 ? schemas[0] : ["allOf": .array(schemas)] }
    private func required(_ names: [String]) -> JSON { ["required": .strings(names)] }
    private func properties(_ name: String, _ schema: JSON) -> JSON {
        ["properties": .object([JSON.Member(name, schema)])]
    }
    private func yaml(_ values: [String]) -> JSON { .array(values.compactMap { JSON(yaml: $0) }) }
}
