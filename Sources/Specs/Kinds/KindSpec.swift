/// The spec of one kind, as it is read from the `spec` field of a document.
protocol SpecDecodable: Hashable, Sendable {
    static var kind: ResourceKind { get }

    /// The spec, or nil after reporting why there is none.
    static func decode(_ field: Field) -> Self?
}

extension Resource where Spec: SpecDecodable {
    /// Reads `metadata` and `spec` of a document whose `apiVersion` and `kind` are known already.
    static func decode(_ document: FieldReader, _ metadata: Metadata?) -> Resource? {
        let spec = document.required("spec").flatMap { Spec.decode($0) }
        guard let metadata, let spec else { return nil }
        return Resource(
            id: ResourceID(Spec.kind, metadata.name), labels: metadata.labels, annotations: metadata.annotations,
            spec: spec, origin: document.field.node.position, fields: document.field.context.fields)
    }
}
