import Specs

extension TypeDescription {
    /// The value that text of a variable or a flag stands for, as the file would say it.
    ///
    /// Text is taken as it is where the type is text, so that nothing needs quotes. Lists are written `a,b` and maps
    /// `key=value,key=value`, or both as YAML in brackets.
    ///
    /// - Throws: `InvalidText` whose problem completes the name of the variable or flag.
    func node(_ text: String, at position: SourcePosition) throws(InvalidText) -> YAMLNode {
        switch self {
        case .string, .scalar, .choice:
            return YAMLNode(.scalar(YAMLScalar(text, style: .doubleQuoted)), at: position)
        case .integer, .number, .boolean, .quantity, .either:
            return YAMLNode(.scalar(YAMLScalar(text)), at: position)
        case .list(let item, _, _):
            if text.hasPrefix("[") { return try Self.yaml(text, at: position) }
            var nodes: [YAMLNode] = []
            for part in Self.parts(text) { nodes.append(try item.node(part, at: position)) }
            return YAMLNode(.sequence(nodes), at: position)
        case .map(_, let values):
            if text.hasPrefix("{") { return try Self.yaml(text, at: position) }
            return try Self.map(text, values, at: position)
        case .object, .anything: return try Self.yaml(text, at: position)
        }
    }

    private static func map(
        _ text: String, _ values: TypeDescription, at position: SourcePosition
    ) throws(InvalidText) -> YAMLNode {
        var pairs: [YAMLPair] = []
        for part in parts(text) {
            guard let sign = part.firstIndex(of: "="), sign != part.startIndex else {
                throw InvalidText("must be written key=value, not \(Diagnostic.quote(part))")
            }
            let key = String(part[..<sign])
            // The last word counts, as it does everywhere on a command line.
            pairs.removeAll { $0.key == key }
            let value = try values.node(String(part[part.index(after: sign)...]), at: position)
            pairs.append(YAMLPair(key: key, keyPosition: position, value: value))
        }
        return YAMLNode(.mapping(pairs), at: position)
    }

    private static func parts(_ text: String) -> [String] {
        text.split(separator: ",").map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }

    private static func yaml(_ text: String, at position: SourcePosition) throws(InvalidText) -> YAMLNode {
        let stream = YAMLReader.read(SpecFile(path: position.file, bytes: Array(text.utf8)))
        if let finding = stream.diagnostics.first {
            throw InvalidText("is not YAML: \(finding.message)", hint: finding.hint)
        }
        guard stream.documents.count == 1 else { throw InvalidText("must be one value") }
        return stream.documents[0].root
    }
}
