/// Turns one YAML document into one object of the language.
enum DocumentDecoder {
    static let apiVersion = "reconcile.dev/v1"

    /// What became of a document.
    struct Result {
        /// Kind and name, when both can be read, even if the rest is wrong; and where the name stands.
        var identity: (id: ResourceID, place: SourcePosition)?
        /// Puts the object into a revision; nil after findings.
        var insert: (@Sendable (inout SpecSet) -> Void)?
        var diagnostics: [Diagnostic]
    }

    static func decode(_ root: YAMLNode) -> Result {
        let context = DecodingContext(root)
        guard let document = Field(root, in: context).fields(["apiVersion", "kind", "metadata", "spec"]) else {
            return Result(diagnostics: context.diagnostics)
        }
        let isKnownVersion = checkVersion(document)
        guard let kind = decodeKind(document), isKnownVersion else { return Result(diagnostics: context.diagnostics) }
        let metadata = document.required("metadata").flatMap { Metadata.definition.decode($0) }
        let insert = KindDefinition[kind]?.decode(document, metadata)
        let place = root.child("metadata")?.child("name")?.position ?? root.position
        let identity = metadata.map { (id: ResourceID(kind, $0.name), place: place) }
        return Result(identity: identity, insert: insert, diagnostics: context.diagnostics)
    }

    private static func checkVersion(_ document: FieldReader) -> Bool {
        guard let field = document.required("apiVersion"), let text = field.string() else { return false }
        if text == apiVersion { return true }
        field.report(
            .unknownAPIVersion, "unknown apiVersion \(Diagnostic.quote(text))",
            hint: "this version knows '\(apiVersion)'")
        return false
    }

    private static func decodeKind(_ document: FieldReader) -> ResourceKind? {
        guard let field = document.required("kind"), let text = field.string() else { return nil }
        if let kind = ResourceKind(rawValue: text) { return kind }
        let known = ResourceKind.allCases.map(\.rawValue)
        field.report(
            .unknownKind, "unknown kind \(Diagnostic.quote(text))",
            hint: NearestName.hint(for: text, among: known) ?? "known kinds: \(known.joined(separator: ", "))")
        return nil
    }
}
