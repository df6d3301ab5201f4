/// Reads a seccomp profile of the repository: a file in Docker's JSON format.
///
/// YAML 1.2 holds JSON, so that the reader of specs reads it, with its bounds, and findings have their line and column.
enum SeccompFile {
    /// The profile, or what is wrong with it; unknown names of calls are findings that leave a profile.
    static func read(_ file: SpecFile) -> (profile: SeccompProfile?, diagnostics: [Diagnostic]) {
        // JSON indents with tabs as it pleases; in its strings they cannot stand.
        let bytes = file.bytes.map { $0 == UInt8(ascii: "\t") ? UInt8(ascii: " ") : $0 }
        let stream = YAMLReader.read(SpecFile(path: file.path, bytes: bytes))
        guard stream.diagnostics.isEmpty, stream.isComplete else { return (nil, stream.diagnostics) }
        guard stream.documents.count == 1, let root = stream.documents.first?.root else {
            let place = SourcePosition(file: file.path, line: 1, column: 1)
            return (nil, [Diagnostic(.wrongType, at: place, "a seccomp profile is one map in JSON")])
        }
        let context = DecodingContext()
        let profile = SeccompProfile.definition.decode(Field(root.withoutNulls, in: context))
        return (profile, context.diagnostics)
    }
}

extension YAMLNode {
    /// Without the keys whose value is null: Docker reads them as if they were not there.
    fileprivate var withoutNulls: YAMLNode {
        switch content {
        case .scalar: return self
        case .sequence(let nodes): return YAMLNode(.sequence(nodes.map(\.withoutNulls)), at: position)
        case .mapping(let pairs):
            let kept = pairs.filter { pair in
                if case .scalar(let scalar) = pair.value.content { scalar.value != .null } else { true }
            }
            let stripped = kept.map { YAMLPair(key: $0.key, keyPosition: $0.keyPosition, value: $0.value.withoutNulls) }
            return YAMLNode(.mapping(stripped), at: position)
        }
    }
}

extension SeccompProfile {
    /// Reads a profile in Docker's format; nil for what is none.
    package init?(json: String) {
        guard let profile = SeccompFile.read(SpecFile(path: "profile.json", bytes: Array(json.utf8))).profile else {
            return nil
        }
        self = profile
    }
}
