/// JSON Merge Patch (RFC 7396) on YAML: what the patch says keeps its own place, so that errors lead to its line.
enum MergePatch {
    /// Maps are merged, null removes a key, everything else replaces what was there.
    static func apply(_ patch: YAMLNode, to target: YAMLNode) -> YAMLNode {
        guard case .mapping(let changes) = patch.content else { return patch }
        var pairs: [YAMLPair] = []
        if case .mapping(let own) = target.content { pairs = own }
        // Keys are unique, so that no change meets what another one added.
        let places = Dictionary(pairs.enumerated().map { ($1.key, $0) }) { first, _ in first }
        var removed: Set<Int> = []
        for change in changes {
            let index = places[change.key]
            if change.value.isNull {
                if let index { removed.insert(index) }
            } else if let index {
                pairs[index].value = apply(change.value, to: pairs[index].value)
                pairs[index].keyPosition = change.keyPosition
            } else {
                var added = change
                // What is new loses its nulls as well.
                added.value = apply(change.value, to: YAMLNode(.mapping([]), at: change.value.position))
                pairs.append(added)
            }
        }
        if !removed.isEmpty { pairs = pairs.indices.filter { !removed.contains($0) }.map { pairs[$0] } }
        return YAMLNode(.mapping(pairs), at: target.position)
    }
}

extension YAMLNode {
    var isNull: Bool {
        if case .scalar(let scalar) = content { scalar.value == .null } else { false }
    }
}
