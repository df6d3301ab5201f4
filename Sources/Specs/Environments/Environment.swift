/// What is different where a host's configuration names this environment.
package struct Environment: Hashable, Sendable {
    package var variables: [String: WrittenValue]
    /// In the order of the file.
    package var patches: [Patch]

    /// A change to one object, as a JSON Merge Patch (RFC 7396).
    package struct Patch: Hashable, Sendable {
        package var target: ResourceID
        package var patch: WrittenValue
    }
}

extension Environment: KindSpec {
    package static let kind = ResourceKind.environment
    package static let place: any WritableKeyPath<SpecSet, [Resource<Self>]> & Sendable = \.environments

    package static let definition = ObjectDefinition(
        "Environment", "What is different on hosts whose configuration names this environment.",
        blank: Environment(variables: [:], patches: []),
        fields: [
            .field(
                "variables", \.variables, .map(keys: .variableName, values: .scalar),
                "Values of declared variables.", .by("validation")),
            .field(
                "patches", \.patches, .list(of: .object, counts: 0...1000),
                "Changes to objects of the revision, in this order.", .by("validation")),
        ])
}

extension Environment.Patch: Declared {
    package static let definition = ObjectDefinition(
        "Patch", "A change to one object.",
        blank: Self(
            target: ResourceID(.workload, ""),
            patch: WrittenValue(node: YAMLNode(.mapping([]), at: SourcePosition(file: "", line: 0, column: 0)))),
        fields: [
            .required("target", \.target, PatchTarget.reference, "The object that is changed."),
            .required(
                "patch", \.patch, .anyMap,
                "`metadata.labels`, `metadata.annotations` and `spec` as they are to be: maps are merged, `null` removes "
                    + "a key, and everything else is replaced (JSON Merge Patch, RFC 7396)."),
        ])
}

private struct PatchTarget: Hashable, Sendable {
    var kind = ResourceKind.workload
    var name = ""

    static let reference = ValueType<PatchTarget>.object.map { target, _ in ResourceID(target.kind, target.name) }
}

extension PatchTarget: Declared {
    static let definition = ObjectDefinition(
        "PatchTarget", "An object of the revision.", blank: PatchTarget(),
        fields: [
            .required("kind", \.kind, .kind(among: ResourceKind.allCases), "The kind of the object."),
            .required("name", \.name, .string(.objectName), "The name of the object."),
        ])
}
