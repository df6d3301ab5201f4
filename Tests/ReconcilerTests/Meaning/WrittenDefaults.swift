import Reconciler
import Specs

/// Changes documents by what the definitions of the language say of their fields.
struct WrittenDefaults {
    var random: SplitMix64

    /// The document with some or all of the defaults that were left out.
    mutating func added(to root: YAMLNode) -> YAMLNode {
        each(root, in: Self.document(root)) { node, object, random in
            guard case .mapping(var pairs) = node.content else { return node }
            for field in object.fields where !pairs.contains(where: { $0.key == field.name }) {
                guard let text = field.defaultText, Bool.random(using: &random),
                    Self.canBeWritten(field.name, of: object.name, beside: pairs), let value = Self.value(text)
                else { continue }
                pairs.append(YAMLPair(key: field.name, keyPosition: node.position, value: value))
            }
            return YAMLNode(.mapping(pairs), at: node.position)
        }
    }

    /// The document without a few of the fields that may be left out; whether it is still right is not looked at.
    mutating func thinned(_ root: YAMLNode) -> YAMLNode {
        each(root, in: Self.document(root)) { node, object, random in
            guard case .mapping(let pairs) = node.content else { return node }
            let optional = Set(object.fields.filter { !$0.isRequired }.map(\.name))
            let kept = pairs.filter { !optional.contains($0.key) || Int.random(in: 0..<6, using: &random) > 0 }
            return YAMLNode(.mapping(kept), at: node.position)
        }
    }

    /// Fields that belong to some values of other fields cannot be written beside the rest, defaults or not.
    private static func canBeWritten(_ field: String, of object: String, beside pairs: [YAMLPair]) -> Bool {
        func text(_ key: String) -> String? {
            guard case .scalar(let scalar)? = pairs.first(where: { $0.key == key })?.value.content else { return nil }
            return scalar.text
        }
        return switch (object, field) {
        case ("Metric", "step"): text("strategy") == "threshold"
        case ("Metric", "times"): text("type") == "PoolExhausted"
        case ("Peer", "allowPrivate"): text("cidr") != nil
        case ("Toleration", "value"): text("operator") != "Exists"
        case ("Seccomp", "base"): text("file") == nil
        default: true
        }
    }

    private static func value(_ text: String) -> YAMLNode? {
        let file = SpecFile(path: "default.yaml", bytes: Array("v: \(text)".utf8))
        guard case .mapping(let pairs)? = YAMLReader.read(file).documents.first?.root.content else { return nil }
        return pairs.first?.value
    }

    // MARK: Walking through a document by its definitions

    private typealias Change = (YAMLNode, ObjectDescription, inout SplitMix64) -> YAMLNode

    private static func document(_ root: YAMLNode) -> [String: ObjectDescription] {
        guard case .mapping(let pairs) = root.content,
            case .scalar(let scalar)? = pairs.first(where: { $0.key == "kind" })?.value.content,
            let kind = ResourceKind(rawValue: scalar.text), let spec = KindDefinition[kind]?.spec
        else { return [:] }
        return ["metadata": Metadata.definition.description, "spec": spec.load()]
    }

    private mutating func each(
        _ root: YAMLNode, in objects: [String: ObjectDescription], _ change: Change
    ) -> YAMLNode {
        guard case .mapping(var pairs) = root.content else { return root }
        for index in pairs.indices {
            guard let object = objects[pairs[index].key] else { continue }
            pairs[index].value = visit(pairs[index].value, object, change)
        }
        return YAMLNode(.mapping(pairs), at: root.position)
    }

    private mutating func visit(_ node: YAMLNode, _ object: ObjectDescription, _ change: Change) -> YAMLNode {
        guard case .mapping(var pairs) = change(node, object, &random).content else { return node }
        for index in pairs.indices {
            guard let field = object.fields.first(where: { $0.name == pairs[index].key }) else { continue }
            pairs[index].value = visit(pairs[index].value, field.type, change)
        }
        return YAMLNode(.mapping(pairs), at: node.position)
    }

    private mutating func visit(_ node: YAMLNode, _ type: TypeDescription, _ change: Change) -> YAMLNode {
        switch (type, node.content) {
        case (.object(let object), .mapping): return visit(node, object.load(), change)
        case (.list(let item, _, _), .sequence(let items)):
            return YAMLNode(.sequence(items.map { visit($0, item, change) }), at: node.position)
        case (.map(_, let values), .mapping(var pairs)):
            for index in pairs.indices { pairs[index].value = visit(pairs[index].value, values, change) }
            return YAMLNode(.mapping(pairs), at: node.position)
        case (.either(let types), .mapping):
            let object = types.first { if case .object = $0 { true } else { false } }
            return object.map { visit(node, $0, change) } ?? node
        default: return node
        }
    }
}
