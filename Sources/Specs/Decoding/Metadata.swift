/// What every object carries besides its spec.
struct Metadata {
    var name: String
    var labels: [String: String]
    var annotations: [String: String]

    /// The metadata, or nil after reporting why there is none.
    static func decode(_ field: Field) -> Metadata? {
        guard let fields = field.fields(["name", "labels", "annotations"]) else { return nil }
        let name = fields.required("name")?.string(.objectName)
        let labels = fields["labels"].map { $0.labels() } ?? [:]
        let annotations = fields["annotations"].map { $0.annotations() } ?? [:]
        guard let name, let labels, let annotations else { return nil }
        return Metadata(name: name, labels: labels, annotations: annotations)
    }
}

extension Field {
    /// Keys that begin with this are written on containers by the controller alone.
    private static let reservedPrefix = "dev.reconcile."

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

    /// Keys as of labels, with any text behind them.
    func annotations() -> [String: String]? { map(keys: .labelKey) { $0.string() } }
}
