/// The spec of one kind, as it is declared, decoded and kept.
package protocol KindSpec: Declared, Hashable {
    static var kind: ResourceKind { get }
    /// Where the objects of this kind are in a revision.
    static var place: any WritableKeyPath<SpecSet, [Resource<Self>]> & Sendable { get }
    /// Where fields are made true that say nothing of it themselves, up to the `spec`.
    static var enforcement: Enforcement { get }
}

extension KindSpec {
    package static var enforcement: Enforcement { .inherited }
}

/// One kind of the language, whatever its Swift type.
///
/// A class for the same reason as `ObjectDefinition`: every document looks up its kind.
package final class KindDefinition: Sendable {
    package let kind: ResourceKind
    /// The `spec` of the kind.
    package let spec: ObjectDescription.Provider
    package let enforcement: Enforcement
    /// What puts the object of a document into a revision; nil after reporting why there is none.
    let decode: @Sendable (FieldReader, Metadata?) -> (@Sendable (inout SpecSet) -> Void)?

    /// How many objects of this kind a revision declares.
    package let count: @Sendable (SpecSet) -> Int

    private init<Spec: KindSpec>(_ type: Spec.Type) {
        kind = Spec.kind
        count = { $0[keyPath: Spec.place].count }
        enforcement = Spec.enforcement
        spec = ObjectDescription.Provider(name: "\(Spec.self)") { Spec.definition.description }
        decode = { document, metadata in
            guard let resource = Resource<Spec>.decode(document, metadata) else { return nil }
            return { $0[keyPath: Spec.place].append(resource) }
        }
    }

    /// All kinds, in the order in which the reference shows them.
    package static let all: [KindDefinition] = [
        KindDefinition(HostPool.self), KindDefinition(Workload.self), KindDefinition(WarmPool.self),
        KindDefinition(ScheduledTask.self), KindDefinition(ContainerTemplate.self), KindDefinition(ResourceLimits.self),
        KindDefinition(SecurityProfile.self), KindDefinition(NetworkPolicy.self), KindDefinition(Autoscaler.self),
        KindDefinition(MaintenanceWindow.self), KindDefinition(Variables.self), KindDefinition(Environment.self),
    ]

    /// The kind of this name, in any case.
    package static func named(_ name: String) -> KindDefinition? {
        all.first { $0.kind.rawValue.lowercased() == name.lowercased() }
    }

    package static subscript(kind: ResourceKind) -> KindDefinition? { byKind[kind] }

    private static let byKind = Dictionary(uniqueKeysWithValues: all.map { ($0.kind, $0) })
}

extension Resource where Spec: KindSpec {
    /// Reads `metadata` and `spec` of a document whose `apiVersion` and `kind` are known already.
    static func decode(_ document: FieldReader, _ metadata: Metadata?) -> Resource? {
        let spec = document.required("spec").flatMap { Spec.definition.decode($0) }
        guard let metadata, let spec else { return nil }
        let context = document.field.context
        context.reportUnenforced(of: ResourceID(Spec.kind, metadata.name))
        return Resource(
            id: ResourceID(Spec.kind, metadata.name), labels: metadata.labels, annotations: metadata.annotations,
            spec: spec, origin: document.field.node.position, fields: context.fields, unenforced: context.unenforced)
    }
}
