/// One object of the language: its identity, its labels, its spec, and where each field was written.
///
/// Equality is equality of meaning: positions take no part in it.
package struct Resource<Spec: Hashable & Sendable>: Equatable, Sendable {
    package var id: ResourceID
    package var labels: [String: String]
    package var annotations: [String: String]
    @CopyOnWrite package var spec: Spec
    /// Where the document of this object begins.
    package var origin: SourcePosition
    package var fields: FieldPositions
    /// Fields that are not written in the object and that another one gives it, by their paths.
    package var given: [String: GivenField] = [:]
    /// What the object, or a policy that selects it, asks for and this version cannot carry out yet; any holds it.
    package var unenforced: [UnenforcedDemand]

    package init(
        id: ResourceID, labels: [String: String] = [:], annotations: [String: String] = [:], spec: Spec,
        origin: SourcePosition, fields: FieldPositions = FieldPositions(), unenforced: [UnenforcedDemand] = []
    ) {
        self.id = id
        self.labels = labels
        self.annotations = annotations
        _spec = CopyOnWrite(wrappedValue: spec)
        self.origin = origin
        self.fields = fields
        self.unenforced = unenforced
    }

    /// Where a field was written, or else where the object begins.
    package func position(of field: String) -> SourcePosition { fields[field] ?? origin }

    package static func == (a: Self, b: Self) -> Bool {
        a.id == b.id && a.labels == b.labels && a.annotations == b.annotations && a.spec == b.spec
    }
}

/// A value that an object has from another one, such as a limit from a ResourceLimits.
package struct GivenField: Hashable, Sendable {
    package var by: ResourceID
    package var position: SourcePosition

    package init(by: ResourceID, at position: SourcePosition) {
        self.by = by
        self.position = position
    }
}
