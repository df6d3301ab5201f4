/// What decoding one document finds: its errors and where its fields were written.
package final class DecodingContext {
    package private(set) var diagnostics: [Diagnostic] = []
    package private(set) var fields = FieldPositions()

    package init() {}

    package func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

    /// Remembers the place of the field with this dotted path.
    package func record(_ path: String, at position: SourcePosition) { fields.record(path, at: position) }
}
