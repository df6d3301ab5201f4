/// The pairs of one mapping as they come in, with each key once.
struct YAMLEntries {
    private(set) var pairs: [YAMLPair] = []
    /// The index of each key, once there are enough of them for a search to cost more than a table.
    private var indices: [String: Int] = [:]

    /// Keeps the pair unless its key is there already; then says where that was written.
    mutating func append(_ pair: YAMLPair) -> SourcePosition? {
        if let first = index(of: pair.key) { return pairs[first].keyPosition }
        pairs.append(pair)
        if indices.isEmpty, pairs.count > 8 {
            for (index, pair) in pairs.enumerated() { indices[pair.key] = index }
        } else if !indices.isEmpty {
            indices[pair.key] = pairs.count - 1
        }
        return nil
    }

    private func index(of key: String) -> Int? {
        indices.isEmpty ? pairs.firstIndex { $0.key == key } : indices[key]
    }
}
