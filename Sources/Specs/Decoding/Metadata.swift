/// What every object carries besides its spec.
package struct Metadata: Hashable, Sendable {
    package var name = ""
    package var labels: [String: String] = [:]
    package var annotations: [String: String] = [:]
}

extension Metadata: Declared {
    package static let definition = ObjectDefinition(
        "Metadata", "What every object carries besides its spec.", blank: Metadata(),
        fields: [
            .required("name", \.name, .string(.objectName), "Unique among the objects of the kind.", .by("validation")),
            .field("labels", \.labels, .labels, "What selectors select by.", .by("validation")),
            .field(
                "annotations", \.annotations, .annotations,
                "Notes for people and programs. `reconcile.dev/paused` with `\"true\"` or a reason leaves a Workload or "
                    + "WarmPool alone until it is taken away.", .by("planner")),
        ])
}

extension Field {
    /// Keys that begin with this are written on containers by the controller alone.
    fileprivate static let reservedPrefix = "dev.reconcile."

    /// Labels in Kubernetes' syntax, without those that the controller writes itself.
    package func labels() -> [String: String]? {
        guard case .mapping(let pairs) = node.content else { return map(keys: .labelKey) { $0.string(.labelValue) } }
        for pair in pairs where pair.key.hasPrefix(Self.reservedPrefix) {
            let message = "label \(Diagnostic.quote(pair.key)) is reserved for the controller"
            let hint = "keys must not begin with '\(Self.reservedPrefix)'"
            context.report(Diagnostic(.reserved, at: pair.keyPosition, message, hint: hint))
        }
        return map(keys: .labelKey) { $0.string(.labelValue) }
    }
}

extension TextRule {
    /// A key of labels that is not one of the controller's own.
    static let ownLabelKey = TextRule(
        "a label key such as 'tier' or 'example.com/tier' that does not begin with 'dev.reconcile.'",
        pattern: labelKey.pattern.map { #"^(?!dev\.reconcile\.)"# + $0.dropFirst() }, example: "tier"
    ) { labelKey.allows($0) && !$0.hasPrefix(Field.reservedPrefix) }
}
