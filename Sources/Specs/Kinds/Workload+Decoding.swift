extension Workload: SpecDecodable {
    static let kind = ResourceKind.workload

    /// Leaves `hostPool` empty where it was left out; `HostPoolReferences` fills it.
    static func decode(_ field: Field) -> Workload? {
        let keys = ["hostPool", "replicas", "strategy", "publish", "template"]
        guard let fields = field.fields(keys) else { return nil }
        let hostPool = fields["hostPool"].map { $0.string(.objectName) } ?? ""
        let replicas: Int? = fields["replicas"].map { $0.integer(in: 0...1000) } ?? 1
        let strategy = fields["strategy"].map { Strategy.decode($0) } ?? .rolling
        let publish = fields["publish"].map { PublishedPort.decodeAll($0) } ?? []
        let template = fields.required("template").flatMap { ContainerTemplate.decode($0) }
        if let list = fields["publish"], publish?.isEmpty == false, let replicas, let strategy {
            reportPublishing(list, replicas: replicas, strategy: strategy)
        }
        guard let hostPool, let replicas, let strategy, let publish, let template else { return nil }
        return Workload(
            hostPool: hostPool, replicas: replicas, strategy: strategy, publish: publish.sorted(), template: template)
    }

    /// A port of the host can have one owner at a time, and nothing can hand it over yet.
    private static func reportPublishing(_ list: Field, replicas: Int, strategy: Strategy) {
        if replicas > 1 {
            let message = "\(list.name) needs 'replicas' to be 0 or 1, not \(replicas)"
            list.report(.conflictingFields, message, hint: "only one container can hold a port of the host")
        }
        if strategy != .recreate {
            let message = "\(list.name) needs 'strategy: {type: recreate}'"
            let hint = "switching a published port without dropping connections comes in a later version"
            list.report(.conflictingFields, message, hint: hint)
        }
    }
}

extension Workload.Strategy {
    fileprivate static func decode(_ field: Field) -> Self? {
        field.fields(["type"])?.required("type")?.choice(Self.self)
    }
}

extension PublishedPort {
    /// Where `FieldPositions` keeps the place of this port's `hostPort`.
    var fieldPath: String { "spec.publish.\(hostIP):\(hostPort)/\(container.transport.rawValue)" }

    fileprivate static func decodeAll(_ field: Field) -> [PublishedPort]? {
        var seen: [String: SourcePosition] = [:]
        return field.list { item in
            guard let port = decode(item) else { return nil }
            let place = item.context.fields[port.fieldPath] ?? item.node.position
            guard let first = seen.updateValue(place, forKey: port.fieldPath) else { return port }
            let message = "host port \(port.hostPort)/\(port.container.transport.rawValue) is listed twice"
            item.context.report(Diagnostic(.hostPortTaken, at: place, message, related: first))
            return nil
        }
    }

    private static func decode(_ field: Field) -> PublishedPort? {
        guard let fields = field.fields(["hostPort", "containerPort", "protocol", "hostIP"]) else { return nil }
        let hostPort: UInt16? = fields.required("hostPort")?.integer(in: 1...65535)
        let containerPort: UInt16? = fields.required("containerPort")?.integer(in: 1...65535)
        let transport = fields["protocol"].map { $0.choice(ContainerPort.Transport.self) } ?? .tcp
        let hostIP = fields["hostIP"].map { $0.string(.ipv4Address) } ?? "0.0.0.0"
        guard let hostPort, let containerPort, let transport, let hostIP else { return nil }
        let port = PublishedPort(hostIP: hostIP, hostPort: hostPort, container: ContainerPort(containerPort, transport))
        // Positions count items as the file does, but the spec sorts them; so each port has a path of its own too.
        field.context.record(port.fieldPath, at: field.context.fields["\(field.path).hostPort"] ?? field.node.position)
        return port
    }
}
