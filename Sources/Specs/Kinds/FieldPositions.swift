/// Where each field of an object was written, by its dotted path such as `spec.template.image`.
package struct FieldPositions: Sendable {
    /// The document, which knows all places: they are looked up when somebody asks, which is seldom.
    private var root: YAMLNode?
    /// Places of what has no path in the document, such as one port of a list that is sorted.
    private var named: [String: SourcePosition] = [:]

    package init(_ root: YAMLNode? = nil) { self.root = root }

    /// The place of the field, or of the nearest enclosing one that was written.
    package subscript(path: String) -> SourcePosition? { named[path] ?? root?.position(of: path[...]) }

    package mutating func record(_ path: String, at position: SourcePosition) { named[path] = position }
}

extension YAMLNode {
    /// Keys may hold dots themselves; the key that leads deepest is the one that is meant.
    fileprivate func position(of path: Substring) -> SourcePosition? {
        switch content {
        case .scalar: return nil
        case .sequence(let items):
            let end = path.firstIndex(of: ".") ?? path.endIndex
            guard let index = Int(path[..<end]), items.indices.contains(index) else { return nil }
            return items[index].position(of: path[end...].dropFirst()) ?? items[index].position
        case .mapping(let pairs):
            var nearest: SourcePosition?
            for pair in pairs where path.hasPrefix(pair.key) {
                let rest = path.dropFirst(pair.key.count)
                guard rest.isEmpty || rest.first == "." else { continue }
                if let place = pair.value.position(of: rest.dropFirst()) { return place }
                nearest = pair.value.position
            }
            return nearest
        }
    }
}
