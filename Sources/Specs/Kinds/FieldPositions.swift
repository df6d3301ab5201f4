/// Where each field of an object was written, by its dotted path such as `spec.template.image`.
package struct FieldPositions: Sendable {
    @CopyOnWrite private var places = Places()

    private struct Places {
        /// The document, which knows all places: they are looked up when somebody asks, which is seldom.
        var root: YAMLNode?
        /// Places of what has no path in the document, such as one port of a list that is sorted.
        var named: [String: SourcePosition] = [:]
        var adopted: Adopted?
    }

    /// Fields that stand in another document.
    private struct Adopted {
        /// What the paths begin with here, and what there; with a dot at the end.
        var own: String
        var other: String
        var root: YAMLNode
    }

    package init(_ root: YAMLNode? = nil) { places.root = root }

    /// The place of the field, or of the nearest enclosing one that was written.
    package subscript(path: String) -> SourcePosition? {
        if let place = places.named[path] { return place }
        if let adopted = places.adopted, path.hasPrefix(adopted.own) {
            let other = adopted.other + path.dropFirst(adopted.own.count)
            if let place = adopted.root.position(of: other[...]) { return place }
        }
        return places.root?.position(of: path[...])
    }

    /// Looks up the fields below `own` below `path` of another object, as if they stood here.
    package mutating func adopt(_ other: FieldPositions, below path: String, as own: String) {
        places.adopted = other.places.root.map { Adopted(own: own + ".", other: path + ".", root: $0) }
    }

    package mutating func record(_ path: String, at position: SourcePosition) { places.named[path] = position }
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
