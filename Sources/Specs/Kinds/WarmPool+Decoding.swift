extension WarmPool: SpecDecodable {
    static let kind = ResourceKind.warmPool

    /// Leaves `hostPool` empty where it was left out; `HostPoolReferences` fills it.
    static func decode(_ field: Field) -> WarmPool? {
        guard let fields = field.fields(["hostPool", "size", "template"]) else { return nil }
        let hostPool = fields["hostPool"].map { $0.string(.objectName) } ?? ""
        let size: Int? = fields.required("size")?.integer(in: 0...1000)
        let template = fields.required("template").flatMap { ContainerTemplate.decode($0) }
        guard let hostPool, let size, let template else { return nil }
        return WarmPool(hostPool: hostPool, size: size, template: template)
    }
}
