/// What decoding one document finds: its errors and where its fields were written.
package final class DecodingContext {
    package private(set) var diagnostics: [Diagnostic] = []
    package private(set) var fields: FieldPositions

    /// Fields whose meaning nothing makes true yet; the object that says them is held.
    package private(set) var unenforced: [UnenforcedDemand] = []

    /// - Parameter root: the document that is decoded.
    package init(_ root: YAMLNode? = nil) { fields = FieldPositions(root) }

    package func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

    /// Remembers that this field says what this version cannot carry out yet.
    package func recordUnenforced(_ field: Field) {
        unenforced.append(UnenforcedDemand("'\(field.path)'", at: field.node.position))
    }

    /// Says once, at the first such field, what of an object is not carried out.
    func reportUnenforced(of id: ResourceID) {
        guard let first = unenforced.first else { return }
        let names = unenforced.map(\.demand).joined(separator: ", ")
        let related = unenforced.dropFirst().map { Diagnostic.Related($0.position, $0.demand) }
        report(
            Diagnostic(
                .notYetEnforced, at: first.position, "this version does not carry out \(names)",
                hint: "\(id) and what needs it are held", related: related))
    }

    /// Remembers the place of the field with this dotted path.
    package func record(_ path: String, at position: SourcePosition) { fields.record(path, at: position) }
}

/// Something that an object asks for and this version cannot carry out yet.
package struct UnenforcedDemand: Hashable, Sendable {
    /// A field in quotes, or the object that demands it: `'spec.securityProfile'`, `NetworkPolicy/egress`.
    package var demand: String
    package var position: SourcePosition

    package init(_ demand: String, at position: SourcePosition) {
        self.demand = demand
        self.position = position
    }
}
