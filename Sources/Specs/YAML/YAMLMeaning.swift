/// What a tree of YAML says, without places, styles and the order of keys.
package indirect enum YAMLMeaning: Hashable, Sendable {
    /// The text stands beside its meaning, because a value may be taken as it was written.
    case scalar(YAMLScalar.Value, String)
    case list([YAMLMeaning])
    case map([String: YAMLMeaning])

    package init(_ node: YAMLNode) {
        switch node.content {
        case .scalar(let scalar):
            let value = scalar.value
            // All spellings of null are the same nothing.
            self = .scalar(value, value == .null ? "" : scalar.text)
        case .sequence(let items): self = .list(items.map { YAMLMeaning($0) })
        case .mapping(let pairs):
            self = .map(Dictionary(pairs.map { ($0.key, YAMLMeaning($0.value)) }) { first, _ in first })
        }
    }
}
