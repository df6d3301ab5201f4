/// The pairs of one mapping as they come in, with each key once.
struct YAMLEntries {
    private(set) var pairs: [YAMLPair] = []
    /// The index of each key, once there are enough of them for a search to cost more than a table.
    private var indices: [String: Int]?

    /// Where a key was written before, if it was.
    func place(of key: String) -> SourcePosition? {
        if let indices { return indices[key].map { pairs[$0].keyPosition } }
        for index in pairs.indices where pairs[index].key == key { return pairs[index].keyPosition }
        return nil
    }

    /// Adds a pair whose key has no place yet.
    mutating func append(_ pair: consuming YAMLPair) {
        if indices != nil { indices?[pair.key] = pairs.count }
        pairs.append(pair)
        guard indices == nil, pairs.count > 12 else { return }
        var table: [String: Int] = [:]
        for (index, pair) in pairs.enumerated() { table[pair.key] = index }
        indices = table
    }
}
